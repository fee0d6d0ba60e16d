package dev.pantograph.core.autograd;

import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.spi.Shape;
import org.jspecify.annotations.Nullable;

/**
 * A value in a differentiable computation, and once {@link Tape#backward} has reached it, its gradient. Made by a
 * {@link Tape}; valid until the step ends.
 */
public final class Variable {
  private final Tensor value;
  private final boolean requiresGradient;
  private @Nullable Tensor gradient;

  private Variable(Tensor value, @Nullable Tensor gradient, boolean requiresGradient) {
    this.value = value;
    this.gradient = gradient;
    this.requiresGradient = requiresGradient;
  }

  static Variable constant(Tensor value) {
    return new Variable(value, null, false);
  }

  static Variable parameter(Tensor value, Tensor gradient) {
    return new Variable(value, gradient, true);
  }

  static Variable result(Tensor value, boolean requiresGradient) {
    return new Variable(value, null, requiresGradient);
  }

  public Tensor value() {
    return value;
  }

  public Shape shape() {
    return value.shape();
  }

  /** Whether a parameter is among the things this value was computed from. */
  public boolean requiresGradient() {
    return requiresGradient;
  }

  /** The gradient of the loss with respect to this value, or null while the backward pass has not reached it. */
  public @Nullable Tensor gradient() {
    return gradient;
  }

  void gradient(@Nullable Tensor tensor) {
    gradient = tensor;
  }
}
