package dev.pantograph.jmh.gate;

/**
 * One quantity of one case, before and now.
 *
 * @param suite of the case
 * @param name of the case
 * @param quantity compared
 * @param baseline median before; NaN if it was not measured
 * @param now median now; NaN if it was not measured
 * @param p probability that chance alone makes samples differ so in that direction; NaN where nothing is random
 * @param verdict on it
 */
public record Comparison(String suite, String name, String quantity, double baseline, double now, double p,
    Verdict verdict) {

  /** Median now over median before. */
  public double ratio() {
    return now / baseline;
  }
}
