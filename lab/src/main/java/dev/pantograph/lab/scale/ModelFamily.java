package dev.pantograph.lab.scale;

import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.sparse.Sparsity;

/**
 * The models along one axis: all alike but for their size on it. Width grows by heads of the same dimension. Each weight
 * of a sparse one is there by chance, as in SµPar's own experiments, so a row of a narrow model may be left empty.
 *
 * @param axis what is scaled
 * @param baseSize the base's place on the axis
 * @param model everything that is not scaled
 * @param vocabulary V
 * @param context T
 */
public record ModelFamily(Axis axis, double baseSize, BaseModel model, int vocabulary, int context) {

  /**
   * The model at one place on the axis.
   *
   * @throws IllegalArgumentException if the size is not a whole number where one is needed, or the width is no multiple
   *     of the head dimension
   */
  public TransformerConfig at(double size) {
    int width = axis == Axis.WIDTH ? whole(size) : model.width();
    int layers = axis == Axis.DEPTH ? whole(size) : model.layers();
    double density = axis == Axis.DENSITY ? size : model.density();
    if (width % model.headDim() != 0) {
      throw new IllegalArgumentException(
          "width %d is not divisible by headDim %d, so it has no whole number of heads; choose a multiple of %d"
              .formatted(width, model.headDim(), model.headDim()));
    }
    return TransformerConfig.gpt(vocabulary, context, layers, width / model.headDim(), width)
        .tiedHead(model.tiedHead())
        .density(density)
        .sparsity(Sparsity.defaults().emptyRows(true));
  }

  private int whole(double size) {
    if (size != Math.rint(size) || size < 1) {
      throw new IllegalArgumentException("%s %s (expected: a whole number, at least 1)".formatted(axis.label(), size));
    }
    return (int) size;
  }

  /** The rule's values for the model at one place on the axis, relative to the base. */
  public Scaling scaling(Parameterization rule, double size, double learningRate, double weightDecay) {
    BaseHyperparameters habits = BaseHyperparameters.withLearningRate(learningRate);
    BaseHyperparameters base = new BaseHyperparameters(model.initStd(), learningRate, weightDecay, habits.epsilon(),
        habits.inputMultiplier(), habits.outputMultiplier());
    return new Scaling(rule, at(size).relativeTo(at(baseSize)), base);
  }
}
