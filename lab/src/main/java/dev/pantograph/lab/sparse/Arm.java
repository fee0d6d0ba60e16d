package dev.pantograph.lab.sparse;

import dev.pantograph.core.data.TokenStream;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.nn.TransformerFlops;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.sparse.Sparsity;
import dev.pantograph.core.sparse.TopologySchedule;
import dev.pantograph.core.sparse.TopologySchedule.Dynamic;
import dev.pantograph.core.sparse.TopologySchedule.GradualPruning;
import dev.pantograph.core.sparse.TopologySchedule.SparseToDense;
import dev.pantograph.core.sparse.TopologySchedule.Static;
import dev.pantograph.lab.plot.Quantity;
import dev.pantograph.lab.scale.Axis;
import java.util.List;

/**
 * One way to spend the FLOPs of a budget: a schedule of density for a model of one width.
 *
 * @param config of the study
 * @param width of the model
 * @param schedule by name
 * @param density where the schedule is sparsest
 */
record Arm(SparseStudyConfig config, int width, String schedule, double density) {
  /** The schedule that is dense all along. */
  static final String DENSE = "dense";

  /** Names of all schedules. */
  static final List<String> SCHEDULES = List.of(DENSE, "static", "set", "rigl", "gmp", "journey", "sparse-to-dense");

  /** The model as it begins. */
  TransformerConfig shape() {
    boolean beginsDense = schedule.equals("gmp") || schedule.equals("journey");
    return dense(width).density(beginsDense ? 1 : density).sparsity(Sparsity.defaults().emptyRows(true));
  }

  private TransformerConfig dense(int ofWidth) {
    SparseStudyConfig.ModelConfig model = config.model();
    return TransformerConfig.gpt(TokenStream.VOCABULARY, config.training().time(), model.layers(),
        ofWidth / model.headDim(), ofWidth).tiedHead(model.tiedHead());
  }

  /** The rule's values, relative to the dense model of the first width. */
  Scaling scaling(double learningRate) {
    SparseStudyConfig.ModelConfig model = config.model();
    BaseHyperparameters usual = BaseHyperparameters.withLearningRate(learningRate);
    return new Scaling(Parameterization.named(model.rule()), shape().relativeTo(dense(model.widths().getFirst())),
        new BaseHyperparameters(model.initStd(), learningRate, config.training().weightDecay(), usual.epsilon(),
            usual.inputMultiplier(), usual.outputMultiplier()));
  }

  /** What becomes of the topology in a training of that many steps. */
  TopologySchedule topology(int steps) {
    SparseStudyConfig.TopologyConfig topology = config.topology();
    return switch (schedule) {
      case "set", "rigl" -> new Dynamic(schedule.equals("rigl"), topology.every(), topology.dropFraction(),
          Math.max(1, Math.round(topology.regrowUntil() * steps)));
      case "gmp" -> {
        long begin = Math.round(topology.pruneFrom() * steps);
        yield new GradualPruning(density, begin, Math.max(begin + 1, Math.round(topology.pruneUntil() * steps)),
            topology.every());
      }
      case "journey" -> GradualPruning.journey(density, steps, topology.every(), flops().hiddenShare());
      case "sparse-to-dense" -> new SparseToDense(Math.max(1, Math.round(topology.denseFrom() * steps)));
      default -> new Static();
    };
  }

  /** What a token costs. */
  TransformerFlops flops() {
    return TransformerFlops.of(shape(), config.training().time());
  }

  private double tokensPerStep() {
    return (double) config.training().batch() * config.training().time();
  }

  /** Training FLOPs of that many steps, each with the density it has. */
  double flops(int steps) {
    return tokensPerStep() * flops().training(topology(steps), shape().density(), steps);
  }

  /** Training FLOPs of that many dense steps. */
  double budgetFlops(int denseSteps) {
    return tokensPerStep() * flops().training(1) * denseSteps;
  }

  /** The number of steps whose FLOPs come nearest to a budget: they miss it by less than a dense step. */
  int steps(int denseSteps) {
    double budget = budgetFlops(denseSteps);
    int steps = denseSteps;
    // The mean step hardly depends on their number, so that two or three of these come close.
    for (int next = scaled(steps, budget); next > steps; next = scaled(steps, budget)) {
      steps = next;
    }
    while (flops(steps) < budget) {
      steps++;
    }
    while (steps > 1 && flops(steps - 1) >= budget) {
      steps--;
    }
    return steps > 1 && budget - flops(steps - 1) < flops(steps) - budget ? steps - 1 : steps;
  }

  private int scaled(int steps, double budget) {
    return (int) (steps * (budget / flops(steps)));
  }

  /** Parameters there are, at a density of the blocks' weights, without the position table. */
  double parameters(double atDensity) {
    TransformerConfig shape = shape();
    return shape.parameters() - shape.hiddenWeights() * (1 - atDensity);
  }

  /** The arm in words: {@code gmp}, or {@code gmp 1/4} where there are several densities. */
  String label() {
    return schedule.equals(DENSE) || config.densities().size() == 1
        ? schedule : schedule + " " + Quantity.size(Axis.DENSITY, density);
  }
}
