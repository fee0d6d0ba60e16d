package dev.pantograph.jmh.gate;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * All that was measured of one case.
 *
 * @param suite it belongs to
 * @param name unique in the suite
 * @param samples of each quantity by its name, one for each iteration
 */
public record CaseSamples(String suite, String name, Map<String, List<Double>> samples) {
  /** Time of the roofline over time taken: 1 is as fast as the machine allows. */
  public static final String FRACTION = "fraction";

  public boolean has(String quantity) {
    return samples.containsKey(quantity);
  }

  /** The samples of a quantity; none if it was not measured. */
  public double[] of(String quantity) {
    return samples.getOrDefault(quantity, List.of()).stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** The middle sample of a quantity; NaN if it was not measured. */
  public double median(String quantity) {
    double[] sorted = of(quantity);
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length == 0 ? Double.NaN
        : sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
