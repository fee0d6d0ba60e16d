package dev.pantograph.lab.transfer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.hipparchus.fitting.PolynomialCurveFitter;
import org.hipparchus.fitting.WeightedObservedPoint;
import org.jspecify.annotations.Nullable;

/**
 * Loss on a grid of learning rates 2^k, and where its minimum lies: the vertex of the parabola fitted to the points
 * within two octaves of the best one. Five points with their noise place it better than the lowest three. Where fewer
 * than three points are finite, or the parabola has no minimum, it is the lowest point.
 *
 * @param log2LearningRates the k, ascending
 * @param losses of each; null where the run diverged
 */
record LossCurve(List<Integer> log2LearningRates, List<@Nullable Double> losses) {
  /** Octaves on each side of the best point that take part in the fit. */
  private static final int WINDOW = 2;

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

  /**
   * k and loss at the minimum.
   *
   * @param centre grid point about which the parabola is fitted: the best of this curve, or of the mean of several
   */
  Minimum minimum(int centre) {
    List<Integer> ks = new ArrayList<>();
    List<Double> near = new ArrayList<>();
    for (int i = 0; i < losses.size(); i++) {
      Double loss = losses.get(i);
      if (loss != null && Math.abs(log2LearningRates.get(i) - centre) <= WINDOW) {
        ks.add(log2LearningRates.get(i) - centre);
        near.add(loss);
      }
    }
    if (near.isEmpty()) {
      return new Minimum(Double.NaN, Double.NaN);
    }
    int lowest = near.indexOf(Collections.min(near));
    if (near.size() >= 3) {
      // Coefficients of c₀ + c₁k + c₂k², the least-squares fit to the points of the window.
      double[] c = PolynomialCurveFitter.create(2).fit(IntStream.range(0, ks.size())
          .mapToObj(i -> new WeightedObservedPoint(1, ks.get(i), near.get(i))).toList());
      if (c[2] > 0) {
        double vertex = Math.clamp(-c[1] / (2 * c[2]), lowest(centre, ks.getFirst()), highest(centre, ks.getLast()));
        return new Minimum(centre + vertex, c[0] + vertex * (c[1] + vertex * c[2]));
      }
    }
    return new Minimum(centre + ks.get(lowest), near.get(lowest));
  }

  /**
   * How far below the centre the minimum may lie: within the window, or down to the next point tried if that is
   * farther.
   */
  private int lowest(int centre, int windowStart) {
    return IntStream.range(0, losses.size()).filter(i -> losses.get(i) != null)
        .map(i -> log2LearningRates.get(i) - centre).filter(k -> k < 0).reduce((_, last) -> last)
        .stream().map(nearest -> Math.min(nearest, windowStart)).findFirst().orElse(windowStart);
  }

  private int highest(int centre, int windowEnd) {
    return IntStream.range(0, losses.size()).filter(i -> losses.get(i) != null)
        .map(i -> log2LearningRates.get(i) - centre).filter(k -> k > 0).findFirst()
        .stream().map(nearest -> Math.max(nearest, windowEnd)).findFirst().orElse(windowEnd);
  }

  /** The minimum about this curve's own best point; NaN if every run diverged. */
  Minimum minimum() {
    return minimum(log2LearningRates.get(best().orElse(0)));
  }

  /** Where a curve is lowest. */
  record Minimum(double log2LearningRate, double loss) {}
}
