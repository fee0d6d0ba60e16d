package dev.pantograph.lab.transfer;

import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Loss on a grid of learning rates 2^k, and where its minimum lies: the vertex of the parabola through the best grid point and
 * its two neighbours, or the grid point itself where it has not two finite neighbours.
 *
 * @param log2LearningRates the k, ascending
 * @param losses of each; null where the run diverged
 */
record LossCurve(List<Integer> log2LearningRates, List<@Nullable Double> losses) {

  /** Index of the lowest loss; empty if every run diverged. */
  OptionalInt best() {
    int best = -1;
    double lowest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < losses.size(); i++) {
      Double loss = losses.get(i);
      if (loss != null && loss < lowest) {
        lowest = loss;
        best = i;
      }
    }
    return best < 0 ? OptionalInt.empty() : OptionalInt.of(best);
  }

  /** Whether the best point is the first or the last, so that a better one may lie outside the grid. */
  boolean bestIsAtEdge() {
    int best = best().orElse(0);
    return best == 0 || best == losses.size() - 1;
  }

  /** k and loss at the minimum; both NaN if every run diverged. */
  Minimum minimum() {
    if (best().isEmpty()) {
      return new Minimum(Double.NaN, Double.NaN);
    }
    int i = best().getAsInt();
    double k = log2LearningRates.get(i);
    double middle = at(i);
    double left = i == 0 ? Double.POSITIVE_INFINITY : at(i - 1);
    double right = i == losses.size() - 1 ? Double.POSITIVE_INFINITY : at(i + 1);
    if (Double.isInfinite(left) || Double.isInfinite(right)) {
      return new Minimum(k, middle);
    }
    // The neighbours need not be equally far: a rate added from elsewhere may leave a gap in the grid.
    double toLeft = log2LearningRates.get(i - 1) - k;
    double toRight = log2LearningRates.get(i + 1) - k;
    double slopeLeft = (left - middle) / toLeft;
    double slopeRight = (right - middle) / toRight;
    double curvature = (slopeRight - slopeLeft) / (toRight - toLeft);
    if (curvature <= 0) {
      return new Minimum(k, middle);
    }
    double slope = slopeLeft - curvature * toLeft;
    double offset = -0.5 * slope / curvature;
    return new Minimum(k + offset, middle + 0.5 * slope * offset);
  }

  private double at(int i) {
    Double loss = losses.get(i);
    return loss == null ? Double.POSITIVE_INFINITY : loss;
  }

  /** Where a curve is lowest. */
  record Minimum(double log2LearningRate, double loss) {}
}
