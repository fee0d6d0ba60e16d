package dev.pantograph.backends.reference;

import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.View;

/**
 * One step of AdamW, the lines of its formula in their order, unless the gradients' norm is not finite. The state is
 * rounded to its type between steps only.
 */
final class ReferenceAdamW {
  /** Keeps the clipping factor finite for a zero gradient. */
  private static final double CLIP_EPSILON = 1e-6;

  private ReferenceAdamW() {}

  static void run(AdamW kernel) {
    View operand = kernel.squaredGradientNorm();
    double squaredNorm = operand == null ? 0 : Elements.of(operand).get(0);
    if (!Double.isFinite(squaredNorm)) {
      return;
    }
    double clip = operand == null ? 1 : Math.min(1, kernel.maxGradientNorm() / (Math.sqrt(squaredNorm) + CLIP_EPSILON));
    for (AdamW.Slot slot : kernel.slots()) {
      update(kernel, slot, clip);
    }
  }

  private static void update(AdamW kernel, AdamW.Slot slot, double clip) {
    Elements value = Elements.of(slot.value());
    Elements gradient = Elements.of(slot.gradient());
    Elements firstMoment = Elements.of(slot.firstMoment());
    Elements secondMoment = Elements.of(slot.secondMoment());
    Elements control = Elements.of(kernel.control());
    double eta = control.get(AdamW.LEARNING_RATE) * slot.learningRateScale();
    double decay = switch (slot.decay()) {
      case COUPLED -> eta * slot.weightDecay();
      case INDEPENDENT -> control.get(AdamW.SCHEDULE) * slot.weightDecay();
    };
    double c1 = control.get(AdamW.BIAS_CORRECTION_1);
    double c2 = control.get(AdamW.BIAS_CORRECTION_2);
    for (long i = 0; i < slot.value().elements(); i++) {
      double g = clip * gradient.get(i);
      double w = value.get(i);
      w = w - decay * w;
      double m = kernel.beta1() * firstMoment.get(i) + (1 - kernel.beta1()) * g;
      double v = kernel.beta2() * secondMoment.get(i) + (1 - kernel.beta2()) * g * g;
      w = w - eta * (m / c1) / (Math.sqrt(v / c2) + slot.epsilon());
      value.set(i, w);
      firstMoment.set(i, m);
      secondMoment.set(i, v);
    }
  }
}
