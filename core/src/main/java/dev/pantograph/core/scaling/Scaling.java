package dev.pantograph.core.scaling;

/**
 * A parameterization at one model's scale with the base's tuned numbers: the values that model is built and trained
 * with.
 *
 * @param parameterization the table
 * @param scale the model relative to its base
 * @param base the numbers tuned on the base
 */
public record Scaling(Parameterization parameterization, Scale scale, BaseHyperparameters base) {

  /**
   * The values for a layer whose density is not the model's.
   *
   * @param ratio of the layer's density to the model's
   */
  public Scaling relativeDensity(double ratio) {
    return ratio == 1 ? this : new Scaling(parameterization, scale.density(scale.density() * ratio), base);
  }

  /** Initial standard deviation of a weight matrix; 0 for gains and biases. */
  public double initStd(Role role) {
    return role.isVector() ? 0 : base.initStd() * rule(role).initStd().at(role, scale);
  }

  /** Factor on the scheduled base learning rate. */
  public double learningRateScale(Role role) {
    return rule(role).learningRate().at(role, scale);
  }

  /** λ where the decay is coupled to the parameter's learning rate; 0 for gains and biases. */
  public double coupledWeightDecay(Role role) {
    return role.isVector() ? 0 : base.weightDecay() * rule(role).weightDecay().at(role, scale);
  }

  /** λ where the decay is independent of the learning rate; 0 for gains and biases. */
  public double independentWeightDecay(Role role) {
    return role.isVector() ? 0 : base.weightDecay();
  }

  /** Adam's ε. */
  public double epsilon(Role role) {
    return base.epsilon() * rule(role).epsilon().at(role, scale);
  }

  /** Factor on the embeddings. */
  public double embeddingMultiplier() {
    return base.inputMultiplier();
  }

  /** Factor on each residual branch. */
  public double branchMultiplier() {
    return parameterization.residualBranch().at(Role.ATTENTION_OUTPUT, scale);
  }

  /** Factor on the logits. */
  public double logitMultiplier() {
    return base.outputMultiplier() * parameterization.logits().at(Role.UNEMBEDDING, scale);
  }

  /** Factor on q·k. */
  public double attentionScale() {
    return parameterization.attention().at(scale);
  }

  private Rule rule(Role role) {
    return parameterization.rule(role);
  }
}
