package dev.pantograph.lab.replay;

import dev.pantograph.core.scaling.AttentionScaling;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Monomial;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Rule;
import dev.pantograph.core.scaling.Scale;
import dev.pantograph.core.scaling.Scaling;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * The recording project's own tables, which differ from the papers' in three places: attention is scaled by 1/d_h even
 * at the base, hidden weight decay follows the width only together with the depth rule, and ε then scales alike for all
 * parameters.
 */
final class RecordedParameterization {
  private RecordedParameterization() {}

  static Scaling of(Recording recording) {
    Recording.Config config = recording.config();
    double headDim = config.transformer().headDim();
    double density = config.supar() ? 1 - config.sparsity() : 1;
    Scale scale =
        new Scale(recording.widthMultiplier(), recording.widthMultiplier(), recording.depthMultiplier(), density,
        headDim, headDim);
    BaseHyperparameters base =
        new BaseHyperparameters(0, recording.train().learningRate(), recording.train().weightDecay(),
        recording.train().epsilonOrDefault(),
        config.mup() ? Objects.requireNonNullElse(config.inputAlpha(), 1.0) : 1,
        config.mup() ? Objects.requireNonNullElse(config.outputAlpha(), 1.0) : 1);
    return new Scaling(table(config.mup(), recording.depthExponent()), scale, base);
  }

  /** A switch that is off leaves its multiplier at 1, so width and density factors may stand in the table always. */
  private static Parameterization table(boolean mup, OptionalDouble alpha) {
    Monomial perTerm = new Monomial(0, -1, 0, -1);
    Monomial branch = alpha.isPresent() ? Monomial.ofDepth(-alpha.getAsDouble()) : Monomial.ONE;
    Monomial blockLearningRate = alpha.isPresent() ? Monomial.ofDepth(alpha.getAsDouble() - 1) : Monomial.ONE;
    Monomial epsilon = alpha.isPresent() ? Monomial.ofWidth(-1).times(branch) : Monomial.ONE;
    Monomial hiddenDecay = alpha.isPresent() ? Monomial.ofWidth(1) : Monomial.ONE;
    Rule hidden = new Rule(Monomial.ONE, perTerm.times(blockLearningRate), hiddenDecay, epsilon);
    Rule blockVector = new Rule(Monomial.ONE, blockLearningRate, Monomial.ONE, epsilon);
    Rule outside = new Rule(Monomial.ONE, Monomial.ONE, Monomial.ONE, epsilon);
    return new Parameterization("recorded", Parameterization.rows(hidden, blockVector, outside), branch,
        Monomial.ofWidth(-1),
        mup ? AttentionScaling.INVERSE : AttentionScaling.INVERSE_ROOT);
  }
}
