package dev.pantograph.core.trace;

import dev.pantograph.core.kernel.KernelLabel;
import dev.pantograph.core.kernel.Region;
import dev.pantograph.core.kernel.Replica;
import dev.pantograph.core.kernel.Snapshot;
import dev.pantograph.core.trace.TraceLine.Result;
import dev.pantograph.core.trace.TraceLine.TracedKernel;
import dev.pantograph.core.validation.Difference;
import dev.pantograph.core.validation.Difference.Bound;
import dev.pantograph.core.validation.RoundingBound;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Kernel.Access;
import dev.pantograph.spi.Kernel.Operand;
import dev.pantograph.spi.View;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One result of a recorded kernel that was run again, on what it had read.
 *
 * @param step it belongs to
 * @param number of the kernel within the step
 * @param kernel what it computes and in what sizes
 * @param operand name of the result
 * @param index of the worst element
 * @param difference from what was recorded, as a share of what rounding allows to both of them
 */
public record Rerun(long step, long number, String kernel, String operand, long[] index, Difference difference) {
  /** Both sides round. */
  private static final double SIDES = 2;

  /**
   * Runs every kernel of a trace on a backend, each on its recorded operands and none on another's results.
   *
   * @throws TraceException if the trace holds no contents
   */
  public static void all(KernelTrace trace, Backend backend, Consumer<Rerun> listener) {
    for (TracedKernel traced : trace.kernels()) {
      Kernel kernel = trace.kernel(traced);
      Snapshot before = trace.before(traced, kernel);
      try (Arena arena = Arena.ofConfined();
          Replica replica = new Replica(backend, kernel, Region.of(kernel), before)) {
        Snapshot after = replica.run(arena);
        Map<View, Bound> bounds = RoundingBound.of(kernel, before);
        List<Operand> written = kernel.operands().stream().filter(operand -> operand.access() != Access.READ).toList();
        for (int i = 0; i < written.size(); i++) {
          View view = written.get(i).view();
          Result result = traced.results().get(i);
          Bound bound = bounds.getOrDefault(view, Bound.EXACT);
          Difference difference = Difference.of(after.elements(view), trace.elements(result, view),
              (position, expected) -> SIDES * bound.at(position, expected));
          listener.accept(new Rerun(traced.step(), traced.number(), KernelLabel.of(kernel), result.operand(),
              after.elements(view).index(difference.position()), difference));
        }
      }
    }
  }
}
