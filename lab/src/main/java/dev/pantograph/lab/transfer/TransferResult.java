package dev.pantograph.lab.transfer;

import dev.pantograph.lab.coordcheck.CoordinateCheckResult;
import dev.pantograph.lab.run.Environment;
import dev.pantograph.lab.scale.Axis;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything a transfer experiment found: what {@code transfer.json} holds and the report draws.
 *
 * @param environment where it ran
 * @param config what was asked for, resolved
 * @param corpus the text it was trained on, in words
 * @param studies one for each pair of axis and parameterization
 * @param trials number of training runs
 * @param trainedTokens tokens over all of them
 * @param wallSeconds time spent training, summed over resumed sessions
 */
public record TransferResult(Environment environment, TransferConfig config, String corpus, List<Study> studies,
    int trials,
    long trainedTokens, double wallSeconds) {

  /**
   * One parameterization along one axis.
   *
   * @param axis what was scaled
   * @param parameterization by name
   * @param curves one for each size, the base first
   * @param drift of the optimum along the axis
   * @param gaps what using the base's optimum costs at each other size
   * @param coordinateCheck activation and update sizes along the same axis
   */
  public record Study(Axis axis, String parameterization, List<Curve> curves, Drift drift, List<Gap> gaps,
      CoordinateCheckResult coordinateCheck) {}

  /**
   * Loss against learning rate at one size.
   *
   * @param size width, layers or density
   * @param points by rising learning rate
   * @param optimum of the curve
   */
  public record Curve(double size, List<Point> points, Optimum optimum) {}

  /**
   * One learning rate at one size.
   *
   * @param learningRate base learning rate η
   * @param losses validation loss of each seed in nats per token; null where the run diverged
   * @param meanLoss over the seeds; null if any diverged
   */
  public record Point(double learningRate, List<@Nullable Double> losses, @Nullable Double meanLoss) {}

  /**
   * The minimum of a curve, by a parabola in log₂η fitted to the grid points within two octaves of the best.
   *
   * @param log2LearningRate of the curve of mean losses
   * @param loss at the parabola's vertex
   * @param perSeed log₂ of each seed's own optimal learning rate
   * @param atEdge whether the best grid point is the lowest or highest one tried, so that the optimum may lie outside
   */
  public record Optimum(double log2LearningRate, double loss, List<Double> perSeed, boolean atEdge) {}

  /**
   * Slope of log₂(optimal η) along the axis, by least squares over the optima of all seeds at all sizes.
   *
   * @param perStep change of log₂(optimal η) per doubling of width or depth, or per halving of density
   * @param low lower end of the slope's 95 % interval (Student's t); equal to perStep with fewer than three optima
   * @param high upper end
   * @param perSeed slope of each seed
   */
  public record Drift(double perStep, double low, double high, List<Double> perSeed) {}

  /**
   * What it costs at one size to use the base's best learning rate instead of tuning.
   *
   * @param size width, layers or density
   * @param transferredLearningRate the base's best grid point
   * @param transferredLoss mean loss there; null if it diverged
   * @param tunedLearningRate this size's best grid point
   * @param tunedLoss mean loss there
   */
  public record Gap(double size, double transferredLearningRate, @Nullable Double transferredLoss,
      double tunedLearningRate,
      double tunedLoss) {

    /** Loss lost by not tuning, in nats; null if the transferred rate diverged. */
    public @Nullable Double gap() {
      return transferredLoss == null ? null : transferredLoss - tunedLoss;
    }
  }
}
