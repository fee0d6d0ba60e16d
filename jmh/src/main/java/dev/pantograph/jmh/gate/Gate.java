package dev.pantograph.jmh.gate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.MannWhitneyUTest;
import org.jspecify.annotations.Nullable;

/**
 * Judges measurements by earlier ones. Only what a machine's speed does not enter is judged: fractions of a ceiling,
 * and properties of training that are the same on every run.
 *
 * <p>A fraction is worse if its median lost more than a part of itself and, by the one-sided Mann–Whitney U test,
 * chance does not explain it. Either alone would not do: with many samples any change is significant, and with few any
 * ratio is chance. A property is worse if it moved by more than it does between equally good programs.
 *
 * @param tolerance part of the median that a fraction may lose
 * @param properties by name, how far each may move
 */
public record Gate(double tolerance, Map<String, Property> properties) {
  /** Largest p that rules out chance. One of a hundred cases would be below it by chance, were the ratio not asked. */
  static final double SIGNIFICANCE = 0.01;

  /**
   * How a property is judged, by its magnitude.
   *
   * @param tolerance how far it may move
   * @param small whether it should be small, or else large
   */
  public record Property(double tolerance, boolean small) {}

  /** Compares every judged quantity of every case that either side has. */
  public List<Comparison> compare(List<CaseSamples> baseline, List<CaseSamples> now) {
    Map<List<String>, CaseSamples> before = byName(baseline);
    Map<List<String>, CaseSamples> after = byName(now);
    Map<List<String>, CaseSamples> all = new LinkedHashMap<>(before);
    all.putAll(after);
    List<Comparison> comparisons = new ArrayList<>();
    all.forEach((key, one) -> one.samples().keySet().stream().filter(this::isJudged).sorted()
        .forEach(quantity -> comparisons.add(compare(one, quantity, before.get(key), after.get(key)))));
    return comparisons;
  }

  private static Map<List<String>, CaseSamples> byName(List<CaseSamples> cases) {
    Map<List<String>, CaseSamples> named = new LinkedHashMap<>();
    cases.forEach(one -> named.put(List.of(one.suite(), one.name()), one));
    return named;
  }

  private boolean isJudged(String quantity) {
    return quantity.equals(CaseSamples.FRACTION) || properties.containsKey(quantity);
  }

  private Comparison compare(CaseSamples either, String quantity, @Nullable CaseSamples before,
      @Nullable CaseSamples now) {
    double was = before == null ? Double.NaN : before.median(quantity);
    double is = now == null ? Double.NaN : now.median(quantity);
    double p = Double.NaN;
    Verdict verdict;
    if (before == null || !before.has(quantity)) {
      verdict = Verdict.NEW;
    } else if (now == null || !now.has(quantity)) {
      verdict = Verdict.MISSING;
    } else if (properties.get(quantity) instanceof Property property) {
      verdict = property(was, is, property);
    } else {
      p = chance(before.of(quantity), now.of(quantity), is < was);
      verdict = fraction(is / was, p, before.of(quantity).length, now.of(quantity).length);
    }
    return new Comparison(either.suite(), either.name(), quantity, was, is, p, verdict);
  }

  /** What diverged has no number: worse, unless it had none before. */
  private static Verdict property(double was, double is, Property property) {
    if (Double.isNaN(is) || Double.isNaN(was)) {
      return Double.isNaN(was) ? Double.isNaN(is) ? Verdict.SAME : Verdict.BETTER : Verdict.WORSE;
    }
    double harm = (Math.abs(is) - Math.abs(was)) * (property.small() ? 1 : -1);
    return harm > property.tolerance() ? Verdict.WORSE
        : harm < -property.tolerance() ? Verdict.BETTER : Verdict.SAME;
  }

  private Verdict fraction(double ratio, double p, int before, int now) {
    boolean moved = ratio < 1 - tolerance || ratio > 1 / (1 - tolerance);
    if (!moved) {
      return Verdict.SAME;
    }
    if (smallestP(before, now) > SIGNIFICANCE) {
      return Verdict.UNCERTAIN;
    }
    return p > SIGNIFICANCE ? Verdict.SAME : ratio < 1 ? Verdict.WORSE : Verdict.BETTER;
  }

  private static double chance(double[] before, double[] now, boolean lower) {
    return MannWhitneyUTest.withDefaults()
        .with(lower ? AlternativeHypothesis.LESS_THAN : AlternativeHypothesis.GREATER_THAN)
        .test(now, before).getPValue();
  }

  /** p where every sample of one side is below every sample of the other: 1 / C(n + m, n). */
  static double smallestP(int n, int m) {
    double orders = 1;
    for (int i = 1; i <= n; i++) {
      orders = orders * (m + i) / i;
    }
    return 1 / orders;
  }
}
