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
 * <p>Activations are turned square by square between their matrix and the tile, without a stage: a line of either is
 * touched once. Squares over the edge of the matrix are moved by way of one that is whole.
 */
final class TokenTile {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int LANES = F.length();
  private static final int STEP = F.vectorByteSize();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private final SquareTranspose square = new SquareTranspose();
  private final MemorySegment edge = Arena.ofAuto().allocate((long) LANES * STEP, HostBuffer.ALIGNMENT);
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
    long stride = x.rowStride() * Float.BYTES;
    for (int vector = 0; vector < SparseRows.VECTORS; vector++) {
      int first = token + vector * LANES;
      int existing = Math.clamp(tokens - vector * LANES, 0, LANES);
      int whole = existing < LANES ? 0 : F.loopBound(columns);
      long from = x.position(0, first, column) * Float.BYTES;
      for (int j = 0; j < whole; j += LANES) {
        square.transpose(
            x.memory(), from + (long) j * Float.BYTES, stride, memory, at(j, vector), SparseRows.BYTES);
      }
      for (int j = whole; j < columns; j += LANES) {
        edge.fill((byte) 0);
        for (int i = 0; i < existing; i++) {
          MemorySegment.copy(x.memory(), x.position(0, first + i, column + j) * Float.BYTES,
              edge, (long) i * STEP, (long) Math.min(LANES, columns - j) * Float.BYTES);
        }
        square.transpose(edge, 0, STEP, memory, at(j, vector), SparseRows.BYTES);
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
      for (int j = 0; j < columns; j += LANES) {
        square.transpose(memory, at(j, vector), SparseRows.BYTES, edge, 0, STEP);
        int width = Math.min(LANES, columns - j);
        long to = out.position(0, first, column + j) * Float.BYTES;
        if (c == null) {
          assign(existing, width, alpha, bias, column + j, out.memory(), to, out.rowStride() * Float.BYTES);
        } else {
          combine(existing, width, alpha, bias, column + j, beta,
              c.memory(), c.position(0, first, column + j) * Float.BYTES, c.rowStride() * Float.BYTES,
              out.memory(), to, out.rowStride() * Float.BYTES);
        }
      }
    }
  }

  private void assign(
      int rows, int width, float alpha, float[] bias, int biasAt, MemorySegment out, long to, long stride) {
    VectorMask<Float> there = F.indexInRange(0, width);
    FloatVector offsets = FloatVector.fromArray(F, bias, biasAt);
    for (int i = 0; i < rows; i++) {
      row(i).add(offsets).mul(alpha).intoMemorySegment(out, to + i * stride, ORDER, there);
    }
  }

  private void combine(
      int rows, int width, float alpha, float[] bias, int biasAt, float beta, MemorySegment c, long from,
      long addendStride, MemorySegment out, long to, long stride) {
    VectorMask<Float> there = F.indexInRange(0, width);
    FloatVector offsets = FloatVector.fromArray(F, bias, biasAt);
    FloatVector factor = FloatVector.broadcast(F, beta);
    for (int i = 0; i < rows; i++) {
      FloatVector.fromMemorySegment(F, c, from + i * addendStride, ORDER, there)
          .fma(factor, row(i).add(offsets).mul(alpha))
          .intoMemorySegment(out, to + i * stride, ORDER, there);
    }
  }

  private FloatVector row(int i) {
    return FloatVector.fromMemorySegment(F, edge, (long) i * STEP, ORDER);
  }
}
