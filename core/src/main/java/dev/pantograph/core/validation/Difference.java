package dev.pantograph.core.validation;

import dev.pantograph.core.kernel.Elements;

/**
 * How far the elements of an operand lie from what they should be.
 *
 * @param wrong elements further away than allowed
 * @param elements elements compared
 * @param position row-major position of the worst: the greatest error as a share of what is allowed, or the greatest
 *     error where nothing is
 * @param actual element there
 * @param expected element there
 * @param allowed distance there
 */
public record Difference(long wrong, long elements, long position, double actual, double expected, double allowed) {
  /** How far an element may lie from its expected value. */
  @FunctionalInterface
  public interface Bound {
    /** The same value. */
    Bound EXACT = (_, _) -> 0;

    /**
     * Allowed distance; infinite where any value passes.
     *
     * @param position row-major position of the element
     */
    double at(long position, double expected);
  }

  /** Compares all elements of two operands of one shape. */
  public static Difference of(Elements actual, Elements expected, Bound bound) {
    long wrong = 0;
    long worst = 0;
    double greatest = -1;
    double greatestError = 0;
    for (long i = 0; i < expected.count(); i++) {
      double is = actual.get(i);
      double should = expected.get(i);
      double share = share(is, should, bound, i);
      if (share > 1) {
        wrong++;
      }
      double error = Math.abs(is - should);
      if (share > greatest || (share == greatest && error > greatestError)) {
        greatest = share;
        greatestError = error;
        worst = i;
      }
    }
    if (expected.count() == 0) {
      return new Difference(0, 0, 0, 0, 0, 0);
    }
    double should = expected.get(worst);
    return new Difference(wrong, expected.count(), worst, actual.get(worst), should, bound.at(worst, should));
  }

  /** The error as a share of what is allowed. Two NaNs are the same. */
  private static double share(double actual, double expected, Bound bound, long i) {
    if (actual == expected || (Double.isNaN(actual) && Double.isNaN(expected))) {
      return 0;
    }
    double allowed = bound.at(i, expected);
    if (allowed == Double.POSITIVE_INFINITY) {
      return 0;
    }
    double error = Math.abs(actual - expected);
    return Double.isNaN(error) || allowed == 0 ? Double.POSITIVE_INFINITY : error / allowed;
  }

  /** Distance of the worst element from its expected value. */
  public double error() {
    return Math.abs(actual - expected);
  }

  /** The worst error as a share of what is allowed: above 1 means wrong. */
  public double share() {
    return share(actual, expected, (_, _) -> allowed, position);
  }
}
