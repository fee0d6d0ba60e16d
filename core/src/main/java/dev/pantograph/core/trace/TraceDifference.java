package dev.pantograph.core.trace;

import dev.pantograph.core.kernel.Elements;
import dev.pantograph.core.kernel.KernelLabel;
import dev.pantograph.core.trace.TraceLine.Result;
import dev.pantograph.core.trace.TraceLine.TracedKernel;
import dev.pantograph.core.validation.Difference;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Kernel.Access;
import dev.pantograph.spi.Kernel.Operand;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Where two traces part.
 *
 * @param step of the first kernel that differs
 * @param number of it within the step
 * @param kernel what it computes, in the first trace
 * @param what differs
 */
public record TraceDifference(long step, long number, String kernel, String what) {

  /**
   * The first kernel of which structure or results differ.
   *
   * @param tolerance how far results may differ, as a share of the operand's root mean square; 0 compares bits. Without
   *     contents it is the statistics that are compared
   */
  public static Optional<TraceDifference> first(KernelTrace a, KernelTrace b, double tolerance) {
    int common = Math.min(a.kernels().size(), b.kernels().size());
    for (int i = 0; i < common; i++) {
      TracedKernel one = a.kernels().get(i);
      TracedKernel other = b.kernels().get(i);
      Optional<String> what = structure(a, b, one, other).or(() -> results(a, b, one, other, tolerance));
      if (what.isPresent()) {
        return what.map(text -> of(a, one, text));
      }
    }
    if (a.kernels().size() != b.kernels().size()) {
      KernelTrace longer = a.kernels().size() > common ? a : b;
      return Optional.of(of(longer, longer.kernels().get(common), "only the %s trace goes on: %d kernels and %d"
          .formatted(longer == a ? "first" : "second", a.kernels().size(), b.kernels().size())));
    }
    return Optional.empty();
  }

  private static TraceDifference of(KernelTrace trace, TracedKernel traced, String what) {
    return new TraceDifference(traced.step(), traced.number(), KernelLabel.of(trace.kernel(traced)), what);
  }

  private static Optional<String> structure(KernelTrace a, KernelTrace b, TracedKernel one, TracedKernel other) {
    if (one.step() != other.step() || one.number() != other.number()) {
      return Optional.of("in the second trace it is step %d, kernel %d".formatted(other.step(), other.number()));
    }
    if (one.kernel().equals(other.kernel())) {
      return Optional.empty();
    }
    String label = KernelLabel.of(b.kernel(other));
    if (!KernelLabel.of(a.kernel(one)).equals(label)) {
      return Optional.of("in the second trace it is " + label);
    }
    return one.kernel().entrySet().stream()
        .filter(field -> !field.getValue().equals(other.kernel().get(field.getKey()))).findFirst()
        .map(field -> "%s is %s, in the second trace %s".formatted(field.getKey(), field.getValue(),
            other.kernel().get(field.getKey())));
  }

  private static Optional<String> results(
      KernelTrace a, KernelTrace b, TracedKernel one, TracedKernel other, double tolerance) {
    Kernel kernel = a.kernel(one);
    List<Operand> written = kernel.operands().stream().filter(operand -> operand.access() != Access.READ).toList();
    for (int i = 0; i < Math.min(one.results().size(), other.results().size()); i++) {
      Result left = one.results().get(i);
      Result right = other.results().get(i);
      if (!left.digest().equals(right.digest())) {
        Optional<String> what = left.content() != null && right.content() != null
            ? elements(left.operand(), a.elements(left, written.get(i).view()),
                b.elements(right, written.get(i).view()), tolerance * left.rms())
            : statistics(left, right, tolerance);
        if (what.isPresent()) {
          return what;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> elements(String operand, Elements left, Elements right, double allowed) {
    Difference difference = Difference.of(right, left, (_, _) -> allowed);
    if (difference.wrong() == 0) {
      return Optional.empty();
    }
    return Optional.of("%s differs in %d of %d elements, most at %s: %s and %s, by %s".formatted(operand,
        difference.wrong(), difference.elements(), Arrays.toString(left.index(difference.position())),
        difference.expected(), difference.actual(), difference.error()));
  }

  private static Optional<String> statistics(Result left, Result right, double tolerance) {
    double allowed = tolerance * left.rms();
    boolean near = tolerance > 0 && left.notFinite() == right.notFinite()
        && Math.abs(left.least() - right.least()) <= allowed && Math.abs(left.greatest() - right.greatest()) <= allowed
        && Math.abs(left.mean() - right.mean()) <= allowed && Math.abs(left.rms() - right.rms()) <= allowed;
    return near ? Optional.empty() : Optional.of(("%s differs: root mean square %s and %s, mean %s and %s, range"
        + " [%s, %s] and [%s, %s], %d and %d not finite; the elements were not kept").formatted(left.operand(), left.rms(),
            right.rms(), left.mean(), right.mean(), left.least(), left.greatest(), right.least(), right.greatest(),
            left.notFinite(), right.notFinite()));
  }

  @Override
  public String toString() {
    return "step %d, kernel %d, %s: %s".formatted(step, number, kernel, what);
  }
}
