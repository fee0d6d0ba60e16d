package dev.pantograph.backends.reference;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Philox;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SparseIndices;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongToDoubleFunction;

/** A reference backend with tensors made for one test, and their end. Tensors are F64 unless a type is named. */
final class Workbench implements AutoCloseable {
  private static final long SEED = 20261121;

  private final Backend backend = new ReferenceBackendProvider().open(BackendOptions.defaults());
  private final List<Buffer> buffers = new ArrayList<>();

  Backend backend() {
    return backend;
  }

  View tensor(Shape shape, double... values) {
    return tensor(DType.F64, shape, values);
  }

  View tensor(DType type, Shape shape, double... values) {
    if (values.length != shape.elements()) {
      throw new IllegalArgumentException(values.length + " values for shape " + shape);
    }
    return fill(type, shape, i -> values[(int) i]);
  }

  View vector(double... values) {
    return tensor(Shape.of(values.length), values);
  }

  View ids(Shape shape, double... ids) {
    return tensor(DType.I32, shape, ids);
  }

  View zeros(long... sizes) {
    return fill(DType.F64, Shape.of(sizes), i -> 0);
  }

  /** A result to be: NaN everywhere, so that whatever is read or left out shows. */
  View unset(long... sizes) {
    return fill(DType.F64, Shape.of(sizes), i -> Double.NaN);
  }

  /** Standard normal numbers, the same in every run, others for every tensor of a test. */
  View normal(long... sizes) {
    long stream = buffers.size();
    return fill(DType.F64, Shape.of(sizes), i -> Philox.normal(SEED, stream, i));
  }

  SparsePattern pattern(SparseIndices indices) {
    Buffer buffer = backend.allocate("pattern", indices.byteSize());
    buffers.add(buffer);
    return indices.upload(backend, buffer, 0);
  }

  /** The same elements without gaps. */
  View copyOf(View view) {
    return fill(view.type(), view.shape(), Elements.of(view)::get);
  }

  double[] values(View view) {
    double[] values = new double[Math.toIntExact(view.elements())];
    Arrays.setAll(values, Elements.of(view)::get);
    return values;
  }

  void run(Kernel kernel) {
    backend.submit(kernel);
  }

  private View fill(DType type, Shape shape, LongToDoubleFunction value) {
    Buffer buffer = backend.allocate("t" + buffers.size(), shape.elements() * type.bytes());
    buffers.add(buffer);
    View view = View.of(buffer, type, 0, shape);
    Elements elements = Elements.of(view);
    for (long i = 0; i < shape.elements(); i++) {
      elements.set(i, value.applyAsDouble(i));
    }
    return view;
  }

  @Override
  public void close() {
    buffers.forEach(Buffer::close);
    backend.close();
  }
}
