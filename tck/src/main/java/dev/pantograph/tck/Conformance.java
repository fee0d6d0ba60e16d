package dev.pantograph.tck;

import dev.pantograph.spi.Availability;
import dev.pantograph.spi.BackendProvider;
import dev.pantograph.spi.BackendUnavailableException;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Limitation;
import dev.pantograph.tck.kernels.KernelCase;
import dev.pantograph.tck.kernels.KernelCases;
import dev.pantograph.tck.rules.BackendRule;
import dev.pantograph.tck.rules.KernelRule;
import dev.pantograph.tck.rules.Rule;
import dev.pantograph.tck.rules.Rules;
import dev.pantograph.tck.rules.Subject;
import java.util.ArrayList;
import java.util.List;

/**
 * All rules over all kernels and element types, for one backend. Rules and kernels know nothing of each other; every
 * pair is a {@link Check}, which opens backends of its own and can be run alone.
 */
public final class Conformance {
  private final Subject subject;
  private final List<Check> checks;

  private Conformance(Subject subject) {
    this.subject = subject;
    List<Check> all = new ArrayList<>();
    for (Rule rule : Rules.all()) {
      switch (rule) {
        case BackendRule each -> all.add(new Check(subject, each));
        case KernelRule each -> addKernels(each, all);
      }
    }
    this.checks = List.copyOf(all);
  }

  private void addKernels(KernelRule rule, List<Check> all) {
    for (KernelCase kernel : KernelCases.all()) {
      for (DType type : DType.values()) {
        if (kernel.types().contains(type)) {
          all.add(new Check(subject, rule, kernel, type));
        }
      }
    }
  }

  /**
   * The checks of this backend.
   *
   * @throws BackendUnavailableException if it cannot be opened on this machine; says why
   */
  public static Conformance of(BackendProvider provider) {
    return switch (provider.probe()) {
      case Availability.Available available -> new Conformance(new Subject(provider, available.limitations()));
      case Availability.Unavailable why -> throw new BackendUnavailableException(provider.id(), why);
    };
  }

  /** The backend's id. */
  public String backend() {
    return subject.provider().id();
  }

  /** What the backend declares it does not do: the only reason a check may be skipped. */
  public List<Limitation> limitations() {
    return subject.limitations();
  }

  /** All checks in the order of the rules. */
  public List<Check> checks() {
    return checks;
  }
}
