package dev.pantograph.lab.sparse;

import dev.pantograph.lab.plot.Quantity;
import dev.pantograph.lab.run.Environment;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Everything a study of sparse training found: what {@code sparse-study.json} holds and the report draws.
 *
 * @param environment where it ran
 * @param config what was asked for, resolved
 * @param corpus the text it was trained on, in words
 * @param cells one for each width, schedule, density and budget, in the order of the configuration
 * @param fits the law fitted to them by each count of parameters; empty if there are too few cells
 * @param trials number of training runs
 * @param trainedTokens tokens over all of them
 * @param wallSeconds time spent training, summed over resumed sessions
 */
public record SparseStudyResult(Environment environment, SparseStudyConfig config, String corpus, List<Cell> cells,
    List<LawFit> fits, int trials, long trainedTokens, double wallSeconds) {

  /**
   * One schedule at one budget.
   *
   * @param width of the model
   * @param schedule by name
   * @param density where the schedule is sparsest
   * @param label schedule and density in words
   * @param budget in steps of the dense model
   * @param budgetFlops training FLOPs of that many dense steps
   * @param steps of each run
   * @param flops training FLOPs of each run, exactly
   * @param tokens of each run, D
   * @param meanDensity of the blocks' weights, over the steps
   * @param finalDensity of the blocks' weights
   * @param parameters there are, by each count
   * @param log2LearningRate k of the learning rate 2^k the runs had
   * @param atEdge whether that is the lowest or highest rate tried, so that a better one may lie outside
   * @param losses validation loss of each seed in nats per token; null where the run diverged
   */
  public record Cell(int width, String schedule, double density, String label, int budget, double budgetFlops,
      int steps, double flops, long tokens, double meanDensity, double finalDensity, Parameters parameters,
      int log2LearningRate, boolean atEdge, List<@Nullable Double> losses) {

    /** Mean over the seeds; null if any diverged. */
    public @Nullable Double meanLoss() {
      return losses.stream().anyMatch(Objects::isNull) ? null
          : Double.valueOf(losses.stream().mapToDouble(Objects::requireNonNull).average().orElse(Double.NaN));
    }

    /** Standard deviation over the seeds, 0 for one; null if any diverged. */
    public @Nullable Double deviation() {
      Double mean = meanLoss();
      if (mean == null) {
        return null;
      }
      double squares = losses.stream().mapToDouble(loss -> (Objects.requireNonNull(loss) - mean)
          * (Objects.requireNonNull(loss) - mean)).sum();
      return losses.size() < 2 ? 0 : Math.sqrt(squares / (losses.size() - 1));
    }

    /** Mean and standard deviation, or that it diverged. */
    public String lossInWords() {
      Double mean = meanLoss();
      Double deviation = deviation();
      if (mean == null || deviation == null) {
        return "diverged";
      }
      return Quantity.number(mean, 3) + (losses.size() < 2 ? "" : " ± " + Quantity.number(deviation, 3));
    }
  }

  /**
   * Parameters a model has that are not zero for good, without the position table.
   *
   * @param initial at the start
   * @param mean over the steps, N̄
   * @param last at the end
   */
  public record Parameters(double initial, double mean, double last) {}
}
