package dev.pantograph.lab.sparse;

/**
 * Loss after training N parameters on D tokens, {@code L = E + A·N^−α + B·D^−β} (Hoffmann et al., arXiv 2203.15556).
 * With N the mean over the training of the parameters there were, one law covers dense and pruned models (Jin et al.,
 * "The Journey Matters", arXiv 2501.12486).
 *
 * @param e E, nats
 * @param a A
 * @param alpha α
 * @param b B
 * @param beta β
 */
public record ParameterLaw(double e, double a, double alpha, double b, double beta) {

  /** L(N, D) in nats per token. */
  public double loss(double parameters, double tokens) {
    return e + a * Math.pow(parameters, -alpha) + b * Math.pow(tokens, -beta);
  }
}
