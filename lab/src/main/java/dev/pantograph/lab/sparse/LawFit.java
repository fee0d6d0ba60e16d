package dev.pantograph.lab.sparse;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.pantograph.lab.plot.Interval;
import dev.pantograph.lab.sparse.LeastSquaresLaw.Observation;
import dev.pantograph.lab.sparse.SparseStudyResult.Cell;
import dev.pantograph.lab.sparse.SparseStudyResult.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * A law fitted to a study's mean losses, and how well it could be.
 *
 * @param count of the parameters that stands for N
 * @param law fitted
 * @param residual root mean square of the losses' distance from it, nats
 * @param resamples fits to resampled cells that converged, of {@value #RESAMPLES}
 * @param e 95 % interval of E, over these
 * @param a that of A
 * @param alpha that of α
 * @param b that of B
 * @param beta that of β
 */
public record LawFit(Count count, ParameterLaw law, double residual, int resamples, Interval e, Interval a,
    Interval alpha, Interval b, Interval beta) {
  static final int RESAMPLES = 200;
  private static final long SEED = 0;
  /** One more than the law has coefficients: fewer cells leave no residual. */
  private static final int LEAST_CELLS = 6;
  /** Different sizes and token counts that a power law with an offset needs. */
  private static final int LEAST_DIFFERENT = 3;

  /** Which of a schedule's parameter counts a law is fitted by. */
  public enum Count {
    /** N̄, the mean over the steps: the law of "The Journey Matters". */
    @JsonProperty("mean")
    MEAN("mean", Parameters::mean),
    /** Those at the start. */
    @JsonProperty("initial")
    INITIAL("initial", Parameters::initial),
    /** Those at the end. */
    @JsonProperty("final")
    FINAL("final", Parameters::last);

    private final String label;
    private final ToDoubleFunction<Parameters> of;

    Count(String label, ToDoubleFunction<Parameters> of) {
      this.label = label;
      this.of = of;
    }

    String label() {
      return label;
    }

    double of(Cell cell) {
      return of.applyAsDouble(cell.parameters());
    }
  }

  /** The fits by each count for which the cells that did not diverge suffice. */
  static List<LawFit> of(List<Cell> cells) {
    List<Cell> measured = cells.stream().filter(cell -> cell.meanLoss() != null).toList();
    return Arrays.stream(Count.values()).filter(count -> suffices(measured, count))
        .flatMap(count -> of(measured, count).stream()).toList();
  }

  private static boolean suffices(List<Cell> cells, Count count) {
    return cells.size() >= LEAST_CELLS
        && cells.stream().map(cell -> Math.round(count.of(cell))).distinct().count() >= LEAST_DIFFERENT
        && cells.stream().map(Cell::tokens).distinct().count() >= LEAST_DIFFERENT;
  }

  private static Optional<LawFit> of(List<Cell> cells, Count count) {
    List<Observation> observations = cells.stream().map(cell ->
        new Observation(count.of(cell), cell.tokens(), Objects.requireNonNull(cell.meanLoss()))).toList();
    return LeastSquaresLaw.fit(observations).map(law -> of(count, law, observations));
  }

  private static LawFit of(Count count, ParameterLaw law, List<Observation> observations) {
    List<ParameterLaw> resampled = new ArrayList<>(List.of(law));
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < RESAMPLES; i++) {
      List<Observation> drawn = random.ints(observations.size(), 0, observations.size())
          .mapToObj(observations::get).toList();
      LeastSquaresLaw.fit(drawn, law).ifPresent(resampled::add);
    }
    double residual = Math.sqrt(observations.stream().mapToDouble(o -> o.loss() - law.loss(o.parameters(), o.tokens()))
        .map(r -> r * r).average().orElse(Double.NaN));
    return new LawFit(count, law, residual, resampled.size() - 1, middle(resampled, ParameterLaw::e),
        middle(resampled, ParameterLaw::a), middle(resampled, ParameterLaw::alpha), middle(resampled, ParameterLaw::b),
        middle(resampled, ParameterLaw::beta));
  }

  /** From the 2.5th to the 97.5th percentile. */
  private static Interval middle(List<ParameterLaw> laws, ToDoubleFunction<ParameterLaw> coefficient) {
    double[] sorted = laws.stream().mapToDouble(coefficient).sorted().toArray();
    int outside = sorted.length / 40;
    return new Interval(sorted[outside], sorted[sorted.length - 1 - outside]);
  }
}
