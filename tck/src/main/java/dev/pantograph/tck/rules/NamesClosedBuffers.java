package dev.pantograph.tck.rules;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.tck.Outcome;
import dev.pantograph.tck.kernels.Conditions;
import dev.pantograph.tck.kernels.Dice;
import dev.pantograph.tck.kernels.Instance;
import dev.pantograph.tck.kernels.KernelCase;
import dev.pantograph.tck.kernels.Sample;
import dev.pantograph.tck.kernels.Sizes;
import java.util.Map;

/** A kernel with a closed buffer among its operands is refused by an error that names it, before a write. */
record NamesClosedBuffers(int number, String title, int rounds) implements KernelRule {

  @Override
  public Outcome check(Subject subject, KernelCase kernel, DType type) {
    try (Backend oracle = Subject.oracle(); Backend tested = subject.open()) {
      for (int round = 0; round < rounds; round++) {
        long seed = Seeds.of(this, round);
        Sample sample = kernel.sample(new Dice(seed, Sizes.ORDINARY));
        try (Instance expected = Instance.onOracle(sample, oracle, type, seed, Conditions.PLAIN)) {
          for (int i = 0; i < expected.kernel().operands().size(); i++) {
            try (Instance actual = expected.on(tested, Conditions.PLAIN)) {
              requireRefusal(actual, actual.kernel().operands().get(i));
            }
          }
        }
      }
    }
    return new Outcome.Passed();
  }

  private static void requireRefusal(Instance instance, Kernel.Operand lost) {
    Buffer buffer = lost.view().buffer();
    String circumstances = "the buffer of %s is closed".formatted(lost.name());
    instance.closeBuffer(buffer);
    Map<Buffer, byte[]> before = instance.memory();
    IllegalStateException error =
        Findings.requireRefusal(circumstances, IllegalStateException.class, instance::submit);
    Findings.requireText(circumstances, error, buffer.name());
    Findings.requireUntouched(circumstances, instance, before);
  }
}
