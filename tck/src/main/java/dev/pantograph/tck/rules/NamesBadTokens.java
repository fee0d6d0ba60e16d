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
          Optional<Kernel.Operand> tokens = type.isFloating() ? tokens(actual) : Optional.empty();
          tokens.ifPresent(operand -> requireRefusal(actual, operand, expected));
          hasTokens |= tokens.isPresent();
        }
      }
    }
    return hasTokens ? new Outcome.Passed() : new Outcome.NothingToKeep();
  }

  private static Optional<Kernel.Operand> tokens(Instance instance) {
    return instance.kernel().operands().stream().filter(operand -> operand.view().type() == DType.I32).findFirst();
  }

  private static void requireRefusal(Instance instance, Kernel.Operand tokens, Instance expected) {
    double[] found = instance.values(tokens.view());
    double[] good = expected.values(tokens(expected).orElseThrow().view());
    int bad = Arrays.mismatch(found, good);
    Map<Buffer, byte[]> before = instance.memory();
    KernelException refusal = Findings.requireRefusal("token " + found[bad], KernelException.class, instance::submit);
    Findings.requireText("bad token", refusal, instance.kernel().name(), tokens.name(),
        Findings.place(bad, tokens.view().shape()), Integer.toString((int) found[bad]));
    Findings.requireUntouched("bad token", instance, before);
  }
}
