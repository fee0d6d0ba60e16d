package dev.pantograph.jmh;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Philox;
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SparseIndices;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Makes a kernel's operands in a backend's memory and gives them back together. */
final class Operands implements AutoCloseable {
  private final Backend backend;
  private final List<Buffer> buffers = new ArrayList<>();

  Operands(Backend backend) {
    this.backend = backend;
  }

  /** Values of the standard normal distribution, different in each operand. */
  View normal(Shape shape) {
    View view = empty(DType.F32, shape);
    backend.submit(new Randomize(view, new Randomize.Distribution.Normal(0, 1), 0, buffers.size()));
    return view;
  }

  /** {@link #normal(Shape)}. */
  View normal(long... sizes) {
    return normal(Shape.of(sizes));
  }

  /** One value everywhere. */
  View filled(double value, Shape shape) {
    View view = empty(DType.F32, shape);
    backend.submit(new Fill(view, value));
    return view;
  }

  /** Room for a result. */
  View result(Shape shape) {
    return filled(0, shape);
  }

  /** {@link #result(Shape)}. */
  View result(long... sizes) {
    return result(Shape.of(sizes));
  }

  /** Room for one number in double precision. */
  View accumulator() {
    return empty(DType.F64, Shape.scalar());
  }

  /** Token indices below the size of a vocabulary. */
  View tokens(int vocabulary, Shape shape) {
    View view = empty(DType.I32, shape);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(view.bytes(), Integer.BYTES);
      for (long i = 0; i < shape.elements(); i++) {
        host.setAtIndex(ValueLayout.JAVA_INT, i, (int) Philox.below(vocabulary, 0, buffers.size(), i));
      }
      backend.upload(host, view.buffer(), 0);
    }
    return view;
  }

  /** A pattern whose weights are there with this probability each. */
  SparsePattern pattern(int rows, int columns, double density) {
    int stream = buffers.size();
    SparseIndices indices = SparseIndices.of(rows, columns, (row, column) ->
        Philox.uniform(0, stream, (long) row * columns + column) < density);
    Buffer buffer = backend.allocate("pattern " + buffers.size(), indices.byteSize());
    buffers.add(buffer);
    return indices.upload(backend, buffer, 0);
  }

  /** Runs a kernel whose results another one needs. */
  void submit(Kernel kernel) {
    backend.submit(kernel);
  }

  private View empty(DType type, Shape shape) {
    Buffer buffer = backend.allocate("operand " + buffers.size(), shape.elements() * type.bytes());
    buffers.add(buffer);
    return View.of(buffer, type, 0, shape);
  }

  @Override
  public void close() {
    buffers.reversed().forEach(Buffer::close);
  }
}
