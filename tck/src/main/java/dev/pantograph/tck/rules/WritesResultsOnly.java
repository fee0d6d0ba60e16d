package dev.pantograph.tck.rules;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.View;
import dev.pantograph.tck.Outcome;
import dev.pantograph.tck.kernels.Conditions;
import dev.pantograph.tck.kernels.Dice;
import dev.pantograph.tck.kernels.Instance;
import dev.pantograph.tck.kernels.KernelCase;
import dev.pantograph.tck.kernels.Positions;
import dev.pantograph.tck.kernels.Sample;
import dev.pantograph.tck.kernels.Sizes;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/** Before, behind and between the elements of the results, and in all other operands, not a byte changes. */
record WritesResultsOnly(int number, String title, int rounds) implements KernelRule {
  private static final List<Sizes> SIZES = List.of(Sizes.ORDINARY, Sizes.PRIME, Sizes.EMPTY);

  @Override
  public Outcome check(Subject subject, KernelCase kernel, DType type) {
    try (Backend oracle = Subject.oracle(); Backend tested = subject.open()) {
      for (int round = 0; round < rounds; round++) {
        long seed = Seeds.of(this, round);
        Sample sample = kernel.sample(new Dice(seed, SIZES.get(round % SIZES.size())));
        for (Conditions each : List.of(Conditions.PLAIN, Conditions.PLAIN.withStrides())) {
          try (Instance expected = Instance.onOracle(sample, oracle, type, seed, each);
              Instance actual = expected.on(tested, each)) {
            Map<Buffer, byte[]> before = actual.memory();
            actual.submit();
            actual.memory().forEach((buffer, bytes) ->
                requireKept("seed " + seed, actual, buffer, before.getOrDefault(buffer, bytes), bytes));
          }
        }
      }
    }
    return new Outcome.Passed();
  }

  private static void requireKept(
      String circumstances, Instance instance, Buffer buffer, byte[] before, byte[] after) {
    BitSet writable = writableBytes(instance, buffer);
    for (int at = writable.nextClearBit(0); at < after.length; at = writable.nextClearBit(at + 1)) {
      if (after[at] != before[at]) {
        throw new AssertionError("%s: byte %d of '%s' was written, which belongs to no result; %s"
            .formatted(circumstances, at, buffer.name(), instance.kernel()));
      }
    }
  }

  private static BitSet writableBytes(Instance instance, Buffer buffer) {
    BitSet writable = new BitSet();
    for (Kernel.Operand operand : instance.written()) {
      View view = operand.view();
      if (view.buffer() == buffer) {
        int width = view.type().bytes();
        Positions positions = Positions.of(view);
        for (int i = 0; i < positions.count(); i++) {
          int at = (int) positions.at(i) * width;
          writable.set(at, at + width);
        }
      }
    }
    return writable;
  }
}
