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
  private final @Nullable Tensor gradientMemory;
  private @Nullable Tensor gradient;

  private Variable(Tensor value, @Nullable Tensor gradientMemory, boolean requiresGradient) {
    this.value = value;
    this.gradientMemory = gradientMemory;
    this.requiresGradient = requiresGradient;
  }

  static Variable constant(Tensor value) {
    return new Variable(value, null, false);
  }

  /** Its gradient lies in memory of the caller's, where the content so far counts or not. */
  static Variable parameter(Tensor value, Tensor gradientMemory, boolean hasGradient) {
    Variable parameter = new Variable(value, gradientMemory, true);
    parameter.gradient = hasGradient ? gradientMemory : null;
    return parameter;
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

  /** Where the gradient of a parameter lies, whether or not it is there already; null for a result. */
  @Nullable Tensor gradientMemory() {
    return gradientMemory;
  }

  void gradient(@Nullable Tensor tensor) {
    gradient = tensor;
  }
}
