package dev.pantograph.lab.transfer;

import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.sweep.Sweep;
import dev.pantograph.lab.transfer.TransferConfig.StudyConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Searches learning rates for every rule at every size: the configured grid first, then one more rate at a time beyond
 * the edge on which an optimum lies, and the base's best rate wherever it is missing, so that its cost elsewhere is
 * measured, not guessed.
 */
final class GridSearch {
  /** Learning rates that may be added beyond each end of the configured grid. */
  private static final int MAXIMAL_EXTENSION = 3;

  private record Cell(Axis axis, String rule, double size) {}

  private final TransferConfig config;
  private final Sweep<Trial, Trial.Outcome> sweep;
  private final Map<Cell, TreeSet<Integer>> grids = new HashMap<>();

  GridSearch(TransferConfig config, Sweep<Trial, Trial.Outcome> sweep) {
    this.config = config;
    this.sweep = sweep;
  }

  void run() {
    List<Trial> planned = new ArrayList<>();
    for (StudyConfig study : config.studies()) {
      for (String rule : study.rules()) {
        for (double size : study.sizes()) {
          TreeSet<Integer> grid = grid(study, rule, size);
          IntStream.rangeClosed(study.learningRates().lowest(), study.learningRates().highest()).forEach(grid::add);
          planned.addAll(trials(study, rule, size));
        }
      }
    }
    while (!planned.isEmpty()) {
      sweep.run(planned);
      planned = missing();
    }
  }

  private List<Trial> missing() {
    List<Trial> missing = new ArrayList<>();
    for (StudyConfig study : config.studies()) {
      for (String rule : study.rules()) {
        int transferred = bestLog2LearningRate(study, rule, study.sizes().getFirst());
        for (double size : study.sizes()) {
          boolean extended = extend(study, rule, size);
          if (grid(study, rule, size).add(transferred) || extended) {
            missing.addAll(trials(study, rule, size));
          }
        }
      }
    }
    return missing;
  }

  /** Adds a rate beyond the edge on which the optimum lies; false if it lies inside or the limit is reached. */
  private boolean extend(StudyConfig study, String rule, double size) {
    LossCurve curve = meanCurve(study, rule, size);
    if (curve.best().isEmpty() || !curve.bestIsAtEdge()) {
      return false;
    }
    TreeSet<Integer> grid = grid(study, rule, size);
    if (curve.best().getAsInt() == 0) {
      return grid.first() > study.learningRates().lowest() - MAXIMAL_EXTENSION && grid.add(grid.first() - 1);
    }
    return grid.last() < study.learningRates().highest() + MAXIMAL_EXTENSION && grid.add(grid.last() + 1);
  }

  private TreeSet<Integer> grid(StudyConfig study, String rule, double size) {
    return grids.computeIfAbsent(new Cell(study.axis(), rule, size), _ -> new TreeSet<>());
  }

  private List<Trial> trials(StudyConfig study, String rule, double size) {
    return grid(study, rule, size).stream()
        .flatMap(k -> IntStream.range(0, config.seeds()).mapToObj(seed -> new Trial(study.axis(), rule, size, k, seed)))
        .toList();
  }

  /** k of the learning rate 2^k with the lowest mean loss; the grid's middle if every run diverged. */
  int bestLog2LearningRate(StudyConfig study, String rule, double size) {
    LossCurve curve = meanCurve(study, rule, size);
    return curve.log2LearningRates().get(curve.best().orElse(curve.losses().size() / 2));
  }

  /** Loss of one seed over the learning rates tried. */
  LossCurve curve(StudyConfig study, String rule, double size, int seed) {
    List<Integer> ks = List.copyOf(grid(study, rule, size));
    List<@Nullable Double> losses = new ArrayList<>();
    for (int k : ks) {
      losses.add(sweep.outcome(new Trial(study.axis(), rule, size, k, seed)).loss());
    }
    return new LossCurve(ks, losses);
  }

  /** Mean over the seeds; null where any of them diverged. */
  LossCurve meanCurve(StudyConfig study, String rule, double size) {
    List<LossCurve> curves =
        IntStream.range(0, config.seeds()).mapToObj(seed -> curve(study, rule, size, seed)).toList();
    List<@Nullable Double> means = new ArrayList<>();
    for (int i = 0; i < curves.getFirst().losses().size(); i++) {
      double sum = 0;
      for (LossCurve curve : curves) {
        Double loss = curve.losses().get(i);
        sum += loss == null ? Double.NaN : loss;
      }
      means.add(Double.isNaN(sum) ? null : sum / curves.size());
    }
    return new LossCurve(curves.getFirst().log2LearningRates(), means);
  }
}
