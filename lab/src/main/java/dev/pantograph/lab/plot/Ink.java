package dev.pantograph.lab.plot;

/** The style sheet's colours: each class sets the custom property {@code --ink} for what is drawn inside it. */
public final class Ink {
  /** Colours of the ramp for sizes, from the base to the largest model. */
  private static final int RAMP = 8;
  /** Colours for rules, which have no order. */
  private static final int RULES = 6;

  private Ink() {}

  /** The colour of the i-th of n sizes: the whole ramp is used, whatever n. */
  public static String ofSize(int i, int n) {
    return "size-" + (n < 2 ? RAMP / 2 : Math.round((RAMP - 1) * i / (n - 1.0)));
  }

  public static String ofRule(int i) {
    return "rule-" + i % RULES;
  }
}
