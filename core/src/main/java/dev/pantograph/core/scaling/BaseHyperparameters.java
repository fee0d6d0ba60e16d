package dev.pantograph.core.scaling;

/**
 * The numbers tuned on the base model, which a parameterization carries to every other scale.
 *
 * @param initStd σ, standard deviation of every initial weight matrix at the base
 * @param learningRate η, peak learning rate
 * @param weightDecay λ
 * @param epsilon Adam's ε
 * @param inputMultiplier α_in, factor on the embeddings
 * @param outputMultiplier α_out, factor on the logits
 */
public record BaseHyperparameters(
    double initStd, double learningRate, double weightDecay, double epsilon, double inputMultiplier,
    double outputMultiplier) {

  /** σ = 0.02, λ = 0.1, ε = 10⁻⁸, multipliers 1: GPT-2's habits. */
  public static BaseHyperparameters withLearningRate(double learningRate) {
    return new BaseHyperparameters(0.02, learningRate, 0.1, 1e-8, 1, 1);
  }

  public BaseHyperparameters {
    require(initStd >= 0, "initStd", initStd, "0 or more");
    require(learningRate >= 0, "learningRate", learningRate, "0 or more");
    require(weightDecay >= 0, "weightDecay", weightDecay, "0 or more");
    require(epsilon >= 0, "epsilon", epsilon, "0 or more");
    require(Double.isFinite(inputMultiplier), "inputMultiplier", inputMultiplier, "a finite number");
    require(Double.isFinite(outputMultiplier), "outputMultiplier", outputMultiplier, "a finite number");
  }

  private static void require(boolean condition, String name, double value, String expected) {
    if (!condition) {
      throw new IllegalArgumentException("hyperparameters: %s is %s (expected: %s)".formatted(name, value, expected));
    }
  }

  /** The same with another learning rate. */
  public BaseHyperparameters learningRate(double other) {
    return new BaseHyperparameters(initStd, other, weightDecay, epsilon, inputMultiplier, outputMultiplier);
  }
}
