package dev.pantograph.tck.rules;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.KernelException;
import dev.pantograph.tck.Outcome;
import dev.pantograph.tck.kernels.Conditions;
import dev.pantograph.tck.kernels.Dice;
import dev.pantograph.tck.kernels.Instance;
import dev.pantograph.tck.kernels.KernelCase;
import dev.pantograph.tck.kernels.Sample;
import dev.pantograph.tck.kernels.Sizes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A token index outside the vocabulary is refused before a write, with an error that names kernel, operand, place and
 * what was found, as {@link KernelException#outsideVocabulary} does.
 */
record NamesBadTokens(int number, String title, int rounds) implements KernelRule {

  @Override
  public Outcome check(Subject subject, KernelCase kernel, DType type) {
    boolean hasTokens = false;
    try (Backend oracle = Subject.oracle(); Backend tested = subject.open()) {
      for (int round = 0; round < rounds; round++) {
        long seed = Seeds.of(this, round);
        Sample sample = kernel.sample(new Dice(seed, Sizes.ORDINARY));
        try (Instance expected = Instance.onOracle(sample, oracle, type, seed, Conditions.PLAIN);
            Instance actual = expected.on(tested, Conditions.PLAIN.withBadToken())) {
          Optional<BadToken> bad = type.isFloating() ? badToken(actual, expected) : Optional.empty();
          bad.ifPresent(token -> requireRefusal(actual, token));
          hasTokens |= bad.isPresent();
        }
      }
    }
    return hasTokens ? new Outcome.Passed() : new Outcome.NothingToKeep();
  }

  /** An index that the oracle does not have, in this place of an operand. */
  private record BadToken(Kernel.Operand tokens, int place, int found) {}

  /** Absent where all indices are the oracle's: those of a sparse weight's pattern are no tokens. */
  private static Optional<BadToken> badToken(Instance actual, Instance expected) {
    List<Kernel.Operand> operands = actual.kernel().operands();
    for (int i = 0; i < operands.size(); i++) {
      Kernel.Operand operand = operands.get(i);
      if (operand.view().type() == DType.I32) {
        double[] found = actual.values(operand.view());
        int bad = Arrays.mismatch(found, expected.values(expected.kernel().operands().get(i).view()));
        if (bad >= 0) {
          return Optional.of(new BadToken(operand, bad, (int) found[bad]));
        }
      }
    }
    return Optional.empty();
  }

  private static void requireRefusal(Instance instance, BadToken bad) {
    Map<Buffer, byte[]> before = instance.memory();
    KernelException refusal = Findings.requireRefusal("token " + bad.found(), KernelException.class, instance::submit);
    Findings.requireText("bad token", refusal, instance.kernel().name(), bad.tokens().name(),
        Findings.place(bad.place(), bad.tokens().view().shape()), Integer.toString(bad.found()));
    Findings.requireUntouched("bad token", instance, before);
  }
}
