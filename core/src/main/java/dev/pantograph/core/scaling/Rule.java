package dev.pantograph.core.scaling;

/**
 * One row of a parameterization's table: the factors on the base hyperparameters for one role.
 *
 * @param initStd on the initial standard deviation σ; not used for gains and biases, which start at 1 and 0
 * @param learningRate on the learning rate η
 * @param weightDecay on the weight decay λ where it is coupled to the learning rate (a step shrinks the weight by η·λ);
 *     an independent decay is not scaled. Not used for gains and biases, which do not decay
 * @param epsilon on Adam's ε
 */
public record Rule(Monomial initStd, Monomial learningRate, Monomial weightDecay, Monomial epsilon) {
  /** No factor on anything. */
  public static final Rule STANDARD = new Rule(Monomial.ONE, Monomial.ONE, Monomial.ONE, Monomial.ONE);
}
