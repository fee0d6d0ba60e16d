package dev.pantograph.dataflow;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Philox;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SparseIndices;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;

/** Actual masks in host memory. */
final class TestMasks {
  private TestMasks() {}

  static SparsePattern pattern(int rows, int columns, SparseIndices.Mask mask) {
    return SparseIndices.of(rows, columns, mask).place((name, indices) -> {
      HostBuffer memory = new HostBuffer(name, (long) indices.length * Integer.BYTES);
      memory.segment().copyFrom(MemorySegment.ofArray(indices));
      return View.of(memory, DType.I32, 0, Shape.of(indices.length));
    });
  }

  static Occupancy occupancy(int rows, int columns, SparseIndices.Mask mask) {
    return PatternOccupancy.byRows(pattern(rows, columns, mask));
  }

  static SparseIndices.Mask random(int columns, double density, long seed) {
    return (row, column) -> Philox.uniform(seed, 1, (long) row * columns + column) < density;
  }
}
