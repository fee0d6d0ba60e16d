package dev.pantograph.backends.vector;

import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.LayerNorm;
import dev.pantograph.spi.LayerNormGradient;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Layer normalisation of rows of C elements: mean, then variance around it, then
 * {@code out = gain·(x − mean)·inverseStd + bias}. The row stays in the first-level cache over the three passes, so
 * memory sees one read and one write.
 */
final class VectorLayerNorm {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private final WorkerPool pool;
  private final VectorLayerNormGradient gradient;
  /** One vector's worth of floats per worker, for horizontal sums. */
  private final float[][] lanes;

  VectorLayerNorm(WorkerPool pool) {
    this.pool = pool;
    gradient = new VectorLayerNormGradient(pool);
    lanes = new float[pool.threads()][F.length()];
  }

  void run(LayerNormGradient k) {
    gradient.run(k);
  }

  void run(LayerNorm k) {
    Float32.require(k, k.out());
    int width = Math.toIntExact(k.out().size(-1));
    RowChunks chunks = RowChunks.of(k.out().shape().rows(), width);
    Row row = new Row(HostBuffer.segmentOf(k.out()), HostBuffer.segmentOf(k.x()), k.gain(), k.bias(), width);
    MemorySegment means = HostBuffer.segmentOf(k.mean());
    MemorySegment inverseStds = HostBuffer.segmentOf(k.inverseStd());
    pool.run(chunks.tasks(), (task, worker) -> {
      for (int i = 0; i < chunks.rowsOf(task); i++) {
        long r = chunks.firstRow(task) + i;
        long skip = r * width * Float.BYTES;
        float mean = row.mean(k.x().byteOffset() + skip, lanes[worker]);
        double variance = row.squaredDeviations(k.x().byteOffset() + skip, mean, lanes[worker]) / (double) width;
        float inverseStd = (float) (1 / Math.sqrt(variance + k.epsilon()));
        row.normalise(k.out().byteOffset() + skip, k.x().byteOffset() + skip, mean, inverseStd);
        means.set(ValueLayout.JAVA_FLOAT, k.mean().byteOffset() + r * Float.BYTES, mean);
        inverseStds.set(ValueLayout.JAVA_FLOAT, k.inverseStd().byteOffset() + r * Float.BYTES, inverseStd);
      }
    });
  }

  /** The three passes over one row. */
  private static final class Row {
    private final MemorySegment out;
    private final MemorySegment x;
    private final @Nullable MemorySegment gain;
    private final @Nullable MemorySegment bias;
    private final long gainAt;
    private final long biasAt;
    private final int width;

    Row(MemorySegment out, MemorySegment x, @Nullable View gain, @Nullable View bias, int width) {
      this.out = out;
      this.x = x;
      this.gain = gain == null ? null : HostBuffer.segmentOf(gain);
      this.bias = bias == null ? null : HostBuffer.segmentOf(bias);
      this.gainAt = gain == null ? 0 : gain.byteOffset();
      this.biasAt = bias == null ? 0 : bias.byteOffset();
      this.width = width;
    }

    float mean(long xAt, float[] lanes) {
      FloatVector sum = FloatVector.zero(F);
      int bound = F.loopBound(width);
      for (int c = 0; c < bound; c += F.length()) {
        sum = sum.add(FloatVector.fromMemorySegment(F, x, xAt + (long) Float.BYTES * c, ORDER));
      }
      if (bound < width) {
        VectorMask<Float> rest = F.indexInRange(bound, width);
        sum = sum.add(FloatVector.fromMemorySegment(F, x, xAt + (long) Float.BYTES * bound, ORDER, rest));
      }
      sum.intoArray(lanes, 0);
      return (float) (VectorMath.sum(lanes, 0) / (double) width);
    }

    float squaredDeviations(long xAt, float mean, float[] lanes) {
      FloatVector sum = FloatVector.zero(F);
      int bound = F.loopBound(width);
      for (int c = 0; c < bound; c += F.length()) {
        FloatVector d = FloatVector.fromMemorySegment(F, x, xAt + (long) Float.BYTES * c, ORDER).sub(mean);
        sum = d.fma(d, sum);
      }
      if (bound < width) {
        VectorMask<Float> rest = F.indexInRange(bound, width);
        FloatVector d =
            FloatVector.fromMemorySegment(F, x, xAt + (long) Float.BYTES * bound, ORDER, rest).sub(mean, rest);
        sum = d.fma(d, sum);
      }
      sum.intoArray(lanes, 0);
      return VectorMath.sum(lanes, 0);
    }

    void normalise(long outAt, long xAt, float mean, float inverseStd) {
      int bound = F.loopBound(width);
      for (int c = 0; c < bound; c += F.length()) {
        long at = (long) Float.BYTES * c;
        FloatVector y = FloatVector.fromMemorySegment(F, x, xAt + at, ORDER).sub(mean).mul(inverseStd);
        FloatVector b = bias == null ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, bias, biasAt + at, ORDER);
        y = gain == null ? y.add(b) : y.fma(FloatVector.fromMemorySegment(F, gain, gainAt + at, ORDER), b);
        y.intoMemorySegment(out, outAt + at, ORDER);
      }
      if (bound < width) {
        long at = (long) Float.BYTES * bound;
        VectorMask<Float> rest = F.indexInRange(bound, width);
        FloatVector y = FloatVector.fromMemorySegment(F, x, xAt + at, ORDER, rest).sub(mean).mul(inverseStd);
        FloatVector b =
            bias == null ? FloatVector.zero(F) : FloatVector.fromMemorySegment(F, bias, biasAt + at, ORDER, rest);
        y = gain == null ? y.add(b) : y.fma(FloatVector.fromMemorySegment(F, gain, gainAt + at, ORDER, rest), b);
        y.intoMemorySegment(out, outAt + at, ORDER, rest);
      }
    }
  }
}
