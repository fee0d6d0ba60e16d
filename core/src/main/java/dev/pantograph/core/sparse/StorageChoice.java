package dev.pantograph.core.sparse;

import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SparseIndices;
import dev.pantograph.spi.SparseMatMul;
import org.jspecify.annotations.Nullable;

/**
 * How a model's sparse weights are held, and why.
 *
 * @param storage MASKED or COMPRESSED
 * @param reason a clause for logs and reports
 */
public record StorageChoice(WeightStorage storage, String reason) {

  /**
   * Decides for one model.
   *
   * @param parameters element type of the parameters
   * @param compute element type of the factors of products
   * @throws IllegalArgumentException if COMPRESSED is wanted where it cannot be
   */
  public static StorageChoice of(WeightStorage wanted, Backend backend, DType parameters, DType compute) {
    if (wanted == WeightStorage.MASKED) {
      return new StorageChoice(WeightStorage.MASKED, "as configured");
    }
    String obstacle = obstacle(backend, parameters, compute);
    if (wanted == WeightStorage.AUTO) {
      return obstacle == null
          ? new StorageChoice(WeightStorage.COMPRESSED, "backend '%s' has sparse products".formatted(backend.id()))
          : new StorageChoice(WeightStorage.MASKED, obstacle);
    }
    if (obstacle != null) {
      throw new IllegalArgumentException("sparse weights: storage is compressed, but %s (expected: sparse products in %s);"
          .formatted(obstacle, parameters) + " set storage to masked, or choose another backend or precision");
    }
    return new StorageChoice(WeightStorage.COMPRESSED, "as configured");
  }

  /** Why weights cannot be compressed, or null: asks the backend for the products of one weight. */
  private static @Nullable String obstacle(Backend backend, DType parameters, DType compute) {
    if (compute != parameters) {
      return "%s products need dense weights: sparse ones compute in %s".formatted(compute, parameters);
    }
    try (Storage storage = new Storage(backend)) {
      Tensor one = storage.allocate("sparse.probe", parameters, Shape.of(1, 1));
      Tensor out = storage.allocate("sparse.probe.out", parameters, Shape.of(1, 1));
      one.set(1.0);
      Topology topology = Topology.place(storage, backend, "sparse.probe", SparseIndices.of(1, 1, (_, _) -> true), 0);
      backend.submit(SparseMatMul.forward(
          out.view(), one.view(), one.view().reshape(Shape.of(1)), topology.pattern(), null));
      backend.submit(new SampledMatMul(
          out.view().reshape(Shape.of(1)), one.view(), one.view(), topology.pattern(), 1, false));
      return null;
    } catch (KernelException e) {
      return "backend '%s' has no sparse products: %s".formatted(backend.id(), e.getMessage());
    }
  }
}
