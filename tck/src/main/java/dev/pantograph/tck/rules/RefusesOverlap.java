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
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A result that overlaps another operand by part is refused, when the kernel is made or when it is submitted, before
 * anything is written. Since kernels look at buffers to find out, two buffers must never share memory.
 */
record RefusesOverlap(int number, String title, int rounds) implements KernelRule {

  @Override
  public Outcome check(Subject subject, KernelCase kernel, DType type) {
    int pairs = 0;
    try (Backend oracle = Subject.oracle(); Backend tested = subject.open()) {
      for (int round = 0; round < rounds; round++) {
        long seed = Seeds.of(this, round);
        Sample sample = kernel.sample(new Dice(seed, Sizes.ORDINARY));
        try (Instance apart = Instance.onOracle(sample, oracle, type, seed, Conditions.PLAIN)) {
          try (Instance actual = apart.on(tested, Conditions.PLAIN)) {
            requireBuffersApart(tested, actual);
          }
          List<Conditions.Overlap> overlaps = overlaps(apart);
          overlaps.forEach(overlap -> requireRefusal(apart, tested, overlap));
          pairs += overlaps.size();
        }
      }
    }
    return pairs > 0 ? new Outcome.Passed() : new Outcome.NothingToKeep();
  }

  private static List<Conditions.Overlap> overlaps(Instance apart) {
    List<Conditions.Overlap> overlaps = new ArrayList<>();
    for (Kernel.Operand written : apart.written()) {
      for (Kernel.Operand other : apart.kernel().operands()) {
        if (other.view().buffer() != written.view().buffer()) {
          overlaps.add(new Conditions.Overlap(
              apart.nameOf(written.view().buffer()), apart.nameOf(other.view().buffer())));
        }
      }
    }
    return overlaps;
  }

  private static void requireRefusal(Instance apart, Backend tested, Conditions.Overlap overlap) {
    String circumstances = "%s overlaps %s".formatted(overlap.written(), overlap.other());
    Findings.requireRefusal(circumstances, KernelException.class, () -> {
      try (Instance overlapping = apart.on(tested, Conditions.PLAIN.withOverlap(overlap))) {
        Map<Buffer, byte[]> before = overlapping.memory();
        try {
          overlapping.submit();
        } finally {
          Findings.requireUntouched(circumstances, overlapping, before);
        }
      }
    });
  }

  private static void requireBuffersApart(Backend tested, Instance instance) {
    byte mark = 0;
    for (Buffer overwritten : instance.memory().keySet()) {
      Map<Buffer, byte[]> before = instance.memory();
      byte[] marks = new byte[(int) overwritten.byteSize()];
      Arrays.fill(marks, ++mark);
      tested.upload(MemorySegment.ofArray(marks), overwritten, 0);
      before.remove(overwritten);
      Findings.requireUntouched("after an upload to '%s'".formatted(overwritten.name()), instance, before);
    }
  }
}
