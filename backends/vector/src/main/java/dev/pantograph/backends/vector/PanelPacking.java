package dev.pantograph.backends.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Copies lines of a matrix (rows of a left factor, columns of a right one) into panels. A panel holds {@code width}
 * lines side by side, the elements of one step of depth next to each other, so that the innermost loop of the product
 * reads one stream of either factor. Lines that do not exist are left undefined; sums computed from them are never
 * stored.
 *
 * <p>Steps are written in whole vectors, which may spill into the next step, written later. After its last step a panel
 * needs {@link #SPILL} floats of room.
 */
final class PanelPacking {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Floats behind a panel that may be overwritten: one cache line, so that panels begin at the start of one. */
  static final int SPILL = 16;

  /** Room for two squares of one vector's length. */
  static final int SQUARES = 2 * LANES * LANES;

  /** Each lane of the lower half twice. */
  private static final VectorShuffle<Float> LOWER = VectorShuffle.fromOp(FLOATS, lane -> lane / 2);

  private static final VectorShuffle<Float> UPPER = VectorShuffle.fromOp(FLOATS, lane -> (lane + LANES) / 2);
  private static final VectorMask<Float> ODD = VectorMask.fromLong(FLOATS, 0xAAAAL & (1L << LANES) - 1);

  private PanelPacking() {}

  /**
   * Packs where the elements of one step lie next to each other. Steps go outermost, so that the source is read in runs
   * as long as the lines are many.
   *
   * @param start position of the first line's first step
   * @param stride distance of steps
   * @param lines lines to pack
   * @param readable lines from the first that exist, at least {@code lines}
   * @param panelStride distance of panels in {@code to}
   */
  static void copy(
      MemorySegment source, long start, long stride, int depth, int lines, int readable, int width,
      float[] to, int offset, int panelStride) {
    int span = Math.ceilDiv(width, LANES) * LANES;
    int whole = readable < span ? 0 : Math.min((readable - span) / width + 1, Math.ceilDiv(lines, width));
    for (int k = 0; k < depth; k++) {
      copyStep(source, (start + k * stride) * Float.BYTES, whole, width, span, to, offset + k * width, panelStride);
    }
    for (int panel = whole; panel * width < lines; panel++) {
      int rest = Math.min(width, lines - panel * width);
      copyPart(source, start + panel * width, stride, depth, rest, width, to, offset + panel * panelStride);
    }
  }

  private static void copyStep(
      MemorySegment source, long from, int panels, int width, int span, float[] to, int offset, int panelStride) {
    for (int j = 0; j < span; j += LANES) {
      for (int panel = 0; panel < panels; panel++) {
        FloatVector.fromMemorySegment(FLOATS, source, from + (long) (panel * width + j) * Float.BYTES, ORDER)
            .intoArray(to, offset + panel * panelStride + j);
      }
    }
  }

  /** A panel beyond whose lines nothing may be read. */
  private static void copyPart(
      MemorySegment source, long start, long stride, int depth, int lines, int width, float[] to, int offset) {
    for (int j = 0; j < lines; j += LANES) {
      VectorMask<Float> existing = FLOATS.indexInRange(j, lines);
      for (int k = 0; k < depth; k++) {
        FloatVector.fromMemorySegment(FLOATS, source, (start + k * stride + j) * Float.BYTES, ORDER, existing)
            .intoArray(to, offset + k * width + j, existing);
      }
    }
  }

  /**
   * Packs where the elements of one line lie next to each other: squares of one vector's length are transposed in
   * registers and the first-level cache.
   *
   * @param start position of the first line's first step
   * @param stride distance of lines
   * @param width a multiple of a vector's length
   * @param panelStride distance of panels in {@code to}
   * @param squares room for {@link #SQUARES} floats
   */
  static void transpose(
      MemorySegment source, long start, long stride, int depth, int lines, int width,
      float[] to, int offset, int panelStride, float[] squares) {
    int bound = FLOATS.loopBound(depth);
    for (int panel = 0; panel * width < lines; panel++) {
      int inPanel = Math.min(width, lines - panel * width);
      long from = start + panel * width * stride;
      int at = offset + panel * panelStride;
      for (int line = 0; line < inPanel; line += LANES) {
        for (int k = 0; k < bound; k += LANES) {
          transposeSquare(source, from + line * stride + k, stride, Math.min(inPanel - line, LANES) - 1,
              to, at + k * width + line, width, squares);
        }
      }
      transposeRest(source, from, stride, bound, depth, inPanel, to, at, width);
    }
  }

  private static void transposeSquare(
      MemorySegment source, long start, long stride, int last, float[] to, int offset, int width, float[] squares) {
    loadInTurn(source, start * Float.BYTES, stride * Float.BYTES, last, squares);
    int from = 0;
    for (int side = 4; side < LANES; side *= 2) {
      takeInTurn(squares, from, squares, LANES * LANES - from, LANES);
      from = LANES * LANES - from;
    }
    takeInTurn(squares, from, to, offset, width);
  }

  private static void transposeRest(
      MemorySegment source, long start, long stride, int from, int depth, int lines,
      float[] to, int offset, int width) {
    for (int k = from; k < depth; k++) {
      for (int i = 0; i < lines; i++) {
        to[offset + k * width + i] = source.get(ValueLayout.JAVA_FLOAT, (start + i * stride + k) * Float.BYTES);
      }
    }
  }

  /*
   * A square is transposed in as many rounds as a lane number has bits. In each, rows i and i + LANES/2, their lanes
   * taken in turn, become rows 2i and 2i + 1: with row and lane read as one binary number this rotates it by one bit,
   * and all rounds together exchange the two.
   */

  /** The first round, from memory. Lines after the last are replaced by it. */
  private static void loadInTurn(MemorySegment source, long from, long stride, int last, float[] square) {
    for (int i = 0; i < LANES / 2; i++) {
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, source, from + Math.min(i, last) * stride, ORDER);
      FloatVector b =
          FloatVector.fromMemorySegment(FLOATS, source, from + Math.min(i + LANES / 2, last) * stride, ORDER);
      inTurn(a, b, LOWER).intoArray(square, 2 * i * LANES);
      inTurn(a, b, UPPER).intoArray(square, (2 * i + 1) * LANES);
    }
  }

  private static void takeInTurn(float[] square, int from, float[] target, int to, int rowStride) {
    for (int i = 0; i < LANES / 2; i++) {
      FloatVector a = FloatVector.fromArray(FLOATS, square, from + i * LANES);
      FloatVector b = FloatVector.fromArray(FLOATS, square, from + (i + LANES / 2) * LANES);
      inTurn(a, b, LOWER).intoArray(target, to + 2 * i * rowStride);
      inTurn(a, b, UPPER).intoArray(target, to + (2 * i + 1) * rowStride);
    }
  }

  private static FloatVector inTurn(FloatVector a, FloatVector b, VectorShuffle<Float> half) {
    return a.rearrange(half).blend(b.rearrange(half), ODD);
  }
}
