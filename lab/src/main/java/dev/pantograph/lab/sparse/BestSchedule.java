package dev.pantograph.lab.sparse;

import dev.pantograph.lab.sparse.SparseStudyResult.Cell;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Which schedule ended lowest with one budget.
 *
 * @param cells all schedules of one width at one budget
 */
public record BestSchedule(List<Cell> cells) {

  /** The answer in plain words. */
  public String sentence() {
    Cell first = cells.getFirst();
    String where = "Width %d, FLOPs of %d dense steps: ".formatted(first.width(), first.budget());
    List<Cell> ranked = ranked();
    if (ranked.isEmpty()) {
      return where + "every schedule diverged.";
    }
    Cell best = ranked.getFirst();
    String lowest = "%s%s ends lowest, at %s nats".formatted(where, best.label(), best.lossInWords());
    if (ranked.size() == 1) {
      return lowest + ", the only one to train.";
    }
    Cell second = ranked.get(1);
    return "%s; next is %s at %s, %s.%s".formatted(lowest, second.label(), second.lossInWords(),
        clear(best, second) ? "no seed of which comes as low" : "which the seeds do not tell from it",
        dense().filter(dense -> !dense.equals(best) && !dense.equals(second))
            .map(dense -> " Dense: %s.".formatted(dense.lossInWords())).orElse(""));
  }

  private List<Cell> ranked() {
    return cells.stream().filter(cell -> cell.meanLoss() != null)
        .sorted(Comparator.comparingDouble(cell -> Objects.requireNonNull(cell.meanLoss()))).toList();
  }

  private Optional<Cell> dense() {
    return cells.stream().filter(cell -> cell.schedule().equals(Arm.DENSE)).findFirst();
  }

  /** Whether the worst seed of one is below the best of the other; one seed each tells nothing. */
  private static boolean clear(Cell low, Cell high) {
    return low.losses().size() > 1 && Collections.max(seeds(low)) < Collections.min(seeds(high));
  }

  private static List<Double> seeds(Cell cell) {
    return cell.losses().stream().map(Objects::requireNonNull).toList();
  }
}
