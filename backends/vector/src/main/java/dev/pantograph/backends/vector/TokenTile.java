package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Some columns of some tokens' activations, column after column: a sparse weight is multiplied with whole columns, of
 * which a few vectors fit into registers. The memory is aligned to cache lines, which arrays are not: a vector that
 * straddles two lines takes two loads.
 *
 * <p>Rows of the activations pass a stage in the nearest caches, which they enter and leave whole, one after another:
 * read or written a few columns at a time, each row would be waited for anew.
 */
final class TokenTile {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int LANES = F.length();
  private static final int STEP = F.vectorByteSize();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Columns of the stage. */
  private static final int STRIP = 1024;

  /** From row to row of the stage: no power of two, or all rows would compete for the same places of a cache. */
  private static final long STAGE_STRIDE = STRIP * Float.BYTES + HostBuffer.ALIGNMENT;

  private final SquareTranspose square = new SquareTranspose();
  private final MemorySegment stage = Arena.ofAuto().allocate(LANES * STAGE_STRIDE, HostBuffer.ALIGNMENT);
  private MemorySegment memory = MemorySegment.NULL;

  /** Makes room for so many columns, and the rest of a square behind them; what they hold is lost. */
  void reserve(int columns) {
    long bytes = at(Math.ceilDiv(columns, LANES) * LANES, 0);
    if (memory.byteSize() < bytes) {
      memory = Arena.ofAuto().allocate(bytes, HostBuffer.ALIGNMENT);
    }
  }

  /** Makes so many columns zero. */
  void clear(int columns) {
    memory.asSlice(0, at(columns, 0)).fill((byte) 0);
  }

  MemorySegment memory() {
    return memory;
  }

  /** Where a vector of a column lies, in bytes. */
  private static long at(int column, int vector) {
    return ((long) column * SparseRows.VECTORS + vector) * STEP;
  }

  /**
   * Has the columns that a block is multiplied with in the tile.
   *
   * @param full whether the tile already has the columns of these tokens from an earlier pass over the blocks
   */
  void provide(SparseBlocks blocks, int block, Matrices x, int token, int tokens, boolean full) {
    int column = block * blocks.width();
    if (column % SparseRows.COLUMNS == 0 && !(full && blocks.columns() <= SparseRows.COLUMNS)) {
      reserve(SparseRows.COLUMNS);
      load(x, token, tokens, column, Math.min(SparseRows.COLUMNS, blocks.columns() - column));
    }
  }

  /** Copies columns of a matrix of tokens to the tile's beginning. Tokens that do not exist become zero. */
  void load(Matrices x, int token, int tokens, int column, int columns) {
    for (int vector = 0; vector < SparseRows.VECTORS; vector++) {
      int first = vector * LANES;
      int existing = Math.clamp(tokens - first, 0, LANES);
      stage.asSlice(existing * STAGE_STRIDE).fill((byte) 0);
      for (int from = 0; from < columns; from += STRIP) {
        int width = Math.min(STRIP, columns - from);
        for (int i = 0; i < existing; i++) {
          MemorySegment.copy(x.memory(), x.position(0, token + first + i, column + from) * Float.BYTES,
              stage, i * STAGE_STRIDE, (long) width * Float.BYTES);
        }
        for (int j = 0; j < width; j += LANES) {
          square.transpose(
              stage, (long) j * Float.BYTES, STAGE_STRIDE, memory, at(from + j, vector), SparseRows.BYTES);
        }
      }
    }
  }

  /**
   * Copies the tile to rows of a matrix, {@code out = α·(tile + bias) + β·c}.
   *
   * @param column of the result, of the addend and of the bias, at which the tile's columns begin
   */
  void store(
      int columns, float alpha, float[] bias, float beta, @Nullable Matrices c, Matrices out, int token, int tokens,
      int column) {
    for (int vector = 0; vector * LANES < tokens; vector++) {
      int first = token + vector * LANES;
      int existing = Math.min(LANES, tokens - vector * LANES);
      for (int from = 0; from < columns; from += STRIP) {
        int width = Math.min(STRIP, columns - from);
        for (int j = 0; j < width; j += LANES) {
          square.transpose(
              memory, at(from + j, vector), SparseRows.BYTES, stage, (long) j * Float.BYTES, STAGE_STRIDE);
        }
        for (int i = 0; i < existing; i++) {
          long to = out.position(0, first + i, column + from) * Float.BYTES;
          if (c == null) {
            assign(i * STAGE_STRIDE, width, alpha, bias, column + from, out.memory(), to);
          } else {
            combine(i * STAGE_STRIDE, width, alpha, bias, column + from, beta, c.memory(),
                c.position(0, first + i, column + from) * Float.BYTES, out.memory(), to);
          }
        }
      }
    }
  }

  private void assign(long row, int width, float alpha, float[] bias, int biasAt, MemorySegment out, long to) {
    int bound = F.loopBound(width);
    for (int j = 0; j < bound; j += LANES) {
      result(row, j, alpha, bias, biasAt).intoMemorySegment(out, to + (long) j * Float.BYTES, ORDER);
    }
    if (bound < width) {
      result(row, bound, alpha, bias, biasAt).intoMemorySegment(
          out, to + (long) bound * Float.BYTES, ORDER, F.indexInRange(bound, width));
    }
  }

  private void combine(
      long row, int width, float alpha, float[] bias, int biasAt, float beta, MemorySegment c, long from,
      MemorySegment out, long to) {
    FloatVector factor = FloatVector.broadcast(F, beta);
    int bound = F.loopBound(width);
    for (int j = 0; j < bound; j += LANES) {
      FloatVector.fromMemorySegment(F, c, from + (long) j * Float.BYTES, ORDER)
          .fma(factor, result(row, j, alpha, bias, biasAt))
          .intoMemorySegment(out, to + (long) j * Float.BYTES, ORDER);
    }
    if (bound < width) {
      VectorMask<Float> rest = F.indexInRange(bound, width);
      FloatVector.fromMemorySegment(F, c, from + (long) bound * Float.BYTES, ORDER, rest)
          .fma(factor, result(row, bound, alpha, bias, biasAt))
          .intoMemorySegment(out, to + (long) bound * Float.BYTES, ORDER, rest);
    }
  }

  private FloatVector result(long row, int column, float alpha, float[] bias, int biasAt) {
    return FloatVector.fromMemorySegment(F, stage, row + (long) column * Float.BYTES, ORDER)
        .add(FloatVector.fromArray(F, bias, biasAt + column)).mul(alpha);
  }
}
