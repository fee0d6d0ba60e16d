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
 * Loss and gradient of each row of V logits: {@code exp(logit − max)} where the gradient goes, their sum, and the
 * gradient as these times a factor. While a row's exponentials are computed, the next row's greatest logit is looked
 * for, so that arithmetic and memory are busy at the same time. Memory sees one read and one write.
 *
 * <p>The ladder, for 16384×4096 logits in place on two threads, as a share of the bandwidth of a copy: exponentials in
 * an array, their constants vectors in static fields, 48 %; where the gradient goes, with constants in registers, and
 * lanes added outside the loops' methods, 71 to 80 %; the logits' memory in a local variable, for a field is read again
 * after each store, 1.05 to 1.10 times as fast.
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

  /** What one worker knows of a row, lane by lane: a call with a vector in a loop this long would not be inlined. */
  private static final class Scratch {
    private final float[] sums = new float[F.length()];
    private final float[] nextMaxima = new float[F.length()];
  }

  /** The passes over one row. */
  private static final class Rows {
    private final TokenIndices targets;
    private final MemorySegment losses;
    private final long lossesAt;
    private final MemorySegment logits;
    private final long logitsAt;
    private final @Nullable MemorySegment gradient;
    private final long gradientAt;
    private final float gradientScale;
    private final int width;

    Rows(CrossEntropy k, TokenIndices targets) {
      this.targets = targets;
      View dLogits = k.dLogits();
      losses = HostBuffer.segmentOf(k.losses());
      lossesAt = k.losses().byteOffset();
      logits = HostBuffer.segmentOf(k.logits());
      logitsAt = k.logits().byteOffset();
      gradient = dLogits == null ? null : HostBuffer.segmentOf(dLogits);
      gradientAt = dLogits == null ? 0 : dLogits.byteOffset();
      gradientScale = (float) k.gradientScale();
      width = Math.toIntExact(k.logits().size(1));
    }

    void run(long first, int count, Scratch scratch) {
      max(logitsAt + first * width * Float.BYTES, scratch);
      for (long r = first; r < first + count; r++) {
        long at = logitsAt + r * width * Float.BYTES;
        long next = r + 1 < first + count ? at + (long) width * Float.BYTES : at;
        long skip = (long) targets.at(r) * Float.BYTES;
        float targetLogit = logits.get(ValueLayout.JAVA_FLOAT, at + skip);
        float max = VectorMath.max(scratch.nextMaxima, 0);
        float sum;
        if (gradient == null) {
          sum = add(at, max, next, scratch);
        } else {
          sum = differentiate(gradient, gradientAt + r * width * Float.BYTES, skip, at, max, next, scratch);
        }
        double loss = Math.log(sum) + ((double) max - targetLogit);
        losses.set(ValueLayout.JAVA_FLOAT, lossesAt + r * Float.BYTES, (float) loss);
      }
    }

    private float add(long at, float max, long next, Scratch scratch) {
      addExponentials(at, max, next, scratch);
      if (F.loopBound(width) < width) {
        addRest(null, 0, at, max, next, scratch);
      }
      return VectorMath.sum(scratch.sums, 0);
    }

    private float differentiate(
        MemorySegment out, long to, long target, long at, float max, long next, Scratch scratch) {
      exponentiate(out, to, at, max, next, scratch);
      if (F.loopBound(width) < width) {
        addRest(out, to, at, max, next, scratch);
      }
      float sum = VectorMath.sum(scratch.sums, 0);
      out.set(ValueLayout.JAVA_FLOAT, to + target, out.get(ValueLayout.JAVA_FLOAT, to + target) - sum);
      Arithmetic.scale(out, to, gradientScale / sum, out, to, width);
      return sum;
    }

    private void max(long at, Scratch scratch) {
      FloatVector max = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
      int bound = F.loopBound(width);
      for (int i = 0; i < bound; i += F.length()) {
        FloatVector x = FloatVector.fromMemorySegment(F, logits, at + (long) Float.BYTES * i, ORDER);
        max = max.blend(x, x.compare(GT, max));
      }
      max.intoArray(scratch.nextMaxima, 0);
      if (bound < width) {
        VectorMath.max(max, rest(at)).intoArray(scratch.nextMaxima, 0);
      }
    }

    /** The last elements of a row that are not a whole vector, filled up with −∞. */
    private FloatVector rest(long at) {
      int bound = F.loopBound(width);
      VectorMask<Float> inside = F.indexInRange(bound, width);
      return FloatVector.broadcast(F, Float.NEGATIVE_INFINITY)
          .blend(FloatVector.fromMemorySegment(F, logits, at + (long) Float.BYTES * bound, ORDER, inside), inside);
    }

    /** {@code exp(logit − max)} of one row and their sums; and the greatest logits of the next row. */
    private void exponentiate(MemorySegment out, long to, long at, float max, long next, Scratch scratch) {
      MemorySegment logits = this.logits;
      FloatVector sum = FloatVector.zero(F);
      FloatVector nextMax = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
      int bound = F.loopBound(width);
      for (int i = 0; i < bound; i += F.length()) {
        long skip = (long) Float.BYTES * i;
        FloatVector e =
            VectorMath.expBelowOverflow(FloatVector.fromMemorySegment(F, logits, at + skip, ORDER).sub(max));
        e.intoMemorySegment(out, to + skip, ORDER);
        sum = sum.add(e);
        FloatVector x = FloatVector.fromMemorySegment(F, logits, next + skip, ORDER);
        nextMax = nextMax.blend(x, x.compare(GT, nextMax));
      }
      sum.intoArray(scratch.sums, 0);
      nextMax.intoArray(scratch.nextMaxima, 0);
    }

    /** {@link #exponentiate} for the sums alone. */
    private void addExponentials(long at, float max, long next, Scratch scratch) {
      MemorySegment logits = this.logits;
      FloatVector sum = FloatVector.zero(F);
      FloatVector nextMax = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
      int bound = F.loopBound(width);
      for (int i = 0; i < bound; i += F.length()) {
        long skip = (long) Float.BYTES * i;
        sum = sum.add(
            VectorMath.expBelowOverflow(FloatVector.fromMemorySegment(F, logits, at + skip, ORDER).sub(max)));
        FloatVector x = FloatVector.fromMemorySegment(F, logits, next + skip, ORDER);
        nextMax = nextMax.blend(x, x.compare(GT, nextMax));
      }
      sum.intoArray(scratch.sums, 0);
      nextMax.intoArray(scratch.nextMaxima, 0);
    }

    /** The end of a row that is not a whole vector. */
    private void addRest(
        @Nullable MemorySegment out, long to, long at, float max, long next, Scratch scratch) {
      int bound = F.loopBound(width);
      FloatVector e = VectorMath.expBelowOverflow(rest(at).sub(max));
      FloatVector.fromArray(F, scratch.sums, 0).add(e).intoArray(scratch.sums, 0);
      VectorMath.max(FloatVector.fromArray(F, scratch.nextMaxima, 0), rest(next)).intoArray(scratch.nextMaxima, 0);
      if (out != null) {
        e.intoMemorySegment(out, to + (long) Float.BYTES * bound, ORDER, F.indexInRange(bound, width));
      }
    }
  }
}
