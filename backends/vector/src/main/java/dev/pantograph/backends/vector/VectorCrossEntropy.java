package dev.pantograph.backends.vector;

import static jdk.incubator.vector.VectorOperators.GT;

import dev.pantograph.spi.CrossEntropy;
import dev.pantograph.spi.HostBuffer;
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
 * Loss and gradient of each row of V logits: {@code exp(logit − max)} into an array, their sum, and the gradient as
 * these times a factor. While a row's exponentials are computed, the next row's greatest logit is looked for, so that
 * arithmetic and memory are busy at the same time. Memory sees one read and one write.
 */
final class VectorCrossEntropy {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  /** Only the first row of a task has nothing to overlap with. */
  private static final int LEAST_ROWS = 4;

  private final WorkerPool pool;
  private final Scratch[] scratch;

  VectorCrossEntropy(WorkerPool pool) {
    this.pool = pool;
    scratch = new Scratch[pool.threads()];
    Arrays.setAll(scratch, _ -> new Scratch());
  }

  void run(CrossEntropy k) {
    Float32.require(k, k.logits());
    TokenIndices targets = new TokenIndices(k.targets());
    targets.requireBelow(k.logits().size(1), k, "targets");
    Rows rows = new Rows(k, targets);
    RowChunks chunks = RowChunks.of(k.logits().size(0), rows.width, LEAST_ROWS);
    pool.run(chunks.tasks(), (task, worker) ->
        rows.run(chunks.firstRow(task), chunks.rowsOf(task), scratch[worker]));
  }

  /** Where one worker keeps a row. */
  private static final class Scratch {
    private float[] exponentials = new float[0];
    private float sum;
    private float nextMax;
  }

  /** The passes over one row. */
  private static final class Rows {
    private final TokenIndices targets;
    private final MemorySegment losses;
    private final long lossesAt;
    private final MemorySegment logits;
    private final long logitsAt;
    private final @Nullable Run gradient;
    private final float gradientScale;
    private final int width;

    Rows(CrossEntropy k, TokenIndices targets) {
      this.targets = targets;
      View dLogits = k.dLogits();
      losses = HostBuffer.segmentOf(k.losses());
      lossesAt = k.losses().byteOffset();
      logits = HostBuffer.segmentOf(k.logits());
      logitsAt = k.logits().byteOffset();
      gradient = dLogits == null ? null : new Run(dLogits);
      gradientScale = (float) k.gradientScale();
      width = Math.toIntExact(k.logits().size(1));
    }

    void run(long first, int count, Scratch scratch) {
      if (scratch.exponentials.length < Heads.padded(width)) {
        scratch.exponentials = new float[Heads.padded(width)];
      }
      float[] row = scratch.exponentials;
      float max = max(logitsAt + first * width * Float.BYTES);
      for (long r = first; r < first + count; r++) {
        long at = logitsAt + r * width * Float.BYTES;
        int target = targets.at(r);
        float targetLogit = logits.get(ValueLayout.JAVA_FLOAT, at + (long) target * Float.BYTES);
        exponentiate(at, max, r + 1 < first + count ? at + (long) width * Float.BYTES : at, scratch);
        float sum = scratch.sum;
        double loss = Math.log(sum) + ((double) max - targetLogit);
        losses.set(ValueLayout.JAVA_FLOAT, lossesAt + r * Float.BYTES, (float) loss);
        if (gradient != null) {
          row[target] -= sum;
          gradient.storeScaled(r * width, width, row, gradientScale / sum);
        }
        max = scratch.nextMax;
      }
    }

    private float max(long at) {
      FloatVector max = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
      int bound = F.loopBound(width);
      for (int i = 0; i < bound; i += F.length()) {
        FloatVector x = FloatVector.fromMemorySegment(F, logits, at + (long) Float.BYTES * i, ORDER);
        max = max.blend(x, x.compare(GT, max));
      }
      return VectorMath.max(bound < width ? VectorMath.max(max, rest(at)) : max);
    }

    /** The last elements of a row that are not a whole vector, filled up with −∞. */
    private FloatVector rest(long at) {
      int bound = F.loopBound(width);
      VectorMask<Float> inside = F.indexInRange(bound, width);
      return FloatVector.broadcast(F, Float.NEGATIVE_INFINITY)
          .blend(FloatVector.fromMemorySegment(F, logits, at + (long) Float.BYTES * bound, ORDER, inside), inside);
    }

    /** {@code exp(logit − max)} of one row and their sum; and the greatest logit of the next row. */
    private void exponentiate(long at, float max, long next, Scratch scratch) {
      float[] row = scratch.exponentials;
      FloatVector sum = FloatVector.zero(F);
      FloatVector nextMax = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
      int bound = F.loopBound(width);
      for (int i = 0; i < bound; i += F.length()) {
        FloatVector e = VectorMath.exp(
            FloatVector.fromMemorySegment(F, logits, at + (long) Float.BYTES * i, ORDER).sub(max));
        e.intoArray(row, i);
        sum = sum.add(e);
        FloatVector x = FloatVector.fromMemorySegment(F, logits, next + (long) Float.BYTES * i, ORDER);
        nextMax = nextMax.blend(x, x.compare(GT, nextMax));
      }
      if (bound < width) {
        FloatVector e = VectorMath.exp(rest(at).sub(max));
        e.intoArray(row, bound);
        sum = sum.add(e);
        nextMax = VectorMath.max(nextMax, rest(next));
      }
      scratch.sum = VectorMath.sum(sum);
      scratch.nextMax = VectorMath.max(nextMax);
    }
  }
}
