package dev.pantograph.tck.rules;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.Limitation;
import dev.pantograph.tck.Outcome;
import dev.pantograph.tck.kernels.Conditions;
import dev.pantograph.tck.kernels.Dice;
import dev.pantograph.tck.kernels.Instance;
import dev.pantograph.tck.kernels.KernelCase;
import dev.pantograph.tck.kernels.Sample;
import dev.pantograph.tck.kernels.Sizes;
import java.util.Map;
import java.util.Optional;

/**
 * A kernel is refused in a type exactly where the backend declares a {@link Limitation}, with an error that names
 * kernel, backend and type, before anything is written. What is not declared runs.
 */
record TypesAsDeclared(int number, String title, int rounds) implements KernelRule {

  @Override
  public boolean coversRefused() {
    return true;
  }

  @Override
  public Outcome check(Subject subject, KernelCase kernel, DType type) {
    Optional<Limitation> declared = subject.refusal(kernel, type);
    declared.ifPresent(TypesAsDeclared::requireReason);
    try (Backend oracle = Subject.oracle(); Backend tested = subject.open()) {
      for (int round = 0; round < rounds; round++) {
        long seed = Seeds.of(this, round);
        Sample sample = kernel.sample(new Dice(seed, Sizes.ORDINARY));
        try (Instance expected = Instance.onOracle(sample, oracle, type, seed, Conditions.PLAIN);
            Instance actual = expected.on(tested, Conditions.PLAIN)) {
          if (declared.isPresent()) {
            requireRefusal(subject, actual, type);
          } else {
            requireRun(actual);
          }
        }
      }
    }
    return new Outcome.Passed();
  }

  private static void requireReason(Limitation limitation) {
    if (limitation.reason().isBlank()) {
      throw new AssertionError(limitation + " has no reason, expected one a person can act on");
    }
  }

  private static void requireRefusal(Subject subject, Instance instance, DType type) {
    Map<Buffer, byte[]> before = instance.memory();
    KernelException refusal =
        Findings.requireRefusal("declared as refused", KernelException.class, instance::submit);
    Findings.requireText("refused type", refusal, instance.kernel().name(), subject.provider().id());
    if (subject.refusal(instance.kernel().getClass(), type).isPresent()) {
      Findings.requireText("refused type", refusal, type.name());
    }
    Findings.requireUntouched("refused type", instance, before);
  }

  private static void requireRun(Instance instance) {
    try {
      instance.submit();
    } catch (KernelException e) {
      throw new AssertionError("refused although no limitation declares it: " + e.getMessage(), e);
    }
  }
}
