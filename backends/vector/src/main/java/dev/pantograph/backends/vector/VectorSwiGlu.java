package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.SwiGlu;
import dev.pantograph.spi.SwiGluGradient;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code silu(gate)·up} and its gradient, row by row, with σ as a {@link SmoothStep}. Each element is read and written
 * once.
 */
final class VectorSwiGlu {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final SmoothStep LOGISTIC = SmoothStep.LOGISTIC;

  private final WorkerPool pool;

  VectorSwiGlu(WorkerPool pool) {
    this.pool = pool;
  }

  void run(SwiGlu k) {
    Float32.require(k, k.out());
    Matrix out = new Matrix(k.out());
    Matrix gate = new Matrix(k.gate());
    Matrix up = new Matrix(k.up());
    int width = Math.toIntExact(k.out().size(1));
    RowChunks chunks = RowChunks.of(k.out().size(0), width);
    pool.run(chunks.tasks(), (task, worker) -> {
      for (long row = chunks.firstRow(task); row < chunks.firstRow(task) + chunks.rowsOf(task); row++) {
        forward(out, out.row(row), gate, gate.row(row), up, up.row(row), width);
      }
    });
  }

  void run(SwiGluGradient k) {
    Float32.require(k, k.dGate());
    Gradient gradient = new Gradient(k);
    RowChunks chunks = RowChunks.of(k.dGate().size(0), gradient.width);
    pool.run(chunks.tasks(), (task, worker) -> {
      for (long row = chunks.firstRow(task); row < chunks.firstRow(task) + chunks.rowsOf(task); row++) {
        gradient.run(row);
      }
    });
  }

  private static void forward(Matrix out, long outAt, Matrix gate, long gateAt, Matrix up, long upAt, int width) {
    int bound = F.loopBound(width);
    for (int i = 0; i < bound; i += F.length()) {
      long at = (long) Float.BYTES * i;
      FloatVector g = FloatVector.fromMemorySegment(F, gate.memory, gateAt + at, ORDER);
      LOGISTIC.at(g).mul(g).mul(FloatVector.fromMemorySegment(F, up.memory, upAt + at, ORDER))
          .intoMemorySegment(out.memory, outAt + at, ORDER);
    }
    if (bound < width) {
      long at = (long) Float.BYTES * bound;
      VectorMask<Float> rest = F.indexInRange(bound, width);
      FloatVector g = FloatVector.fromMemorySegment(F, gate.memory, gateAt + at, ORDER, rest);
      LOGISTIC.at(g).mul(g).mul(FloatVector.fromMemorySegment(F, up.memory, upAt + at, ORDER, rest))
          .intoMemorySegment(out.memory, outAt + at, ORDER, rest);
    }
  }

  /** The operands of one gradient. */
  private static final class Gradient {
    private final Matrix dGate;
    private final Matrix dUp;
    private final Matrix dOut;
    private final Matrix gate;
    private final Matrix up;
    private final boolean add;
    private final int width;

    Gradient(SwiGluGradient k) {
      dGate = new Matrix(k.dGate());
      dUp = new Matrix(k.dUp());
      dOut = new Matrix(k.dOut());
      gate = new Matrix(k.gate());
      up = new Matrix(k.up());
      add = k.accumulate();
      width = Math.toIntExact(k.dGate().size(1));
    }

    void run(long row) {
      int bound = F.loopBound(width);
      vectors(dGate.row(row), dUp.row(row), dOut.row(row), gate.row(row), up.row(row), bound);
      if (bound < width) {
        rest(row, (long) Float.BYTES * bound, F.indexInRange(bound, width));
      }
    }

    private void vectors(long dGateAt, long dUpAt, long dOutAt, long gateAt, long upAt, int bound) {
      for (int i = 0; i < bound; i += F.length()) {
        long at = (long) Float.BYTES * i;
        FloatVector g = FloatVector.fromMemorySegment(F, gate.memory, gateAt + at, ORDER);
        FloatVector sigma = LOGISTIC.at(g);
        FloatVector d = FloatVector.fromMemorySegment(F, dOut.memory, dOutAt + at, ORDER).mul(sigma);
        FloatVector old =
            add ? FloatVector.fromMemorySegment(F, dUp.memory, dUpAt + at, ORDER) : FloatVector.zero(F);
        d.fma(g, old).intoMemorySegment(dUp.memory, dUpAt + at, ORDER);
        old = add ? FloatVector.fromMemorySegment(F, dGate.memory, dGateAt + at, ORDER) : FloatVector.zero(F);
        FloatVector slope = sigma.neg().add(1).fma(g, FloatVector.broadcast(F, 1));
        d.mul(FloatVector.fromMemorySegment(F, up.memory, upAt + at, ORDER)).fma(slope, old)
            .intoMemorySegment(dGate.memory, dGateAt + at, ORDER);
      }
    }

    private void rest(long row, long at, VectorMask<Float> rest) {
      FloatVector g = FloatVector.fromMemorySegment(F, gate.memory, gate.row(row) + at, ORDER, rest);
      FloatVector sigma = LOGISTIC.at(g);
      FloatVector d = FloatVector.fromMemorySegment(F, dOut.memory, dOut.row(row) + at, ORDER, rest).mul(sigma);
      FloatVector old =
          add ? FloatVector.fromMemorySegment(F, dUp.memory, dUp.row(row) + at, ORDER, rest) : FloatVector.zero(F);
      d.fma(g, old).intoMemorySegment(dUp.memory, dUp.row(row) + at, ORDER, rest);
      old = add ? FloatVector.fromMemorySegment(F, dGate.memory, dGate.row(row) + at, ORDER, rest)
          : FloatVector.zero(F);
      FloatVector slope = sigma.neg().add(1).fma(g, FloatVector.broadcast(F, 1));
      d.mul(FloatVector.fromMemorySegment(F, up.memory, up.row(row) + at, ORDER, rest)).fma(slope, old)
          .intoMemorySegment(dGate.memory, dGate.row(row) + at, ORDER, rest);
    }
  }

  /** Rows in memory, any distance apart. */
  private static final class Matrix {
    private final MemorySegment memory;
    private final long start;
    private final long rowBytes;

    Matrix(View view) {
      memory = HostBuffer.segmentOf(view);
      start = view.byteOffset();
      rowBytes = view.stride(0) * Float.BYTES;
    }

    long row(long r) {
      return start + r * rowBytes;
    }
  }
}
