package dev.pantograph.jmh;

import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.nn.TransformerFlops;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * A model whose whole training step is measured.
 *
 * @param shape of the step
 * @param density of its blocks' weights
 */
record TrainedModel(ModelShape shape, double density) {
  /** Those of the comparison with other implementations, and one at densities from 1 down. */
  static final List<TrainedModel> ALL = Stream.concat(
      Stream.of(ModelShape.D256, ModelShape.D512, ModelShape.GPT2).map(shape -> new TrainedModel(shape, 1)),
      DoubleStream.of(1, 0.5, 0.25, 0.125, 0.1, 0.05, 0.01)
          .mapToObj(density -> new TrainedModel(ModelShape.D1024, density))).toList();

  /**
   * One of {@link #ALL}.
   *
   * @throws IllegalArgumentException if there is none of that label
   */
  static TrainedModel named(String label) {
    return ALL.stream().filter(model -> model.label().equals(label)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no model is named '%s' (there are %s)".formatted(label,
            ALL.stream().map(TrainedModel::label).toList())));
  }

  /** As in the names of cases. */
  String label() {
    return density == 1 ? shape.label() : "%s at %s".formatted(shape.label(), density);
  }

  /** With rows that may be left with no weight: at a hundredth, some of some thousand are. */
  TransformerConfig config() {
    TransformerConfig config = shape.config().density(density);
    return config.sparsity(config.sparsity().emptyRows(true));
  }

  /** FLOPs of a training token, {@code 6N + 12·L·C·T}, without those of weights that are not there. */
  double flopsPerToken() {
    TransformerFlops flops = TransformerFlops.of(config(), shape.time());
    return config().trainingFlopsPerToken(shape.time()) - flops.training(1) + flops.training(density);
  }
}
