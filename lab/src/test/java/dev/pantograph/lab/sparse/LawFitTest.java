package dev.pantograph.lab.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.lab.sparse.LawFit.Count;
import dev.pantograph.lab.sparse.SparseStudyResult.Cell;
import dev.pantograph.lab.sparse.SparseStudyResult.Parameters;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LawFitTest {
  private static final double[] SIZES = {2e4, 5e4, 1e5, 3e5, 1e6};
  private static final long[] TOKENS = {100_000, 400_000, 1_600_000};

  /** Cells that follow a law in their mean number of parameters. */
  static List<Cell> cells(ParameterLaw law) {
    List<Cell> cells = new ArrayList<>();
    for (double size : SIZES) {
      for (long tokens : TOKENS) {
        boolean pruned = cells.size() % 2 == 0;
        Parameters parameters = new Parameters(pruned ? 1.5 * size : size, size, pruned ? 0.5 * size : size);
        cells.add(cell(parameters, tokens, law.loss(size, tokens)));
      }
    }
    return cells;
  }

  static Cell cell(Parameters parameters, long tokens, double loss) {
    return new Cell(64, "gmp", 0.25, "gmp", 100, 1e12, 120, 1e12, tokens, 0.5, 0.25, parameters, -7, false,
        List.of(loss - 0.01, loss + 0.01));
  }

  @ParameterizedTest
  @CsvSource({"1.69, 406.4, 0.34, 410.7, 0.28", "0.9, 12, 0.2, 900, 0.6", "1.2, 3000, 0.9, 50, 0.35"})
  void aLawIsFoundAgain(double e, double a, double alpha, double b, double beta) {
    ParameterLaw law = new ParameterLaw(e, a, alpha, b, beta);
    LawFit fit = LawFit.of(cells(law)).getFirst();
    assertThat(fit.count()).isEqualTo(Count.MEAN);
    assertThat(fit.residual()).isLessThan(1e-4);
    assertThat(fit.law().alpha()).isCloseTo(alpha, within(0.01));
    assertThat(fit.law().beta()).isCloseTo(beta, within(0.01));
    assertThat(fit.law().e()).isCloseTo(e, Percentage.withPercentage(2));
    assertThat(fit.law().a()).isCloseTo(a, Percentage.withPercentage(10));
    assertThat(fit.alpha().low()).isLessThanOrEqualTo(fit.law().alpha() + 1e-3);
    assertThat(fit.alpha().high()).isGreaterThanOrEqualTo(fit.law().alpha() - 1e-3);
  }

  @Test
  void theCountThatLossesFollowFitsBest() {
    List<LawFit> fits = LawFit.of(cells(new ParameterLaw(1.69, 406.4, 0.34, 410.7, 0.28)));
    assertThat(fits).extracting(LawFit::count).containsExactly(Count.MEAN, Count.INITIAL, Count.FINAL);
    assertThat(fits.subList(1, 3)).allSatisfy(other ->
        assertThat(other.residual()).isGreaterThan(100 * fits.getFirst().residual()));
  }

  @Test
  void tooFewCellsHaveNoLaw() {
    List<Cell> cells = cells(new ParameterLaw(1.69, 406.4, 0.34, 410.7, 0.28));
    assertThat(LawFit.of(cells.subList(0, 5))).isEmpty();
    List<Cell> oneSize = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      oneSize.add(cell(new Parameters(1e5, 1e5, 1e5), 100_000L << i, 3 - 0.1 * i));
    }
    assertThat(LawFit.of(oneSize)).isEmpty();
  }

  /** With noise the resamples differ, and their interval is about the law that made the losses. */
  @Test
  void intervalsHoldTheTruth() {
    ParameterLaw law = new ParameterLaw(1.69, 406.4, 0.34, 410.7, 0.28);
    List<Cell> noisy = new ArrayList<>();
    List<Cell> cells = cells(law);
    for (int i = 0; i < cells.size(); i++) {
      Cell cell = cells.get(i);
      noisy.add(cell(cell.parameters(), cell.tokens(), law.loss(cell.parameters().mean(), cell.tokens())
          * (1 + 0.004 * Math.sin(7.3 * i))));
    }
    LawFit fit = LawFit.of(noisy).getFirst();
    assertThat(fit.alpha().contains(0.34)).isTrue();
    assertThat(fit.beta().contains(0.28)).isTrue();
    assertThat(fit.alpha().length()).isPositive();
    assertThat(fit.residual()).isBetween(0.01, 0.1);
  }
}
