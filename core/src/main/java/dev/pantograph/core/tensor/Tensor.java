package dev.pantograph.core.tensor;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Bfloat16;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Copy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;

/**
 * A named array on a backend. It borrows its memory from the {@link Allocator} that made it: {@link Storage} for what
 * lives as long as the model, {@link Workspace} for what lives one step.
 *
 * @param backend where the elements live and kernels on them run
 * @param name as shown in error messages and checkpoints
 * @param view the elements
 */
public record Tensor(Backend backend, String name, View view) {

  public Shape shape() {
    return view.shape();
  }

  public DType type() {
    return view.type();
  }

  /** The elements in row-major order, converted to float64. Floating tensors only. */
  public double[] toDoubles() {
    if (!view.isContiguous()) {
      try (Buffer staging = backend.allocate(name + " (contiguous)", view.bytes())) {
        View copy = View.of(staging, view.type(), 0, view.shape());
        backend.submit(new Copy(copy, view));
        return new Tensor(backend, name, copy).toDoubles();
      }
    }
    int count = Math.toIntExact(view.elements());
    double[] values = new double[count];
    switch (type()) {
      case F32 -> {
        float[] floats = new float[count];
        download(MemorySegment.ofArray(floats));
        for (int i = 0; i < count; i++) {
          values[i] = floats[i];
        }
      }
      case F64 -> download(MemorySegment.ofArray(values));
      case BF16 -> {
        short[] shorts = new short[count];
        download(MemorySegment.ofArray(shorts));
        for (int i = 0; i < count; i++) {
          values[i] = Bfloat16.toFloat(shorts[i]);
        }
      }
      case I32 -> throw notReal();
    }
    return values;
  }

  /** The single element of a floating tensor that has just one. */
  public double toDouble() {
    return readBack().await();
  }

  /** Asks for the single element of a floating tensor, and does not wait for it. */
  public ScalarReading readBack() {
    if (view.elements() != 1) {
      throw new IllegalStateException("tensor '%s' has shape %s, needed a single element".formatted(name, shape()));
    }
    if (!type().isFloating()) {
      throw notReal();
    }
    return new ScalarReading(this);
  }

  /**
   * Replaces all elements, given in row-major order and rounded to the tensor's type. Contiguous floating tensors only.
   */
  public void set(double... values) {
    if (values.length != view.elements()) {
      throw new IllegalArgumentException(
          "tensor '%s' has shape %s, %d elements; %d values were given"
              .formatted(name, shape(), view.elements(), values.length));
    }
    switch (type()) {
      case F32 -> {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
          floats[i] = (float) values[i];
        }
        upload(MemorySegment.ofArray(floats));
      }
      case F64 -> upload(MemorySegment.ofArray(values));
      case BF16 -> {
        short[] shorts = new short[values.length];
        for (int i = 0; i < values.length; i++) {
          shorts[i] = Bfloat16.fromFloat((float) values[i]);
        }
        upload(MemorySegment.ofArray(shorts));
      }
      case I32 -> throw notReal();
    }
  }

  private IllegalStateException notReal() {
    return new IllegalStateException("tensor '%s' holds %s, needed a real type".formatted(name, type()));
  }

  /** Replaces all elements of an I32 tensor, in row-major order. */
  public void set(int... values) {
    if (type() != DType.I32 || values.length != view.elements()) {
      throw new IllegalArgumentException("tensor '%s' is %s%s; %d integers were given"
          .formatted(name, type(), shape(), values.length));
    }
    upload(MemorySegment.ofArray(values));
  }

  /** Replaces all elements by host memory of exactly this tensor's size, type and row-major order. */
  public void upload(MemorySegment host) {
    if (!view.isContiguous() || host.byteSize() != view.bytes()) {
      throw new IllegalArgumentException("tensor '%s' takes %d contiguous bytes; %d were given%s"
          .formatted(name, view.bytes(),
          host.byteSize(), view.isContiguous() ? "" : " (the tensor is strided)"));
    }
    backend.upload(host, view.buffer(), view.byteOffset());
  }

  /** Fills host memory of exactly this tensor's size with its elements, in row-major order. */
  public void download(MemorySegment host) {
    if (!view.isContiguous() || host.byteSize() != view.bytes()) {
      throw new IllegalArgumentException("tensor '%s' gives %d contiguous bytes; room for %d%s"
          .formatted(name, view.bytes(),
          host.byteSize(), view.isContiguous() ? "" : " (the tensor is strided)"));
    }
    backend.download(view.buffer(), view.byteOffset(), host);
  }

  /** The same memory seen through another view. */
  public Tensor with(View other) {
    return new Tensor(backend, name, other);
  }

  @Override
  public String toString() {
    return "Tensor[" + name + " " + type() + shape() + "]";
  }
}
