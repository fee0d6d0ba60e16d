package dev.pantograph.core.scaling;

import java.util.ArrayList;
import java.util.List;

/**
 * A factor {@code m_N^a · m_I^b · m_L^c · m_ρ^d}: what every entry of a parameterization's table is. m_I is the
 * multiplier of the parameter's own fan-in: m_F for the second feed-forward matrix, m_N for all others.
 *
 * @param width a, exponent of m_N
 * @param fanIn b, exponent of the fan-in multiplier
 * @param depth c, exponent of m_L
 * @param density d, exponent of m_ρ
 */
public record Monomial(double width, double fanIn, double depth, double density) {
  /** The factor 1. */
  public static final Monomial ONE = new Monomial(0, 0, 0, 0);

  public static Monomial ofWidth(double exponent) {
    return new Monomial(exponent, 0, 0, 0);
  }

  public static Monomial ofDepth(double exponent) {
    return new Monomial(0, 0, exponent, 0);
  }

  /** The product of two factors. */
  public Monomial times(Monomial other) {
    return new Monomial(width + other.width, fanIn + other.fanIn, depth + other.depth, density + other.density);
  }

  /** The value for one parameter of one model. Exactly 1 when all multipliers are 1. */
  public double at(Role role, Scale scale) {
    double fanInMultiplier = role == Role.FEED_FORWARD_OUT ? scale.feedForward() : scale.width();
    return Math.pow(scale.width(), width) * Math.pow(fanInMultiplier, fanIn) * Math.pow(scale.depth(), depth)
        * Math.pow(scale.density(), density);
  }

  /** The factor as a formula for one role, such as {@code m_N^-1·m_ρ^-1}; {@code 1} if nothing remains. */
  public String formula(Role role) {
    boolean feedForward = role == Role.FEED_FORWARD_OUT;
    List<String> factors = new ArrayList<>();
    append(factors, "m_N", feedForward ? width : width + fanIn);
    append(factors, "m_F", feedForward ? fanIn : 0);
    append(factors, "m_L", depth);
    append(factors, "m_ρ", density);
    return factors.isEmpty() ? "1" : String.join("·", factors);
  }

  private static void append(List<String> factors, String symbol, double exponent) {
    if (exponent == 1) {
      factors.add(symbol);
    } else if (exponent != 0) {
      String text = exponent == Math.rint(exponent) ? Long.toString((long) exponent) : Double.toString(exponent);
      factors.add(symbol + "^" + text);
    }
  }
}
