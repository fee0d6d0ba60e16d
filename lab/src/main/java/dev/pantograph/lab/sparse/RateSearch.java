package dev.pantograph.lab.sparse;

import dev.pantograph.lab.sweep.Sweep;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Finds a learning rate for each arm at each budget, with the first seed alone: the configured grid, then one more rate
 * at a time beyond the edge on which the best one lies. The other seeds train with that rate only.
 */
final class RateSearch {
  /** Learning rates that may be added beyond each end of the configured grid. */
  private static final int MAXIMAL_EXTENSION = 3;

  /**
   * An arm at a budget: what has a learning rate of its own.
   *
   * @param steps the budget pays
   */
  record Cell(Arm arm, int budget, int steps) {
    static Cell of(Arm arm, int budget) {
      return new Cell(arm, budget, arm.steps(budget));
    }

    SparseTrial trial(int log2LearningRate, int seed) {
      return new SparseTrial(arm.width(), arm.schedule(), arm.density(), budget, steps, log2LearningRate, seed);
    }
  }

  private final SparseStudyConfig config;
  private final Sweep<SparseTrial, SparseTrial.Outcome> sweep;
  private final Map<Cell, TreeSet<Integer>> grids = new HashMap<>();

  RateSearch(SparseStudyConfig config, Sweep<SparseTrial, SparseTrial.Outcome> sweep) {
    this.config = config;
    this.sweep = sweep;
  }

  /** Runs every trial of these cells. */
  void run(List<Cell> cells) {
    int first = config.seedNumbers().getFirst();
    for (Cell cell : cells) {
      TreeSet<Integer> grid = new TreeSet<>();
      IntStream.rangeClosed(config.learningRates().lowest(), config.learningRates().highest()).forEach(grid::add);
      grids.put(cell, grid);
    }
    List<Cell> open = cells;
    while (!open.isEmpty()) {
      sweep.run(open.stream().flatMap(cell -> grid(cell).stream().map(k -> cell.trial(k, first))).toList());
      open = open.stream().filter(this::extend).toList();
    }
    List<SparseTrial> others = new ArrayList<>();
    cells.forEach(cell -> config.seedNumbers().forEach(seed -> others.add(cell.trial(best(cell), seed))));
    sweep.run(others);
  }

  private TreeSet<Integer> grid(Cell cell) {
    return grids.getOrDefault(cell, new TreeSet<>());
  }

  /** Adds a rate beyond the edge on which the best one lies; false if it lies inside or the limit is reached. */
  private boolean extend(Cell cell) {
    TreeSet<Integer> grid = grid(cell);
    int best = best(cell);
    if (best == grid.first()) {
      return best > config.learningRates().lowest() - MAXIMAL_EXTENSION && grid.add(best - 1);
    }
    return best == grid.last() && best < config.learningRates().highest() + MAXIMAL_EXTENSION && grid.add(best + 1);
  }

  /** Whether the best rate is the first or the last one tried. */
  boolean isAtEdge(Cell cell) {
    return best(cell) == grid(cell).first() || best(cell) == grid(cell).last();
  }

  /** k of the learning rate 2^k with the lowest loss of the first seed; the lowest rate if all diverged. */
  int best(Cell cell) {
    int best = grid(cell).first();
    double lowest = Double.POSITIVE_INFINITY;
    for (int k : grid(cell)) {
      Double loss = outcome(cell, k, config.seedNumbers().getFirst()).loss();
      if (loss != null && loss < lowest) {
        lowest = loss;
        best = k;
      }
    }
    return best;
  }

  /** How a cell's trial ended. */
  SparseTrial.Outcome outcome(Cell cell, int log2LearningRate, int seed) {
    return sweep.outcome(cell.trial(log2LearningRate, seed));
  }
}
