package dev.pantograph.spi;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One step of Adam with decoupled weight decay for all parameters of a model (Kingma &amp; Ba, arXiv 1412.6980;
 * Loshchilov &amp; Hutter, arXiv 1711.05101). For each element, with the clipped gradient {@code g = clip·gradient}:
 *
 * <pre>
 *   w ← w − decay·w
 *   m ← β₁·m + (1 − β₁)·g
 *   v ← β₂·v + (1 − β₂)·g²
 *   w ← w − η·(m / c₁) / (√(v / c₂) + ε)
 * </pre>
 *
 * <p>η is {@code control[LEARNING_RATE]} times the slot's scale; c₁ = 1 − β₁ᵗ and c₂ = 1 − β₂ᵗ are read from
 * {@code control} too, so that a recorded step can be replayed without change. {@code decay} is η·weightDecay
 * ({@link Decay#COUPLED}, as in PyTorch) or {@code control[SCHEDULE]}·weightDecay ({@link Decay#INDEPENDENT}: it
 * follows the schedule, but not the peak learning rate nor the slot's scale). {@code clip = min(1, maxGradientNorm /
 * (√squaredNorm + 10⁻⁶))}, or 1 without a norm. Where the squared norm is there and not finite, nothing is updated: so the
 * step can be submitted before anyone has seen whether its gradients are numbers. What it updates must not overlap any
 * other operand, its own or another slot's; gradients may.
 *
 * @param slots the parameters with their state and multipliers
 * @param control {@code [4]}, of the parameters' type: see the index constants
 * @param squaredGradientNorm F64 scalar, written by {@link SquaredNorm}; absent means no clipping and always an update
 * @param maxGradientNorm clipping threshold for the global norm
 */
public record AdamW(
    List<Slot> slots, View control, @Nullable View squaredGradientNorm, double maxGradientNorm, double beta1,
    double beta2)
    implements Kernel {

  /** Index into {@code control}: the scheduled learning rate of this step. */
  public static final int LEARNING_RATE = 0;
  /** Index into {@code control}: the schedule's factor of this step, between 0 and 1. */
  public static final int SCHEDULE = 1;
  /** Index into {@code control}: 1 − β₁ᵗ, t counted from 1. */
  public static final int BIAS_CORRECTION_1 = 2;
  /** Index into {@code control}: 1 − β₂ᵗ. */
  public static final int BIAS_CORRECTION_2 = 3;
  /** Elements of {@code control}. */
  public static final int CONTROL_SIZE = 4;

  /** What the decay of one step is proportional to. */
  public enum Decay {
    /** The slot's learning rate: {@code decay = η·weightDecay}. */
    COUPLED,
    /** The schedule alone: {@code decay = schedule·weightDecay}. */
    INDEPENDENT
  }

  /**
   * One parameter tensor.
   *
   * @param value updated, contiguous
   * @param gradient read, same shape
   * @param firstMoment updated, same shape
   * @param secondMoment updated, same shape
   * @param learningRateScale factor on the step's learning rate, from the parameterization
   * @param weightDecay λ
   * @param decay how λ enters
   * @param epsilon ε, added to the root
   */
  public record Slot(
      View value, View gradient, View firstMoment, View secondMoment, double learningRateScale, double weightDecay,
      Decay decay, double epsilon) {
    public Slot {
      Contract contract = new Contract("AdamW", value).type("value", value).contiguous("value", value);
      contract.shape("gradient", gradient, value.shape()).contiguous("gradient", gradient);
      contract.shape("firstMoment", firstMoment, value.shape()).contiguous("firstMoment", firstMoment);
      contract.shape("secondMoment", secondMoment, value.shape()).contiguous("secondMoment", secondMoment);
      contract.written("value", value).apartFrom("gradient", gradient).apartFrom("firstMoment", firstMoment)
          .apartFrom("secondMoment", secondMoment);
      contract.written("firstMoment", firstMoment).apartFrom("gradient", gradient)
          .apartFrom("secondMoment", secondMoment);
      contract.written("secondMoment", secondMoment).apartFrom("gradient", gradient);
    }
  }

  public AdamW {
    slots = List.copyOf(slots);
    Contract contract = new Contract("AdamW", control);
    contract.shape("control", control, CONTROL_SIZE).contiguous("control", control);
    for (Slot slot : slots) {
      contract.type("value", slot.value());
    }
    if (squaredGradientNorm != null) {
      contract.that(squaredGradientNorm.type() == DType.F64 && squaredGradientNorm.elements() == 1,
          "squaredGradientNorm is %s, needed one F64 element", squaredGradientNorm);
    }
    contract.that(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1, "β₁ = %s, β₂ = %s: needed [0, 1)", beta1, beta2);
    contract.writtenApart(operands(slots, control, squaredGradientNorm));
  }

  @Override
  public List<Operand> operands() {
    return operands(slots, control, squaredGradientNorm);
  }

  private static List<Operand> operands(List<Slot> slots, View control, @Nullable View squaredGradientNorm) {
    List<Operand> operands = new ArrayList<>(4 * slots.size() + 2);
    for (Slot slot : slots) {
      operands.add(Operand.update("value", slot.value()));
      operands.add(Operand.update("firstMoment", slot.firstMoment()));
      operands.add(Operand.update("secondMoment", slot.secondMoment()));
      operands.add(Operand.read("gradient", slot.gradient()));
    }
    operands.add(Operand.read("control", control));
    if (squaredGradientNorm != null) {
      operands.add(Operand.read("squaredGradientNorm", squaredGradientNorm));
    }
    return operands;
  }

  @Override
  public long flops() {
    return 14 * slots.stream().mapToLong(slot -> slot.value().elements()).sum();
  }
}
