package dev.pantograph.core.sparse;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * When and how the weights there are change in training. Time is the number u of updates made; a change comes after an
 * update and before the next pass.
 */
public sealed interface TopologySchedule {
  /** What is to change. */
  sealed interface Change {
    /**
     * Removes the weights of least magnitude, in each layer alone.
     *
     * @param finalDensity ρ_f of the whole model at the end
     * @param progress of the density of each layer from where it began, 0, to its end, 1
     */
    record Prune(double finalDensity, double progress) implements Change {}

    /**
     * Removes weights and puts as many elsewhere, in each layer alone.
     *
     * @param fraction ζ of the weights there are
     * @param byGradient whether those come where the gradient is largest, else at random
     */
    record Regrow(double fraction, boolean byGradient) implements Change {}

    /** All weights are there from now on; new ones start at zero. */
    record Densify() implements Change {}
  }

  /** The change after that many updates of a model that began with this density, or null. */
  @Nullable Change after(long updates, double initial);

  /** The density of the hidden weights while the next update is computed, for a model that began with another. */
  double density(long updates, double initial);

  /** Nothing changes: random weights stay where they were drawn. */
  record Static() implements TopologySchedule {
    @Override
    public @Nullable Change after(long updates, double initial) {
      return null;
    }

    @Override
    public double density(long updates, double initial) {
      return initial;
    }
  }

  /**
   * SET (Mocanu et al. 2018) and RigL (Evci et al. 2020, arXiv 1911.11134): every so many updates the share
   * {@code ζ(u) = ζ₀/2·(1 + cos(πu/end))} of the weights of least magnitude goes, and as many come elsewhere.
   *
   * @param byGradient RigL's growth where the dense gradient is largest, else SET's at random
   * @param every ΔT, updates between two changes
   * @param dropFraction ζ₀
   * @param end updates after which the topology stays
   */
  record Dynamic(boolean byGradient, int every, double dropFraction, long end) implements TopologySchedule {
    public Dynamic {
      requireAtLeast("topology.every", every, 1);
      requireAtLeast("topology.end", end, 1);
      if (!(dropFraction > 0 && dropFraction <= 1)) {
        throw new IllegalArgumentException(
            "topology.dropFraction is %s (expected: above 0, at most 1); 0.3 is usual".formatted(dropFraction));
      }
    }

    /** ζ after that many updates. */
    public double fraction(long updates) {
      return dropFraction / 2 * (1 + Math.cos(Math.PI * updates / end));
    }

    @Override
    public @Nullable Change after(long updates, double initial) {
      return updates > 0 && updates < end && updates % every == 0
          ? new Change.Regrow(fraction(updates), byGradient) : null;
    }

    @Override
    public double density(long updates, double initial) {
      return initial;
    }
  }

  /**
   * Gradual magnitude pruning (Zhu &amp; Gupta 2017, arXiv 1710.01878): {@code ρ = ρ_f + (ρ_i − ρ_f)·(1 − p)³}, where
   * the progress p goes from 0 to 1 between two times.
   *
   * <p>Progress is counted in the compute spent on it: a step costs {@code 1 − share·(1 − ρ)} of a dense one. With
   * share 0 that is the number of tokens.
   *
   * @param finalDensity ρ_f
   * @param begin updates before the first pruning
   * @param end updates after which the density stays
   * @param every updates between two prunings; there is one at the end in any case
   * @param share of a dense step's FLOPs that the pruned weights have, or 0
   */
  record GradualPruning(double finalDensity, long begin, long end, int every, double share)
      implements TopologySchedule {
    private static final int INTERVALS = 1000;

    public GradualPruning {
      requireAtLeast("topology.every", every, 1);
      requireAtLeast("topology.begin", begin, 0);
      requireAtLeast("topology.end", end, begin + 1);
      if (!(finalDensity > 0 && finalDensity < 1)) {
        throw new IllegalArgumentException("topology.finalDensity is %s (expected: above 0, below 1); give the share "
            .formatted(finalDensity) + "of weights that remain");
      }
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException(
            "topology.share is %s (expected: 0 to 1); 0 counts progress in tokens".formatted(share));
      }
    }

    /** From one number of updates to another, in tokens. */
    public GradualPruning(double finalDensity, long begin, long end, int every) {
      this(finalDensity, begin, end, every, 0);
    }

    /**
     * The schedule found near-optimal in "The Journey Matters" (Jin et al., arXiv 2501.12486): from 25 % to 75 % of the
     * training's compute.
     *
     * @param steps of the whole training
     * @param share of a dense step's FLOPs that the pruned weights have; 0 measures in tokens instead
     */
    public static GradualPruning journey(double finalDensity, long steps, int every, double share) {
      GradualPruning shape = new GradualPruning(finalDensity, 0, 1, 1, share);
      double pruning = 0.5 * shape.stepsPerCompute(1, 1);
      double after = 0.25 / shape.cost(finalDensity);
      double whole = 0.25 + pruning + after;
      return new GradualPruning(finalDensity, Math.round(steps * 0.25 / whole),
          Math.round(steps * (0.25 + pruning) / whole), every, share);
    }

    /** The factor (1 − p)³ of the density still to be lost after that many updates. */
    private double remaining(long updates, double initial) {
      double p = progress(updates, initial);
      return (1 - p) * (1 - p) * (1 - p);
    }

    /** p after that many updates. */
    double progress(long updates, double initial) {
      if (updates <= begin || updates >= end || share == 0) {
        return Math.clamp((double) (updates - begin) / (end - begin), 0, 1);
      }
      double wanted = (double) (updates - begin) / (end - begin) * stepsPerCompute(1, initial);
      double low = 0;
      double high = 1;
      while (high - low > 1e-9) {
        double middle = (low + high) / 2;
        if (stepsPerCompute(middle, initial) < wanted) {
          low = middle;
        } else {
          high = middle;
        }
      }
      return (low + high) / 2;
    }

    /** ∫ dp/cost from 0 to p, by the midpoint rule: steps, in units of those a dense model makes with that compute. */
    private double stepsPerCompute(double p, double initial) {
      double sum = 0;
      for (int i = 0; i < INTERVALS; i++) {
        double left = 1 - p * (i + 0.5) / INTERVALS;
        sum += 1 / cost(finalDensity + (initial - finalDensity) * left * left * left);
      }
      return p * sum / INTERVALS;
    }

    private double cost(double density) {
      return 1 - share * (1 - density);
    }

    @Override
    public @Nullable Change after(long updates, double initial) {
      boolean due = updates > begin && updates < end && (updates - begin) % every == 0 || updates == end;
      return due ? new Change.Prune(finalDensity, 1 - remaining(updates, initial)) : null;
    }

    /** In steps between the prunings: the density of the last one. */
    @Override
    public double density(long updates, double initial) {
      if (updates <= begin) {
        return initial;
      }
      long last = updates >= end ? end : begin + (updates - begin) / every * every;
      return finalDensity + (initial - finalDensity) * remaining(last, initial);
    }
  }

  /**
   * Sparse first, then dense: SPDF (Thangarasa et al., arXiv 2303.10464) and MediSwift (arXiv 2403.00952) in one run.
   *
   * @param at updates with sparse weights
   */
  record SparseToDense(long at) implements TopologySchedule {
    public SparseToDense {
      requireAtLeast("topology.begin", at, 1);
    }

    @Override
    public @Nullable Change after(long updates, double initial) {
      return updates == at ? new Change.Densify() : null;
    }

    @Override
    public double density(long updates, double initial) {
      return updates >= at ? 1 : initial;
    }
  }

  /** Whether anything ever changes. */
  default boolean isStatic() {
    return this instanceof Static;
  }

  /** The mean density over a training of that many steps: what multiplies the hidden weights in the mean. */
  default double meanDensity(long steps, double initial) {
    double sum = 0;
    for (long step = 0; step < steps; step++) {
      sum += density(step, initial);
    }
    return sum / steps;
  }

  /** The name in configurations. */
  default String label() {
    return switch (this) {
      case Static() -> "static";
      case Dynamic dynamic -> dynamic.byGradient() ? "rigl" : "set";
      case GradualPruning _ -> "gmp";
      case SparseToDense _ -> "sparse-to-dense";
    };
  }

  private static void requireAtLeast(String key, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%s is %d (expected: at least %d); it counts updates", key, value, least));
    }
  }
}
