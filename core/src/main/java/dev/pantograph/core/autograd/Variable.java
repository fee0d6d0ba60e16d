package dev.pantograph.core.autograd;

import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.spi.DType;
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
  private final DType gradientType;
  /** What this is a rounded copy of, if it is: both have one gradient, which is kept there. */
  private final @Nullable Variable exact;
  private @Nullable Tensor gradient;

  private Variable(Tensor value, @Nullable Tensor gradientMemory, DType gradientType, @Nullable Variable exact,
      boolean requiresGradient) {
    this.value = value;
    this.gradientMemory = gradientMemory;
    this.gradientType = gradientType;
    this.exact = exact;
    this.requiresGradient = requiresGradient;
  }

  static Variable constant(Tensor value) {
    return new Variable(value, null, value.type(), null, false);
  }

  /** Its gradient lies in memory of the caller's, where the content so far counts or not. */
  static Variable parameter(Tensor value, Tensor gradientMemory, boolean hasGradient) {
    Variable parameter = new Variable(value, gradientMemory, gradientMemory.type(), null, true);
    parameter.gradient = hasGradient ? gradientMemory : null;
    return parameter;
  }

  /** Another value for the same gradient. */
  static Variable rounded(Tensor value, Variable exact) {
    return new Variable(value, exact.gradientMemory, exact.gradientType, exact, exact.requiresGradient);
  }

  static Variable result(Tensor value, DType gradientType, boolean requiresGradient) {
    return new Variable(value, null, gradientType, null, requiresGradient);
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
    return exact == null ? gradient : exact.gradient();
  }

  /** Where the gradient of a parameter lies, whether or not it is there already; null for a result. */
  @Nullable Tensor gradientMemory() {
    return gradientMemory;
  }

  /** The element type of the gradient: usually the value's own, but a weight rounded to BF16 has one in F32. */
  DType gradientType() {
    return gradientType;
  }

  void gradient(@Nullable Tensor tensor) {
    if (exact == null) {
      gradient = tensor;
    } else {
      exact.gradient(tensor);
    }
  }
}
