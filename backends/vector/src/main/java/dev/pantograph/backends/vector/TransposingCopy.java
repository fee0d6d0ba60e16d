package dev.pantograph.backends.vector;

import dev.pantograph.spi.Copy;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * A copy of four-byte elements between stacks of matrices of which one is stored by rows and the other by columns. Both
 * are read and written in whole vectors; the exchange of rows and columns happens in a square tile in the first-level
 * cache, whose columns are gathered.
 */
final class TransposingCopy {
  private static final VectorShape SHAPE = Lanes.FLOATS.vectorShape();
  /** As integers, which no processor alters on the way, not even a signalling NaN. */
  private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, SHAPE);

  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  /** Edge of a tile: 16 KiB of elements, and at least 256 bytes in a row on either side. */
  private static final int TILE = 64;
  /** Tiles of one task, side by side. */
  private static final int TILES = 4;

  private static final int[] COLUMN = new int[I.length()];

  static {
    for (int i = 0; i < COLUMN.length; i++) {
      COLUMN[i] = i * TILE;
    }
  }

  private final WorkerPool pool;
  private final int[][] tiles;

  TransposingCopy(WorkerPool pool) {
    this.pool = pool;
    tiles = new int[pool.threads()][0];
  }

  /** Whether a copy is of this kind. */
  static boolean isApplicable(Copy k) {
    return k.out().type() == k.x().type() && k.out().type().bytes() == Integer.BYTES && k.out().rank() >= 2
        && (isCrossed(k.out(), k.x()) || isCrossed(k.x(), k.out()));
  }

  /** Whether the first is stored by rows and the second by columns. */
  private static boolean isCrossed(View byRows, View byColumns) {
    return byRows.stride(-1) == 1 && byColumns.stride(-2) == 1;
  }

  void run(Copy k) {
    boolean straight = isCrossed(k.out(), k.x());
    View out = straight ? k.out() : k.out().transpose();
    View x = straight ? k.x() : k.x().transpose();
    long rows = out.size(-2);
    long columns = out.size(-1);
    if (out.elements() == 0) {
      return;
    }
    long strips = Math.ceilDiv(rows, TILE);
    long parts = Math.ceilDiv(columns, TILE * TILES);
    long matrices = out.elements() / (rows * columns);
    MemorySegment to = HostBuffer.segmentOf(out);
    MemorySegment from = HostBuffer.segmentOf(x);
    pool.run(Math.toIntExact(Math.multiplyExact(matrices, strips * parts)), (task, worker) -> {
      if (tiles[worker].length == 0) {
        tiles[worker] = new int[TILE * TILE];
      }
      long matrix = task / (strips * parts);
      long row = task / parts % strips * TILE;
      int height = (int) Math.min(TILE, rows - row);
      long first = task % parts * TILE * TILES;
      for (long column = first; column < Math.min(columns, first + TILE * TILES); column += TILE) {
        int width = (int) Math.min(TILE, columns - column);
        long xAt = Matrices.start(x, matrix) + row + column * x.stride(-1);
        long outAt = Matrices.start(out, matrix) + row * out.stride(-2) + column;
        for (int j = 0; j < width; j++) {
          load(from, (xAt + j * x.stride(-1)) * Integer.BYTES, height, tiles[worker], j * TILE);
        }
        for (int i = 0; i < height; i++) {
          store(tiles[worker], i, width, to, (outAt + i * out.stride(-2)) * Integer.BYTES);
        }
      }
    });
  }

  /** Reads a row of a tile, which is a piece of a column of the matrix. */
  private static void load(MemorySegment x, long at, int length, int[] tile, int start) {
    int bound = I.loopBound(length);
    for (int i = 0; i < bound; i += I.length()) {
      IntVector.fromMemorySegment(I, x, at + (long) Integer.BYTES * i, ORDER).intoArray(tile, start + i);
    }
    if (bound < length) {
      VectorMask<Integer> rest = I.indexInRange(bound, length);
      IntVector.fromMemorySegment(I, x, at + (long) Integer.BYTES * bound, ORDER, rest)
          .intoArray(tile, start + bound, rest);
    }
  }

  /** Writes a column of a tile, which is a piece of a row of the matrix. */
  private static void store(int[] tile, int column, int length, MemorySegment out, long at) {
    int bound = I.loopBound(length);
    for (int i = 0; i < bound; i += I.length()) {
      IntVector.fromArray(I, tile, column + i * TILE, COLUMN, 0)
          .intoMemorySegment(out, at + (long) Integer.BYTES * i, ORDER);
    }
    if (bound < length) {
      VectorMask<Integer> rest = I.indexInRange(bound, length);
      IntVector.fromArray(I, tile, column + bound * TILE, COLUMN, 0, rest)
          .intoMemorySegment(out, at + (long) Integer.BYTES * bound, ORDER, rest);
    }
  }
}
