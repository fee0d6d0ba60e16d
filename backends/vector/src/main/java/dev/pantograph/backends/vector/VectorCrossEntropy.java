package dev.pantograph.backends.vector;

import dev.pantograph.spi.CrossEntropy;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Loss and gradient of each row of V logits: greatest logit, then {@code Σ exp(logit − max)} with the exponentials left in
 * the gradient's place, then their scaling to probabilities. Each row is done while it is in the cache.
 */
final class VectorCrossEntropy {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private final WorkerPool pool;
  /** One vector's worth of floats per worker, for horizontal sums. */
  private final float[][] lanes;

  VectorCrossEntropy(WorkerPool pool) {
    this.pool = pool;
    lanes = new float[pool.threads()][F.length()];
  }

  void run(CrossEntropy k) {
    SinglePrecision.require(k, k.logits());
    TokenIndices targets = new TokenIndices(k.targets());
    targets.requireBelow(k.logits().size(1), k, "target");
    int width = Math.toIntExact(k.logits().size(1));
    RowChunks chunks = RowChunks.of(k.logits().size(0), width);
    MemorySegment losses = HostBuffer.segmentOf(k.losses());
    MemorySegment logits = HostBuffer.segmentOf(k.logits());
    View dLogits = k.dLogits();
    MemorySegment gradient = dLogits == null ? null : HostBuffer.segmentOf(dLogits);
    long gradientAt = dLogits == null ? 0 : dLogits.byteOffset();
    float gradientScale = (float) k.gradientScale();
    pool.run(chunks.tasks(), (task, worker) -> {
      for (int i = 0; i < chunks.rowsOf(task); i++) {
        long r = chunks.firstRow(task) + i;
        long skip = r * width * Float.BYTES;
        long at = k.logits().byteOffset() + skip;
        long targetSkip = (long) Float.BYTES * targets.at(r);
        float targetLogit = logits.get(ValueLayout.JAVA_FLOAT, at + targetSkip);
        float max = max(logits, at, width, lanes[worker]);
        float sum = sumOfExponentials(gradient, gradientAt + skip, logits, at, width, max, lanes[worker]);
        double loss = Math.log(sum) + ((double) max - targetLogit);
        losses.set(ValueLayout.JAVA_FLOAT, k.losses().byteOffset() + r * Float.BYTES, (float) loss);
        if (gradient != null) {
          scale(gradient, gradientAt + skip, width, (float) (k.gradientScale() / sum));
          long own = gradientAt + skip + targetSkip;
          gradient.set(ValueLayout.JAVA_FLOAT, own, gradient.get(ValueLayout.JAVA_FLOAT, own) - gradientScale);
        }
      }
    });
  }

  private static float max(MemorySegment x, long xAt, int n, float[] lanes) {
    FloatVector max = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    int bound = F.loopBound(n);
    for (int i = 0; i < bound; i += F.length()) {
      max = VectorMath.max(max, FloatVector.fromMemorySegment(F, x, xAt + (long) Float.BYTES * i, ORDER));
    }
    if (bound < n) {
      VectorMask<Float> rest = F.indexInRange(bound, n);
      FloatVector v = FloatVector.fromMemorySegment(F, x, xAt + (long) Float.BYTES * bound, ORDER, rest);
      max = max.blend(VectorMath.max(max, v), rest);
    }
    return VectorMath.max(max, lanes);
  }

  /** Returns the sum of {@code exp(x − max)}; keeps the summands in {@code out} if there is one, which may be {@code x}. */
  private static float sumOfExponentials(
      @Nullable MemorySegment out, long outAt, MemorySegment x, long xAt, int n, float max, float[] lanes) {
    FloatVector sum = FloatVector.zero(F);
    int bound = F.loopBound(n);
    for (int i = 0; i < bound; i += F.length()) {
      long at = (long) Float.BYTES * i;
      FloatVector e = VectorMath.exp(FloatVector.fromMemorySegment(F, x, xAt + at, ORDER).sub(max));
      sum = sum.add(e);
      if (out != null) {
        e.intoMemorySegment(out, outAt + at, ORDER);
      }
    }
    if (bound < n) {
      long at = (long) Float.BYTES * bound;
      VectorMask<Float> rest = F.indexInRange(bound, n);
      FloatVector e = VectorMath.exp(FloatVector.fromMemorySegment(F, x, xAt + at, ORDER, rest).sub(max));
      sum = sum.add(e, rest);
      if (out != null) {
        e.intoMemorySegment(out, outAt + at, ORDER, rest);
      }
    }
    return VectorMath.sum(sum, lanes);
  }

  private static void scale(MemorySegment x, long xAt, int n, float factor) {
    int bound = F.loopBound(n);
    for (int i = 0; i < bound; i += F.length()) {
      long at = xAt + (long) Float.BYTES * i;
      FloatVector.fromMemorySegment(F, x, at, ORDER).mul(factor).intoMemorySegment(x, at, ORDER);
    }
    if (bound < n) {
      long at = xAt + (long) Float.BYTES * bound;
      VectorMask<Float> rest = F.indexInRange(bound, n);
      FloatVector.fromMemorySegment(F, x, at, ORDER, rest).mul(factor).intoMemorySegment(x, at, ORDER, rest);
    }
  }
}
