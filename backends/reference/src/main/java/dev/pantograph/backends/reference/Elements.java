package dev.pantograph.backends.reference;

import dev.pantograph.spi.Bfloat16;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The elements of a {@link View} as doubles, which hold every F32, F64, BF16 and I32 exactly. Storing rounds to the
 * view's type.
 */
final class Elements {
  private final View view;
  private final MemorySegment segment;
  private final DType type;
  private final long offset;
  private final long rowStride;
  private final long columnStride;

  private Elements(View view, long offset) {
    this.view = view;
    this.segment = HostBuffer.segmentOf(view);
    this.type = view.type();
    this.offset = offset;
    this.rowStride = view.rank() < 2 ? 0 : view.stride(-2);
    this.columnStride = view.rank() < 2 ? 0 : view.stride(-1);
  }

  static Elements of(View view) {
    return new Elements(view, view.offset());
  }

  /** Of an operand that may be absent. */
  static @Nullable Elements ofNullable(@Nullable View view) {
    return view == null ? null : of(view);
  }

  /** A contiguous view as the matrix of its rows: every dimension but the last is folded into one. */
  static Elements rows(View view) {
    return of(view.reshape(Shape.of(view.shape().rows(), view.size(-1))));
  }

  /** The last two dimensions, for {@link #get(long, long)}, at row-major position {@code i} of the leading ones. */
  Elements matrix(long i) {
    return new Elements(view, offset + step(view.rank() - 2, i));
  }

  /** The element at row-major position {@code i}. */
  double get(long i) {
    return load(position(i));
  }

  /** Stores at row-major position {@code i}. */
  void set(long i, double value) {
    store(position(i), value);
  }

  /** The element at row {@code i} and column {@code j}. */
  double get(long i, long j) {
    return load(position(i, j));
  }

  /** Stores at row {@code i} and column {@code j}. */
  void set(long i, long j, double value) {
    store(position(i, j), value);
  }

  private long position(long i) {
    return offset + (view.isContiguous() ? i : step(view.rank(), i));
  }

  private long position(long i, long j) {
    return offset + i * rowStride + j * columnStride;
  }

  /** Distance from the first element to row-major position {@code i} of the first {@code dimensions} dimensions. */
  private long step(int dimensions, long i) {
    long step = 0;
    long rest = i;
    for (int d = dimensions - 1; d >= 0; d--) {
      step += rest % view.size(d) * view.stride(d);
      rest /= view.size(d);
    }
    return step;
  }

  private double load(long position) {
    return switch (type) {
      case F32 -> segment.getAtIndex(ValueLayout.JAVA_FLOAT, position);
      case F64 -> segment.getAtIndex(ValueLayout.JAVA_DOUBLE, position);
      case I32 -> segment.getAtIndex(ValueLayout.JAVA_INT, position);
      case BF16 -> Bfloat16.toFloat(segment.getAtIndex(ValueLayout.JAVA_SHORT, position));
    };
  }

  private void store(long position, double value) {
    switch (type) {
      case F32 -> segment.setAtIndex(ValueLayout.JAVA_FLOAT, position, (float) value);
      case F64 -> segment.setAtIndex(ValueLayout.JAVA_DOUBLE, position, value);
      case I32 -> segment.setAtIndex(ValueLayout.JAVA_INT, position, (int) value);
      case BF16 -> segment.setAtIndex(ValueLayout.JAVA_SHORT, position, Bfloat16.fromFloat((float) value));
    }
  }
}
