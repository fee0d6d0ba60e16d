package dev.pantograph.jmh.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GateTest {
  private static final Gate GATE = new Gate(0.1,
      Map.of("drift", new Gate.Property(0.1, true), "contrast", new Gate.Property(0.1, false)));

  private static CaseSamples fractions(String name, double... samples) {
    return new CaseSamples("throughput", name,
        Map.of(CaseSamples.FRACTION, DoubleStream.of(samples).boxed().toList()));
  }

  private static CaseSamples property(String quantity, double value) {
    return new CaseSamples("transfer", "width mup", Map.of(quantity, List.of(value)));
  }

  private static double[] noisy(double level, double spread, int seed) {
    Random random = new Random(seed);
    return DoubleStream.generate(() -> level * (1 + spread * random.nextGaussian())).limit(12).toArray();
  }

  private static Comparison only(CaseSamples before, CaseSamples now) {
    List<Comparison> comparisons = GATE.compare(List.of(before), List.of(now));
    assertThat(comparisons).hasSize(1);
    return comparisons.getFirst();
  }

  /** Mann and Whitney's own extreme: of the C(8, 4) = 70 orders of four and four one is as low as this. */
  @Test
  void chanceIsTheShareOfOrdersAsExtreme() {
    Comparison comparison = only(fractions("k", 0.5, 0.6, 0.7, 0.8), fractions("k", 0.1, 0.2, 0.3, 0.4));
    assertThat(comparison.p()).isCloseTo(1.0 / 70, within(1e-12));
    assertThat(Gate.smallestP(4, 4)).isCloseTo(1.0 / 70, within(1e-12));
  }

  @Test
  void aSlowedKernelIsWorseAndAQuickenedOneBetter() {
    CaseSamples fast = fractions("k", noisy(0.8, 0.02, 1));
    CaseSamples slow = fractions("k", noisy(0.6, 0.02, 2));
    assertThat(only(fast, slow).verdict()).isEqualTo(Verdict.WORSE);
    assertThat(only(slow, fast).verdict()).isEqualTo(Verdict.BETTER);
  }

  @Test
  void aSureButSmallLossIsTolerated() {
    Comparison comparison = only(fractions("k", noisy(0.80, 0.002, 1)), fractions("k", noisy(0.75, 0.002, 2)));
    assertThat(comparison.p()).isLessThan(Gate.SIGNIFICANCE);
    assertThat(comparison.verdict()).isEqualTo(Verdict.SAME);
  }

  /** Medians of 0.8 and 0.6, but samples so scattered that chance explains it. */
  @Test
  void aLargeLossThatChanceExplainsIsTolerated() {
    CaseSamples before = fractions("k", 0.3, 0.5, 0.75, 0.85, 0.9, 0.95);
    CaseSamples now = fractions("k", 0.35, 0.45, 0.55, 0.65, 0.88, 0.97);
    assertThat(only(before, now).ratio()).isLessThan(0.9);
    assertThat(only(before, now).verdict()).isEqualTo(Verdict.SAME);
  }

  /** Of 400 repetitions of one measurement, none may fail: a gate that cries wolf is switched off. */
  @Test
  void equalProgramsAreHardlyEverAccused() {
    long accused = 0;
    for (int i = 0; i < 400; i++) {
      CaseSamples before = fractions("k", noisy(0.8, 0.06, 2 * i));
      CaseSamples now = fractions("k", noisy(0.8, 0.06, 2 * i + 1));
      accused += only(before, now).verdict() == Verdict.WORSE ? 1 : 0;
    }
    assertThat(accused).isZero();
  }

  @Test
  void tooFewSamplesAreSaidToBeTooFew() {
    assertThat(only(fractions("k", 0.8, 0.8), fractions("k", 0.2, 0.2)).verdict()).isEqualTo(Verdict.UNCERTAIN);
  }

  @Test
  void whatOneSideLacksIsSaid() {
    List<Comparison> comparisons = GATE.compare(
        List.of(fractions("gone", 0.5), fractions("kept", 0.5)),
        List.of(fractions("kept", 0.5), fractions("new", 0.5)));
    assertThat(comparisons).extracting(Comparison::name, Comparison::verdict).containsExactly(
        tuple("gone", Verdict.MISSING),
        tuple("kept", Verdict.SAME),
        tuple("new", Verdict.NEW));
  }

  @ParameterizedTest
  @CsvSource({
    "0.05, 0.12, SAME", "0.05, -0.12, SAME", "0.05, 0.16, WORSE", "0.05, -0.16, WORSE", "0.30, 0.05, BETTER",
    "0.05, NaN, WORSE", "NaN, 0.05, BETTER", "NaN, NaN, SAME"
  })
  void aPropertyIsWorseWhenItsMagnitudeGrows(double before, double now, Verdict verdict) {
    assertThat(only(property("drift", before), property("drift", now)).verdict()).isEqualTo(verdict);
  }

  /** An experiment in which the wrong rule no longer fails shows nothing. */
  @Test
  void aContrastIsWorseWhenItsMagnitudeShrinks() {
    assertThat(only(property("contrast", -0.7), property("contrast", 0.1)).verdict()).isEqualTo(Verdict.WORSE);
    assertThat(only(property("contrast", -0.7), property("contrast", -0.9)).verdict()).isEqualTo(Verdict.BETTER);
    assertThat(only(property("contrast", -0.7), property("contrast", -0.65)).verdict()).isEqualTo(Verdict.SAME);
  }

  @Test
  void timesAreNotJudged() {
    CaseSamples before = property("seconds", 1);
    CaseSamples now = property("seconds", 100);
    assertThat(GATE.compare(List.of(before), List.of(now))).isEmpty();
  }

  @Test
  void theMedianIsTheMiddle() {
    assertThat(fractions("k", 3, 1, 2).median(CaseSamples.FRACTION)).isEqualTo(2);
    assertThat(fractions("k", 4, 1, 2, 3).median(CaseSamples.FRACTION)).isEqualTo(2.5);
    assertThat(fractions("k").median("seconds")).isNaN();
    assertThat(Arrays.stream(fractions("k", 2, 1).of(CaseSamples.FRACTION))).containsExactly(2.0, 1.0);
  }
}
