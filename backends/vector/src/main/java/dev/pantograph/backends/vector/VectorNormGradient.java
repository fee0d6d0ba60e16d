package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.NormGradient;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Gradient of normalisation. With {@code x̂ = (x − mean)·inverseStd} and {@code g = dOut·gain}:
 * {@code dx = inverseStd·(g − mean(g) − x̂·mean(g·x̂))}, {@code dGain += Σ dOut·x̂}, {@code dBias += Σ dOut}; RMSNorm has
 * neither mean.
 *
 * <p>One pass over the rows yields all three. Each task sums dGain and dBias over its own rows; afterwards these
 * partial sums are added in order of the tasks, by columns. The tasks are cut by shape, so the order of all additions
 * is too.
 *
 * <p>The ladder's last rung, on two threads: two rows reduced at once load and store the partial sums once for both and
 * fetch from four places of memory instead of two. Four rows at once are 1.1 to 1.4 times as fast alone (and were 1.2 to
 * 1.7 times as fast as one), but in one training process of eight, and in three of five before vectors had one shape
 * (decision 010), they became objects, 70 to 110 MB a step. Two never have since.
 */
final class VectorNormGradient {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int COLUMNS_PER_TASK = 128;

  /** Rows reduced at once. */
  private static final int TOGETHER = 2;

  private final WorkerPool pool;
  /** Two vectors' worth of floats per worker and row in hand, for horizontal sums. */
  private final float[][] sums;
  /** Per task a row of dGain and a row of dBias, both padded to whole vectors. */
  private float[] partials = new float[0];
  private float[] gain = new float[0];

  VectorNormGradient(WorkerPool pool) {
    this.pool = pool;
    sums = new float[pool.threads()][2 * TOGETHER * F.length()];
  }

  void run(NormGradient k) {
    Float32.require(k, k.dx());
    int width = Math.toIntExact(k.dx().size(-1));
    RowChunks chunks = RowChunks.of(k.dx().shape().rows(), width);
    int stride = F.loopBound(width + F.length() - 1);
    int needed = Math.multiplyExact(2 * stride, chunks.tasks());
    if (partials.length < needed) {
      partials = new float[needed];
    }
    gain = VectorNorm.orConstant(k.gain(), width, 1, gain);
    Rows rows = new Rows(k, width, stride, gain, partials);
    // Looked up before the first write, so that a closed buffer is refused while nothing is half done.
    Target dGain = Target.of(k.dGain());
    Target dBias = Target.of(k.dBias());
    pool.run(chunks.tasks(), (task, worker) -> rows.run(chunks, task, sums[worker]));
    int columnTasks = (width + COLUMNS_PER_TASK - 1) / COLUMNS_PER_TASK;
    int tasks = chunks.tasks();
    float[] perTask = partials;
    pool.run(columnTasks, (task, worker) -> {
      int from = task * COLUMNS_PER_TASK;
      int to = Math.min(from + COLUMNS_PER_TASK, width);
      if (dGain != null) {
        addPartials(dGain, from, to, perTask, 0, 2 * stride, tasks);
      }
      if (dBias != null) {
        addPartials(dBias, from, to, perTask, stride, 2 * stride, tasks);
      }
    });
  }

  /** A gradient of the parameters: where its first element lies. */
  private record Target(MemorySegment segment, long start) {
    static @Nullable Target of(@Nullable View view) {
      return view == null ? null : new Target(HostBuffer.segmentOf(view), view.byteOffset());
    }
  }

  private static void addPartials(Target target, int from, int to, float[] sums, int sumsAt, int stride, int tasks) {
    for (int c = from; c < to; c += F.length()) {
      FloatVector sum = FloatVector.zero(F);
      for (int task = 0; task < tasks; task++) {
        sum = sum.add(FloatVector.fromArray(F, sums, sumsAt + task * stride + c));
      }
      long at = target.start() + (long) Float.BYTES * c;
      VectorMask<Float> inside = F.indexInRange(c, to);
      FloatVector old = FloatVector.fromMemorySegment(F, target.segment(), at, ORDER, inside);
      old.add(sum).intoMemorySegment(target.segment(), at, ORDER, inside);
    }
  }

  /** The pass over the rows of one task. */
  private static final class Rows {
    private final NormGradient k;
    private final MemorySegment dx;
    private final MemorySegment dOut;
    private final MemorySegment x;
    private final @Nullable MemorySegment mean;
    private final long meanAt;
    private final MemorySegment inverseStd;
    private final float[] gain;
    private final boolean add;
    private final int width;
    private final int stride;
    private final float[] partials;

    Rows(NormGradient k, int width, int stride, float[] gain, float[] partials) {
      View meanView = k.mean();
      this.k = k;
      this.dx = HostBuffer.segmentOf(k.dx());
      this.dOut = HostBuffer.segmentOf(k.dOut());
      this.x = HostBuffer.segmentOf(k.x());
      this.mean = meanView == null ? null : HostBuffer.segmentOf(meanView);
      this.meanAt = meanView == null ? 0 : meanView.byteOffset();
      this.inverseStd = HostBuffer.segmentOf(k.inverseStd());
      this.gain = gain;
      this.add = k.accumulate();
      this.width = width;
      this.stride = stride;
      this.partials = partials;
    }

    void run(RowChunks chunks, int task, float[] sums) {
      int dGainAt = 2 * stride * task;
      Arrays.fill(partials, dGainAt, dGainAt + 2 * stride, 0);
      long row = chunks.firstRow(task);
      long end = row + chunks.rowsOf(task);
      for (; width % F.length() == 0 && row + TOGETHER <= end; row += TOGETHER) {
        reduceTwo(row, dGainAt, sums);
        for (int i = 0; i < TOGETHER; i++) {
          combine(row + i, sums, i);
        }
      }
      for (; row < end; row++) {
        long skip = row * width * Float.BYTES;
        reduce(k.dOut().byteOffset() + skip, k.x().byteOffset() + skip, mean(row), inverseStd(row), dGainAt, sums);
        combine(row, sums, 0);
      }
    }

    /** Writes a row, the {@code i}-th of those whose lanes are in {@code sums}. */
    private void combine(long row, float[] sums, int i) {
      float meanG = mean == null ? 0 : (float) (VectorMath.sum(sums, 2 * i * F.length()) / (double) width);
      float meanGx = (float) (VectorMath.sum(sums, (2 * i + 1) * F.length()) / (double) width);
      long skip = row * width * Float.BYTES;
      combine(k.dx().byteOffset() + skip, k.dOut().byteOffset() + skip, k.x().byteOffset() + skip, mean(row),
          inverseStd(row), meanG, meanGx);
    }

    private float mean(long row) {
      return mean == null ? 0 : mean.get(ValueLayout.JAVA_FLOAT, meanAt + row * Float.BYTES);
    }

    private float inverseStd(long row) {
      return inverseStd.get(ValueLayout.JAVA_FLOAT, k.inverseStd().byteOffset() + row * Float.BYTES);
    }

    /** {@link #reduce} of {@link #TOGETHER} rows of whole vectors; their lanes follow each other in {@code sums}. */
    private void reduceTwo(long row, int dGainAt, float[] sums) {
      long rowBytes = (long) width * Float.BYTES;
      long dOutAt = k.dOut().byteOffset() + row * rowBytes;
      long xAt = k.x().byteOffset() + row * rowBytes;
      float m0 = mean(row);
      float m1 = mean(row + 1);
      float s0 = inverseStd(row);
      float s1 = inverseStd(row + 1);
      FloatVector g0 = FloatVector.zero(F);
      FloatVector g1 = g0;
      FloatVector gx0 = g0;
      FloatVector gx1 = g0;
      for (int c = 0; c < width; c += F.length()) {
        long at = (long) Float.BYTES * c;
        FloatVector w = FloatVector.fromArray(F, gain, c);
        FloatVector dy0 = FloatVector.fromMemorySegment(F, dOut, dOutAt + at, ORDER);
        FloatVector normal0 = FloatVector.fromMemorySegment(F, x, xAt + at, ORDER).sub(m0).mul(s0);
        FloatVector dy1 = FloatVector.fromMemorySegment(F, dOut, dOutAt + rowBytes + at, ORDER);
        FloatVector normal1 = FloatVector.fromMemorySegment(F, x, xAt + rowBytes + at, ORDER).sub(m1).mul(s1);
        dy1.fma(normal1, dy0.fma(normal0, FloatVector.fromArray(F, partials, dGainAt + c)))
            .intoArray(partials, dGainAt + c);
        dy1.add(dy0.add(FloatVector.fromArray(F, partials, dGainAt + stride + c)))
            .intoArray(partials, dGainAt + stride + c);
        dy0 = dy0.mul(w);
        g0 = g0.add(dy0);
        gx0 = dy0.fma(normal0, gx0);
        dy1 = dy1.mul(w);
        g1 = g1.add(dy1);
        gx1 = dy1.fma(normal1, gx1);
      }
      g0.intoArray(sums, 0);
      gx0.intoArray(sums, F.length());
      g1.intoArray(sums, 2 * F.length());
      gx1.intoArray(sums, 3 * F.length());
    }

    /** Adds the row to the partial sums and leaves the lanes of Σ g and of Σ g·x̂ in {@code sums}. */
    private void reduce(long dOutAt, long xAt, float m, float s, int dGainAt, float[] sums) {
      FloatVector sumG = FloatVector.zero(F);
      FloatVector sumGx = FloatVector.zero(F);
      int bound = F.loopBound(width);
      for (int c = 0; c < bound; c += F.length()) {
        long at = (long) Float.BYTES * c;
        FloatVector dy = FloatVector.fromMemorySegment(F, dOut, dOutAt + at, ORDER);
        FloatVector normal = FloatVector.fromMemorySegment(F, x, xAt + at, ORDER).sub(m).mul(s);
        FloatVector g = dy.mul(FloatVector.fromArray(F, gain, c));
        sumG = sumG.add(g);
        sumGx = g.fma(normal, sumGx);
        dy.fma(normal, FloatVector.fromArray(F, partials, dGainAt + c)).intoArray(partials, dGainAt + c);
        dy.add(FloatVector.fromArray(F, partials, dGainAt + stride + c)).intoArray(partials, dGainAt + stride + c);
      }
      if (bound < width) {
        long at = (long) Float.BYTES * bound;
        VectorMask<Float> rest = F.indexInRange(bound, width);
        FloatVector dy = FloatVector.fromMemorySegment(F, dOut, dOutAt + at, ORDER, rest);
        FloatVector normal = FloatVector.fromMemorySegment(F, x, xAt + at, ORDER, rest).sub(m, rest).mul(s);
        FloatVector g = dy.mul(FloatVector.fromArray(F, gain, bound));
        sumG = sumG.add(g);
        sumGx = g.fma(normal, sumGx);
        int p = dGainAt + bound;
        dy.fma(normal, FloatVector.fromArray(F, partials, p)).intoArray(partials, p);
        dy.add(FloatVector.fromArray(F, partials, p + stride)).intoArray(partials, p + stride);
      }
      sumG.intoArray(sums, 0);
      sumGx.intoArray(sums, F.length());
    }

    /**
     * {@code dx (+)= s·(g − meanG − x̂·meanGx)}. Rows that are not whole vectors end in a method of their own: with
     * both parts in one, the compiler's first tier runs out of registers, and the second tier is then never tried.
     */
    private void combine(long dxAt, long dOutAt, long xAt, float m, float s, float meanG, float meanGx) {
      int bound = F.loopBound(width);
      for (int c = 0; c < bound; c += F.length()) {
        long at = (long) Float.BYTES * c;
        FloatVector dy = FloatVector.fromMemorySegment(F, dOut, dOutAt + at, ORDER);
        FloatVector normal = FloatVector.fromMemorySegment(F, x, xAt + at, ORDER).sub(m).mul(s);
        FloatVector g = dy.mul(FloatVector.fromArray(F, gain, c));
        FloatVector old = add ? FloatVector.fromMemorySegment(F, dx, dxAt + at, ORDER) : FloatVector.zero(F);
        normal.neg().fma(splat(meanGx), g.sub(meanG)).fma(splat(s), old).intoMemorySegment(dx, dxAt + at, ORDER);
      }
      if (bound < width) {
        combineRest(bound, dxAt, dOutAt, xAt, m, s, meanG, meanGx);
      }
    }

    private void combineRest(
        int bound, long dxAt, long dOutAt, long xAt, float m, float s, float meanG, float meanGx) {
      long at = (long) Float.BYTES * bound;
      VectorMask<Float> rest = F.indexInRange(bound, width);
      FloatVector dy = FloatVector.fromMemorySegment(F, dOut, dOutAt + at, ORDER, rest);
      FloatVector normal = FloatVector.fromMemorySegment(F, x, xAt + at, ORDER, rest).sub(m).mul(s);
      FloatVector g = dy.mul(FloatVector.fromArray(F, gain, bound));
      FloatVector old = add ? FloatVector.fromMemorySegment(F, dx, dxAt + at, ORDER, rest) : FloatVector.zero(F);
      normal.neg().fma(splat(meanGx), g.sub(meanG)).fma(splat(s), old).intoMemorySegment(dx, dxAt + at, ORDER, rest);
    }

    private static FloatVector splat(float value) {
      return FloatVector.broadcast(F, value);
    }
  }
}
