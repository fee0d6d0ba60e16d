package dev.pantograph.backends.vector;

import dev.pantograph.spi.CrossEntropy;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loss and gradient of each row of V logits. The row is copied to an array, filled up with −∞; there its greatest logit
 * is found and the logits turn into {@code exp(logit − max)} and their sum; the gradient is these times a factor.
 * Memory sees one read and one write.
 */
final class VectorCrossEntropy {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;

  private final WorkerPool pool;
  /** One vector's worth of floats per worker, for horizontal sums. */
  private final float[][] lanes;
  private final float[][] rows;

  VectorCrossEntropy(WorkerPool pool) {
    this.pool = pool;
    lanes = new float[pool.threads()][F.length()];
    rows = new float[pool.threads()][0];
  }

  void run(CrossEntropy k) {
    Float32.require(k, k.logits());
    TokenIndices targets = new TokenIndices(k.targets());
    targets.requireBelow(k.logits().size(1), k, "target");
    int width = Math.toIntExact(k.logits().size(1));
    RowChunks chunks = RowChunks.of(k.logits().size(0), width);
    MemorySegment losses = HostBuffer.segmentOf(k.losses());
    Run logits = new Run(k.logits());
    View dLogits = k.dLogits();
    Run gradient = dLogits == null ? null : new Run(dLogits);
    float gradientScale = (float) k.gradientScale();
    pool.run(chunks.tasks(), (task, worker) -> {
      float[] row = rowOf(worker, width);
      for (int i = 0; i < chunks.rowsOf(task); i++) {
        long r = chunks.firstRow(task) + i;
        int target = targets.at(r);
        logits.load(r * width, width, Float.NEGATIVE_INFINITY, row);
        float targetLogit = row[target];
        float max = max(row, width, lanes[worker]);
        float sum = exponentiate(row, width, max, lanes[worker]);
        double loss = Math.log(sum) + ((double) max - targetLogit);
        losses.set(ValueLayout.JAVA_FLOAT, k.losses().byteOffset() + r * Float.BYTES, (float) loss);
        if (gradient != null) {
          row[target] -= sum;
          gradient.storeScaled(r * width, width, row, gradientScale / sum);
        }
      }
    });
  }

  private float[] rowOf(int worker, int width) {
    int needed = Heads.padded(width);
    if (rows[worker].length < needed) {
      rows[worker] = new float[needed];
    }
    return rows[worker];
  }

  private static float max(float[] row, int n, float[] lanes) {
    FloatVector max = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < n; i += F.length()) {
      max = VectorMath.max(max, FloatVector.fromArray(F, row, i));
    }
    max.intoArray(lanes, 0);
    return VectorMath.max(lanes, 0);
  }

  /** Replaces the logits by {@code exp(logit − max)} and returns their sum. */
  private static float exponentiate(float[] row, int n, float max, float[] lanes) {
    FloatVector sum = FloatVector.zero(F);
    for (int i = 0; i < n; i += F.length()) {
      FloatVector e = VectorMath.exp(FloatVector.fromArray(F, row, i).sub(max));
      e.intoArray(row, i);
      sum = sum.add(e);
    }
    sum.intoArray(lanes, 0);
    return VectorMath.sum(lanes, 0);
  }
}
