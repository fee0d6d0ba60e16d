package dev.pantograph.lab.coordcheck;

import dev.pantograph.lab.scale.Axis;
import java.util.List;

/**
 * Sizes of activations and of their updates over the first training steps, along one axis of scale.
 *
 * @param parameterization by name
 * @param axis width, depth or density
 * @param sizes along the axis
 * @param layers one for each kind of activation
 */
public record CoordinateCheckResult(String parameterization, Axis axis, List<Double> sizes, List<Layer> layers) {

  /**
   * One kind of activation.
   *
   * @param name of the kind
   * @param activation mean |x|, {@code [step][size]}; step 0 is the forward pass before any update
   * @param update mean |x − x₀| against the first step on the same batch, {@code [step][size]}; row 0 is zero
   * @param activationSlopes slope of log₂ mean |x| per step along the axis, {@code [step]}
   * @param updateSlopes slope of log₂ mean |x − x₀|, {@code [step]}; entry 0 is zero
   * @param flat the verdict: at the last step neither size nor update depends on the scale, within {@code tolerance}
   * @param tolerance largest slope that passes
   */
  public record Layer(String name, List<List<Double>> activation, List<List<Double>> update,
      List<Double> activationSlopes,
      List<Double> updateSlopes, boolean flat, double tolerance) {}

  /** Whether every kind of activation is flat. */
  public boolean passed() {
    return layers.stream().allMatch(Layer::flat);
  }
}
