package dev.pantograph.tck;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Limitation;
import dev.pantograph.tck.kernels.KernelCase;
import dev.pantograph.tck.rules.BackendRule;
import dev.pantograph.tck.rules.KernelRule;
import dev.pantograph.tck.rules.Rule;
import dev.pantograph.tck.rules.Subject;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One cell of the coverage table: a rule on one kernel in one element type, or a rule on the backend as a whole. */
public final class Check {
  private final Subject subject;
  private final Rule rule;
  private final @Nullable KernelCase kernel;
  private final @Nullable DType type;

  Check(Subject subject, BackendRule rule) {
    this.subject = subject;
    this.rule = rule;
    this.kernel = null;
    this.type = null;
  }

  Check(Subject subject, KernelRule rule, KernelCase kernel, DType type) {
    this.subject = subject;
    this.rule = rule;
    this.kernel = kernel;
    this.type = type;
  }

  /** The rule's number: R01. */
  public String rule() {
    return rule.id();
  }

  /** What the rule demands. */
  public String title() {
    return rule.title();
  }

  /** Kernel and element type, or the backend: {@code MatMul F32}. */
  public String about() {
    return kernel == null ? "backend" : kernel.name() + " " + type;
  }

  /** Whether the rule is about the backend as a whole, not about a kernel. */
  public boolean isAboutBackend() {
    return kernel == null;
  }

  /** Runs the check. Whatever is thrown is a failure. */
  @SuppressWarnings("CatchingUnchecked")
  public Outcome run() {
    try {
      return switch (rule) {
        case BackendRule backendRule -> backendRule.check(subject);
        case KernelRule kernelRule when kernel != null && type != null -> run(kernelRule, kernel, type);
        case KernelRule _ -> throw new IllegalStateException(rule.id() + " is about kernels");
      };
    } catch (AssertionError e) {
      return new Outcome.Failed(String.valueOf(e.getMessage()), e);
    } catch (RuntimeException | Error e) {
      return new Outcome.Failed("threw " + e, e);
    }
  }

  private Outcome run(KernelRule kernelRule, KernelCase checked, DType in) {
    Optional<Limitation> refusal = subject.refusal(checked, in);
    return refusal.isPresent() && !kernelRule.coversRefused()
        ? new Outcome.Skipped(refusal.get().reason())
        : kernelRule.check(subject, checked, in);
  }

  @Override
  public String toString() {
    return rule() + " " + about();
  }
}
