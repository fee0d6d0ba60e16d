package dev.pantograph.jmh.gate;

/** How a quantity stands to the baseline. */
public enum Verdict {
  /** Within tolerance, or chance is not ruled out. */
  SAME("same"),
  /** Beyond tolerance in the good direction. */
  BETTER("better"),
  /** Beyond tolerance in the bad direction: a regression. */
  WORSE("WORSE"),
  /** Too few samples to tell. */
  UNCERTAIN("too few samples"),
  /** In the baseline only. */
  MISSING("not measured now"),
  /** Not in the baseline. */
  NEW("not in the baseline");

  private final String label;

  Verdict(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
