package dev.pantograph.backends.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Writes a finished register tile to the result. Only existing elements are touched: the last columns of a matrix go
 * through a mask and the same arithmetic.
 */
final class TileStore {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int LANES = FLOATS.length();
  private static final int WIDTH = RightPanels.WIDTH;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private TileStore() {}

  /**
   * {@code to += tile}, all columns of some rows. The compiler makes no vectors of such a loop by itself, for the two
   * arrays might be one.
   */
  static void add(float[] to, int at, float[] tile, int from, int rows) {
    for (int i = 0; i < rows * WIDTH; i += LANES) {
      FloatVector.fromArray(FLOATS, to, at + i).add(FloatVector.fromArray(FLOATS, tile, from + i))
          .intoArray(to, at + i);
    }
  }

  /** {@code out = tile}, every bit of it. Position and stride are in elements. */
  static void copy(float[] tile, int rows, int columns, MemorySegment out, long start, long stride) {
    for (int j = 0; j < columns; j += LANES) {
      VectorMask<Float> existing = FLOATS.indexInRange(j, columns);
      for (int i = 0; i < rows; i++) {
        FloatVector.fromArray(FLOATS, tile, i * WIDTH + j)
            .intoMemorySegment(out, (start + i * stride + j) * Float.BYTES, ORDER, existing);
      }
    }
  }

  /** {@code out = α·(tile + bias)}. Positions and strides are in elements. */
  static void assign(
      float[] tile, int rows, int columns, float alpha, float[] bias, int biasOffset,
      MemorySegment out, long outStart, long outStride) {
    for (int j = 0; j < columns; j += LANES) {
      FloatVector shift = FloatVector.fromArray(FLOATS, bias, biasOffset + j);
      if (columns - j >= LANES) {
        for (int i = 0; i < rows; i++) {
          FloatVector.fromArray(FLOATS, tile, i * WIDTH + j).add(shift).mul(alpha)
              .intoMemorySegment(out, (outStart + i * outStride + j) * Float.BYTES, ORDER);
        }
      } else {
        VectorMask<Float> existing = FLOATS.indexInRange(j, columns);
        for (int i = 0; i < rows; i++) {
          FloatVector.fromArray(FLOATS, tile, i * WIDTH + j).add(shift).mul(alpha)
              .intoMemorySegment(out, (outStart + i * outStride + j) * Float.BYTES, ORDER, existing);
        }
      }
    }
  }

  /** {@code out = α·(tile + bias) + β·c}. Positions and strides are in elements. */
  static void combine(
      float[] tile, int rows, int columns, float alpha, float[] bias, int biasOffset,
      float beta, MemorySegment c, long cStart, long cStride, MemorySegment out, long outStart, long outStride) {
    FloatVector factor = FloatVector.broadcast(FLOATS, beta);
    for (int j = 0; j < columns; j += LANES) {
      FloatVector shift = FloatVector.fromArray(FLOATS, bias, biasOffset + j);
      if (columns - j >= LANES) {
        for (int i = 0; i < rows; i++) {
          FloatVector product = FloatVector.fromArray(FLOATS, tile, i * WIDTH + j).add(shift).mul(alpha);
          FloatVector.fromMemorySegment(FLOATS, c, (cStart + i * cStride + j) * Float.BYTES, ORDER)
              .fma(factor, product)
              .intoMemorySegment(out, (outStart + i * outStride + j) * Float.BYTES, ORDER);
        }
      } else {
        VectorMask<Float> existing = FLOATS.indexInRange(j, columns);
        for (int i = 0; i < rows; i++) {
          FloatVector product = FloatVector.fromArray(FLOATS, tile, i * WIDTH + j).add(shift).mul(alpha);
          FloatVector.fromMemorySegment(FLOATS, c, (cStart + i * cStride + j) * Float.BYTES, ORDER, existing)
              .fma(factor, product)
              .intoMemorySegment(out, (outStart + i * outStride + j) * Float.BYTES, ORDER, existing);
        }
      }
    }
  }

  /**
   * {@code z = α·(tile + bias)} and {@code out = f(z)·z} of a tile with all its columns, which becomes z. Positions and
   * strides are in elements.
   *
   * @param values room for a tile
   */
  static void activate(
      float[] tile, float[] values, int rows, float alpha, float[] bias, int biasOffset, SmoothStep f,
      MemorySegment z, long zStart, long zStride, MemorySegment out, long outStart, long outStride) {
    for (int j = 0; j < WIDTH; j += LANES) {
      FloatVector shift = FloatVector.fromArray(FLOATS, bias, biasOffset + j);
      for (int i = 0; i < rows; i++) {
        FloatVector x = FloatVector.fromArray(FLOATS, tile, i * WIDTH + j).add(shift).mul(alpha);
        x.intoArray(tile, i * WIDTH + j);
        x.intoMemorySegment(z, (zStart + i * zStride + j) * Float.BYTES, ORDER);
      }
    }
    f.apply(tile, values, rows * WIDTH);
    for (int j = 0; j < WIDTH; j += LANES) {
      for (int i = 0; i < rows; i++) {
        FloatVector.fromArray(FLOATS, values, i * WIDTH + j).mul(FloatVector.fromArray(FLOATS, tile, i * WIDTH + j))
            .intoMemorySegment(out, (outStart + i * outStride + j) * Float.BYTES, ORDER);
      }
    }
  }

  /**
   * {@code out = α·(tile + bias)·f(z) + 0} of a tile with all its columns: no zero is negative, as in {@link #scale}.
   * Positions and strides are in elements.
   *
   * @param values room for a tile
   */
  static void scaleBySlopes(
      float[] tile, float[] values, int rows, float alpha, float[] bias, int biasOffset, SmoothStep f,
      MemorySegment z, long zStart, long zStride, MemorySegment out, long outStart, long outStride) {
    for (int j = 0; j < WIDTH; j += LANES) {
      for (int i = 0; i < rows; i++) {
        FloatVector.fromMemorySegment(FLOATS, z, (zStart + i * zStride + j) * Float.BYTES, ORDER)
            .intoArray(values, i * WIDTH + j);
      }
    }
    f.apply(values, values, rows * WIDTH);
    for (int j = 0; j < WIDTH; j += LANES) {
      FloatVector shift = FloatVector.fromArray(FLOATS, bias, biasOffset + j);
      for (int i = 0; i < rows; i++) {
        FloatVector.fromArray(FLOATS, values, i * WIDTH + j)
            .fma(FloatVector.fromArray(FLOATS, tile, i * WIDTH + j).add(shift).mul(alpha), FloatVector.zero(FLOATS))
            .intoMemorySegment(out, (outStart + i * outStride + j) * Float.BYTES, ORDER);
      }
    }
  }

  /** Fills a tile from memory; elements that do not exist become zero. Position and stride are in elements. */
  static void load(float[] tile, int rows, int columns, MemorySegment source, long start, long stride) {
    for (int j = 0; j < columns; j += LANES) {
      if (columns - j >= LANES) {
        for (int i = 0; i < rows; i++) {
          FloatVector.fromMemorySegment(FLOATS, source, (start + i * stride + j) * Float.BYTES, ORDER)
              .intoArray(tile, i * WIDTH + j);
        }
      } else {
        VectorMask<Float> existing = FLOATS.indexInRange(j, columns);
        for (int i = 0; i < rows; i++) {
          FloatVector.fromMemorySegment(FLOATS, source, (start + i * stride + j) * Float.BYTES, ORDER, existing)
              .intoArray(tile, i * WIDTH + j);
        }
      }
    }
  }

  /** {@code tile = tile·factors + 0}, element by element: no zero is negative, as after adding to a cleared gradient. */
  static void scale(float[] tile, float[] factors, int rows) {
    for (int i = 0; i < rows * WIDTH; i += LANES) {
      FloatVector.fromArray(FLOATS, tile, i)
          .fma(FloatVector.fromArray(FLOATS, factors, i), FloatVector.zero(FLOATS)).intoArray(tile, i);
    }
  }
}
