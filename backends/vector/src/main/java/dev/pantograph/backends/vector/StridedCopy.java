package dev.pantograph.backends.vector;

import dev.pantograph.spi.Bfloat16;
import dev.pantograph.spi.Copy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A copy between arrangements or types: stacks of matrices over the last two dimensions, taken in square tiles, so that
 * a transposing copy uses each cache line it has loaded for several rows before it is evicted.
 */
final class StridedCopy {
  /** Edge of a tile in elements: two cache lines of float32. */
  private static final int TILE = 32;

  private final MemorySegment out;
  private final MemorySegment x;
  private final View outView;
  private final View xView;
  private final long rows;
  private final long columns;

  StridedCopy(Copy k) {
    out = HostBuffer.segmentOf(k.out());
    x = HostBuffer.segmentOf(k.x());
    outView = k.out();
    xView = k.x();
    rows = size(outView, 2);
    columns = size(outView, 1);
  }

  void run(WorkerPool pool) {
    long elements = outView.elements();
    if (elements == 0) {
      return;
    }
    long matrices = elements / (rows * columns);
    long strips = Math.ceilDiv(rows, TILE);
    long perTask = Math.max(1, Chunks.SMALLEST / (Math.min(rows, TILE) * columns));
    long count = matrices * strips;
    pool.run(Math.toIntExact(Math.ceilDiv(count, perTask)), (task, worker) -> {
      long end = Math.min(count, (task + 1) * perTask);
      for (long strip = task * perTask; strip < end; strip++) {
        copyStrip(strip / strips, strip % strips * TILE);
      }
    });
  }

  private void copyStrip(long matrix, long firstRow) {
    long to = Matrices.start(outView, matrix);
    long from = Matrices.start(xView, matrix);
    long endRow = Math.min(rows, firstRow + TILE);
    // Rows without gaps on both sides are copied whole: tiles would only cut them up.
    long width = stride(outView, 1) == 1 && stride(xView, 1) == 1 ? columns : TILE;
    for (long column = 0; column < columns; column += width) {
      long length = Math.min(width, columns - column);
      for (long row = firstRow; row < endRow; row++) {
        copyRow(
            to + row * stride(outView, 2) + column * stride(outView, 1),
            from + row * stride(xView, 2) + column * stride(xView, 1), length);
      }
    }
  }

  private void copyRow(long to, long from, long length) {
    long toStep = stride(outView, 1);
    long fromStep = stride(xView, 1);
    if (outView.type() != xView.type()) {
      convertRow(to, toStep, from, fromStep, length);
    } else if (toStep == 1 && fromStep == 1) {
      long bytes = outView.type().bytes();
      MemorySegment.copy(x, from * bytes, out, to * bytes, length * bytes);
    } else if (outView.type() == DType.BF16) {
      for (long i = 0; i < length; i++) {
        out.setAtIndex(
            ValueLayout.JAVA_SHORT, to + i * toStep, x.getAtIndex(ValueLayout.JAVA_SHORT, from + i * fromStep));
      }
    } else if (outView.type() == DType.F64) {
      for (long i = 0; i < length; i++) {
        out.setAtIndex(
            ValueLayout.JAVA_LONG, to + i * toStep, x.getAtIndex(ValueLayout.JAVA_LONG, from + i * fromStep));
      }
    } else {
      // As integers, which no processor alters on the way, not even a signalling NaN.
      for (long i = 0; i < length; i++) {
        out.setAtIndex(ValueLayout.JAVA_INT, to + i * toStep, x.getAtIndex(ValueLayout.JAVA_INT, from + i * fromStep));
      }
    }
  }

  private void convertRow(long to, long toStep, long from, long fromStep, long length) {
    if (outView.type() == DType.BF16) {
      roundRow(to, toStep, from, fromStep, length);
    } else if (xView.type() == DType.BF16) {
      widenRow(to, toStep, from, fromStep, length);
    } else if (outView.type() == DType.F64) {
      for (long i = 0; i < length; i++) {
        out.setAtIndex(
            ValueLayout.JAVA_DOUBLE, to + i * toStep, x.getAtIndex(ValueLayout.JAVA_FLOAT, from + i * fromStep));
      }
    } else {
      for (long i = 0; i < length; i++) {
        out.setAtIndex(
            ValueLayout.JAVA_FLOAT, to + i * toStep,
            (float) x.getAtIndex(ValueLayout.JAVA_DOUBLE, from + i * fromStep));
      }
    }
  }

  private void roundRow(long to, long toStep, long from, long fromStep, long length) {
    if (xView.type() == DType.F32 && toStep == 1 && fromStep == 1) {
      Bfloat16Lanes.round(x, from * Float.BYTES, out, to * Short.BYTES, Math.toIntExact(length));
      return;
    }
    for (long i = 0; i < length; i++) {
      long at = from + i * fromStep;
      float value = xView.type() == DType.F32
          ? x.getAtIndex(ValueLayout.JAVA_FLOAT, at) : (float) x.getAtIndex(ValueLayout.JAVA_DOUBLE, at);
      out.setAtIndex(ValueLayout.JAVA_SHORT, to + i * toStep, Bfloat16.fromFloat(value));
    }
  }

  private void widenRow(long to, long toStep, long from, long fromStep, long length) {
    if (outView.type() == DType.F32 && toStep == 1 && fromStep == 1) {
      Bfloat16Lanes.widen(x, from * Short.BYTES, out, to * Float.BYTES, Math.toIntExact(length));
      return;
    }
    for (long i = 0; i < length; i++) {
      float value = Bfloat16.toFloat(x.getAtIndex(ValueLayout.JAVA_SHORT, from + i * fromStep));
      if (outView.type() == DType.F32) {
        out.setAtIndex(ValueLayout.JAVA_FLOAT, to + i * toStep, value);
      } else {
        out.setAtIndex(ValueLayout.JAVA_DOUBLE, to + i * toStep, value);
      }
    }
  }

  /** Size of a dimension counted from the end, 1 where the rank has none. */
  private static long size(View view, int fromEnd) {
    return view.rank() >= fromEnd ? view.size(-fromEnd) : 1;
  }

  private static long stride(View view, int fromEnd) {
    return view.rank() >= fromEnd ? view.stride(-fromEnd) : 0;
  }
}
