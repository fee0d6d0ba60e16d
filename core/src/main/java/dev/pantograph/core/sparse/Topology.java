package dev.pantograph.core.sparse;

import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SparseIndices;
import dev.pantograph.spi.SparsePattern;

/**
 * Which weights of a layer there are, on the host and on a backend.
 *
 * @param indices on the host
 * @param pattern the same on the backend
 * @param memory where that lies
 * @param version how often it was changed, 0 as the model was made
 */
public record Topology(SparseIndices indices, SparsePattern pattern, Tensor memory, long version) {

  /** Copies indices to a backend. */
  public static Topology place(Storage storage, Backend backend, String name, SparseIndices indices, long version) {
    Tensor memory = storage.allocate(name + ".indices", DType.I32, Shape.of(indices.byteSize() / Integer.BYTES));
    SparsePattern pattern = indices.upload(backend, memory.view().buffer(), memory.view().byteOffset());
    return new Topology(indices, pattern, memory, version);
  }
}
