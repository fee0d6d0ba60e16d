package dev.pantograph.jmh;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Rates of several contestants at several subjects, one sample for each round. The first contestant is ours, and every
 * ratio is ours over another's: above 1 we are faster. A ratio is the median over the rounds of the ratio within a
 * round, so what slows the whole machine for some rounds cancels.
 */
final class Comparison {
  private final String unit;
  private final List<String> contestants;
  private final Map<String, Map<String, List<Double>>> rates = new LinkedHashMap<>();
  private final Map<String, List<Double>> peaks = new LinkedHashMap<>();

  /**
   * An empty table.
   *
   * @param unit of every rate
   * @param contestants in the order of the columns, ours first
   */
  Comparison(String unit, List<String> contestants) {
    this.unit = unit;
    this.contestants = List.copyOf(contestants);
  }

  /** Records one round: the rate of each contestant, in their order, and the machine's peak measured in that round. */
  void add(String subject, double peak, double... round) {
    if (round.length != contestants.size()) {
      throw new IllegalArgumentException("%s: found %d rates, needed one for each of %s"
          .formatted(subject, round.length, contestants));
    }
    peaks.computeIfAbsent(subject, s -> new ArrayList<>()).add(peak);
    Map<String, List<Double>> row = rates.computeIfAbsent(subject, s -> new LinkedHashMap<>());
    for (int i = 0; i < round.length; i++) {
      row.computeIfAbsent(contestants.get(i), c -> new ArrayList<>()).add(round[i]);
    }
  }

  List<String> subjects() {
    return List.copyOf(rates.keySet());
  }

  private List<Double> samples(String subject, String contestant) {
    return Objects.requireNonNull(Objects.requireNonNull(rates.get(subject), subject).get(contestant), contestant);
  }

  /** Rate of a contestant at a subject. */
  Spread rate(String subject, String contestant) {
    return Spread.of(samples(subject, contestant));
  }

  /** Our rate over that of {@code peer} in the same round. */
  Spread ratio(String subject, String peer) {
    List<Double> ours = samples(subject, contestants.getFirst());
    List<Double> theirs = samples(subject, peer);
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < ours.size(); round++) {
      ratios.add(ours.get(round) / theirs.get(round));
    }
    return Spread.of(ratios);
  }

  /** Geometric mean over all subjects of the median ratios. */
  double meanRatio(String peer) {
    return Spread.geometricMean(subjects().stream().mapToDouble(s -> ratio(s, peer).median()).toArray());
  }

  /** Our share of the peak within a round. */
  private double shareOfPeak(String subject) {
    List<Double> ours = samples(subject, contestants.getFirst());
    List<Double> peak = Objects.requireNonNull(peaks.get(subject), subject);
    List<Double> shares = new ArrayList<>();
    for (int round = 0; round < ours.size(); round++) {
      shares.add(ours.get(round) / peak.get(round));
    }
    return Spread.of(shares).median();
  }

  private List<String> peers() {
    return contestants.subList(1, contestants.size());
  }

  /** The table with its summary, ready to print. */
  String text() {
    List<List<String>> table = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of(unit, "FMA peak", contestants.getFirst(), "of peak"));
    for (String peer : peers()) {
      head.add(peer);
      head.add("ratio");
    }
    table.add(head);
    for (String subject : subjects()) {
      List<String> row = new ArrayList<>();
      row.add(subject);
      row.add(number("%.0f", Spread.of(Objects.requireNonNull(peaks.get(subject), subject)).median()));
      row.add(spread("%.0f", rate(subject, contestants.getFirst())));
      row.add(number("%.0f %%", 100 * shareOfPeak(subject)));
      for (String peer : peers()) {
        row.add(spread("%.0f", rate(subject, peer)));
        row.add(spread("%.2f", ratio(subject, peer)));
      }
      table.add(row);
    }
    StringBuilder text = new StringBuilder(aligned(table));
    if (!rates.isEmpty()) {
      peers().forEach(peer -> text.append(summary(peer)).append('\n'));
    }
    return text.toString();
  }

  private String summary(String peer) {
    String worst = worst(peer);
    return String.format(Locale.ROOT, "%s / %s: geometric mean %.2f over %d, lowest %.2f (%s)", contestants.getFirst(),
        peer, meanRatio(peer), subjects().size(), ratio(worst, peer).median(), worst);
  }

  /** The subject at which we stand worst against a peer. */
  String worst(String peer) {
    return subjects().stream()
        .min((a, b) -> Double.compare(ratio(a, peer).median(), ratio(b, peer).median())).orElseThrow();
  }

  private static String spread(String format, Spread spread) {
    return number(format, spread.median()) + " (" + number(format, spread.lowest()) + "–"
        + number(format, spread.highest()) + ")";
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  /** Columns two blanks apart: the first flush left, the others flush right. */
  private static String aligned(List<List<String>> table) {
    int[] widths = new int[table.getFirst().size()];
    for (List<String> row : table) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : table) {
      for (int i = 0; i < widths.length; i++) {
        String fill = " ".repeat(widths[i] - row.get(i).length());
        text.append(i == 0 ? row.get(i) + fill : "  " + fill + row.get(i));
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** Everything in the table, with every sample, as plain maps and lists. */
  Map<String, Object> toJson() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (String subject : subjects()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("subject", subject);
      row.put("fmaPeak", Objects.requireNonNull(peaks.get(subject), subject));
      row.put("rates", Objects.requireNonNull(rates.get(subject), subject));
      Map<String, Spread> ratios = new LinkedHashMap<>();
      peers().forEach(peer -> ratios.put(peer, ratio(subject, peer)));
      row.put("ratios", ratios);
      rows.add(row);
    }
    Map<String, Double> means = new LinkedHashMap<>();
    Map<String, String> worst = new LinkedHashMap<>();
    if (!rates.isEmpty()) {
      for (String peer : peers()) {
        means.put(peer, meanRatio(peer));
        worst.put(peer, worst(peer));
      }
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("unit", unit);
    json.put("contestants", contestants);
    json.put("subjects", rows);
    json.put("geometricMeanRatios", means);
    json.put("worstSubjects", worst);
    return json;
  }
}
