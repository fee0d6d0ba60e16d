package dev.pantograph.core.nn;

import dev.pantograph.core.sparse.TopologySchedule;

/**
 * Floating-point operations of a decoder for one token, a multiply-add counted as two; those of products alone, as in
 * the accounting of SPDF (Thangarasa et al., arXiv 2303.10464). The backward pass counts twice the forward pass. Biases,
 * norms and activations are not counted; the attention is the full square.
 *
 * @param hidden forward, of the blocks' weights were they dense: 2 for each
 * @param attention forward, of the products of queries with keys and of the shares with values: 4·L·T·C
 * @param logits forward, of the head: 2·V·C
 */
public record TransformerFlops(double hidden, double attention, double logits) {

  /** Those of one token in sequences of that length. */
  public static TransformerFlops of(TransformerConfig config, int time) {
    return new TransformerFlops(2.0 * config.hiddenWeights(), 4.0 * config.layers() * time * config.width(),
        2.0 * config.vocabulary() * config.width());
  }

  /** Forward pass at a density of the blocks' weights. */
  public double forward(double density) {
    return density * hidden + attention + logits;
  }

  /** Forward and backward pass. */
  public double training(double density) {
    return 3 * forward(density);
  }

  /** A step whose weight gradients are computed for all places, as growth by gradients needs: 2·f_S + f_D. */
  public double growth(double density) {
    return 2 * forward(density) + forward(1);
  }

  /** How many times as much a dense model trains with. */
  public double reduction(double density) {
    return training(1) / training(density);
  }

  /** The share of the blocks' weights in a dense step. */
  public double hiddenShare() {
    return hidden / forward(1);
  }

  /**
   * Those of a whole training, for each token of a step, summed over the steps: what each topology had, exactly.
   *
   * @param initial density at the start
   */
  public double training(TopologySchedule schedule, double initial, long steps) {
    double sum = 0;
    for (long step = 0; step < steps; step++) {
      double density = schedule.density(step, initial);
      boolean grows = schedule.after(step + 1, initial) instanceof TopologySchedule.Change.Regrow(_, boolean byGradient)
          && byGradient;
      sum += grows ? growth(density) : training(density);
    }
    return sum;
  }

  /**
   * Mean FLOPs of a step of RigL, in those of a dense step: {@code (3·f_S·n + 2·f_S + f_D) / (3·f_D·(n + 1))} (Evci et
   * al., arXiv 1911.11134, appendix).
   *
   * @param sparseShare f_S / f_D, forward
   * @param plainSteps n, steps for each one that grows
   */
  public static double meanGrowingStep(double sparseShare, long plainSteps) {
    return (3 * sparseShare * plainSteps + 2 * sparseShare + 1) / (3 * (plainSteps + 1.0));
  }
}
