package dev.pantograph.core.validation;

import dev.pantograph.core.kernel.KernelLabel;
import dev.pantograph.core.kernel.Region;
import dev.pantograph.core.kernel.Replica;
import dev.pantograph.core.kernel.Snapshot;
import dev.pantograph.core.validation.Difference.Bound;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Kernel.Access;
import dev.pantograph.spi.Kernel.Operand;
import dev.pantograph.spi.Philox;
import dev.pantograph.spi.View;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Runs kernels a second time on an oracle, on copies of their operands as they were before, and compares. The first
 * result that is off by more than {@link RoundingBound} allows is a {@link DivergentKernelException}, thrown when the
 * kernel that made it was submitted and before anything uses it. A checked kernel costs copies of all its operands and
 * the oracle's time, one that is not checked a random number.
 */
public final class ValidatingBackend extends DelegatingBackend {
  private static final long SEED = 0;
  /** Other operands named in a divergence: enough to know the layer. */
  private static final int NAMED = 5;

  private final Backend oracle;
  private final double share;
  private long step = Divergence.NO_STEP;
  private long number;
  private long submitted;
  private long checked;
  private double worstShare;
  private String worstKernel = "none";

  /**
   * A backend watched by an oracle. Closing it closes both.
   *
   * @param every one of so many kernels is checked, drawn at random, the same ones in every run; 1 checks all
   */
  public ValidatingBackend(Backend backend, Backend oracle, int every) {
    super(backend);
    if (every < 1) {
      throw new IllegalArgumentException("one of %d kernels to be checked (expected: 1 or more)".formatted(every));
    }
    this.oracle = oracle;
    this.share = 1.0 / every;
  }

  /** Names the step that the next kernels belong to, and counts them from 0 again. */
  public void beginStep(long newStep) {
    step = newStep;
    number = 0;
  }

  /** Kernels submitted so far. */
  public long submitted() {
    return submitted;
  }

  /** Kernels checked so far, all of them within their bounds but for the last if it diverged. */
  public long checked() {
    return checked;
  }

  /** The greatest error so far as a share of what is allowed. */
  public double worstShare() {
    return worstShare;
  }

  /** The kernel and operand of {@link #worstShare}. */
  public String worstKernel() {
    return worstKernel;
  }

  @Override
  public void submit(Kernel kernel) {
    if (Philox.uniform(SEED, 0, submitted) < share) {
      check(kernel);
    } else {
      super.submit(kernel);
    }
    submitted++;
    number++;
  }

  private void check(Kernel kernel) {
    List<Region> regions = Region.of(kernel);
    try (Arena arena = Arena.ofConfined()) {
      Snapshot before = Snapshot.of(this, regions.stream().filter(Region::read).toList(), arena);
      super.submit(kernel);
      Snapshot actual = Snapshot.of(this, regions.stream().filter(Region::written).toList(), arena);
      try (Replica replica = new Replica(oracle, kernel, regions, before)) {
        compare(kernel, actual, replica.run(arena), RoundingBound.of(kernel, before));
      }
    }
    checked++;
  }

  private void compare(Kernel kernel, Snapshot actual, Snapshot expected, Map<View, Bound> bounds) {
    for (Operand operand : kernel.operands()) {
      if (operand.access() != Access.READ) {
        View view = operand.view();
        Difference difference = Difference.of(actual.elements(view), expected.elements(view),
            bounds.getOrDefault(view, Bound.EXACT));
        if (difference.wrong() > 0) {
          throw new DivergentKernelException(id(), oracle.id(), divergence(kernel, operand, difference,
              expected.elements(view).index(difference.position())));
        }
        if (difference.share() > worstShare) {
          worstShare = difference.share();
          worstKernel = "%s, %s".formatted(KernelLabel.of(kernel), operand.name());
        }
      }
    }
  }

  private Divergence divergence(Kernel kernel, Operand operand, Difference difference, long[] index) {
    String others = kernel.operands().stream().filter(other -> other.view() != operand.view()).limit(NAMED)
        .map(other -> "%s in '%s'".formatted(other.name(), other.view().buffer().name()))
        .collect(Collectors.joining(", ", "Other operands: ", kernel.operands().size() > NAMED + 1 ? ", …" : ""));
    return new Divergence(step, number, KernelLabel.of(kernel), operand.name(), operand.view().buffer().name(), others,
        index, difference);
  }

  @Override
  public void close() {
    try (oracle) {
      super.close();
    }
  }
}
