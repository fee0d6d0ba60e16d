package dev.pantograph.backends.vector;

import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The optimizer's kernels over all parameters at once, cut into {@link Chunks}.
 *
 * <p>The ladder: the reference makes one pass per formula over each tensor. {@link AdamWStep} does the whole update of
 * an element while it is in registers, which leaves memory traffic as the only cost; chunks of all tensors in one list
 * keep every thread busy although the tensors differ in size.
 */
final class VectorOptimizer {
  private final WorkerPool pool;
  private double[] partials = new double[0];

  VectorOptimizer(WorkerPool pool) {
    this.pool = pool;
  }

  /** The update of {@link AdamW}, element by element; none if the gradients' norm is not finite. */
  void run(AdamW k) {
    Float32.require(k, k.control());
    View squaredNorm = k.squaredGradientNorm();
    if (squaredNorm != null && !Double.isFinite(AdamWStep.squaredNorm(squaredNorm))) {
      return;
    }
    List<View> values = new ArrayList<>(k.slots().size());
    List<AdamWStep> steps = new ArrayList<>(k.slots().size());
    for (AdamW.Slot slot : k.slots()) {
      values.add(slot.value());
      steps.add(AdamWStep.of(k, slot));
    }
    Chunks chunks = new Chunks(values);
    pool.run(chunks.count(), (chunk, worker) ->
        steps.get(chunks.tensor(chunk)).run(chunks.start(chunk), chunks.length(chunk)));
  }

  /** {@code out = Σᵢ Σ xᵢ²}: a float64 sum for each chunk, the sums added in the order of the chunks. */
  void run(SquaredNorm k) {
    List<MemorySegment> memory = new ArrayList<>(k.inputs().size());
    for (View input : k.inputs()) {
      Float32.require(k, input);
      memory.add(HostBuffer.segmentOf(input));
    }
    MemorySegment out = HostBuffer.segmentOf(k.out());
    Chunks chunks = new Chunks(k.inputs());
    int count = chunks.count();
    if (partials.length < count) {
      partials = new double[count];
    }
    double[] sums = partials;
    pool.run(count, (chunk, worker) -> {
      int tensor = chunks.tensor(chunk);
      long offset = k.inputs().get(tensor).byteOffset() + chunks.start(chunk) * Float.BYTES;
      sums[chunk] = Float64Sum.ofSquares(memory.get(tensor), offset, chunks.length(chunk));
    });
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += sums[i];
    }
    out.set(ValueLayout.JAVA_DOUBLE, k.out().byteOffset(), sum);
  }
}
