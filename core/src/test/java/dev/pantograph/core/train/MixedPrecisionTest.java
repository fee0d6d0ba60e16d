package dev.pantograph.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.nn.FeedForwardActivation;
import dev.pantograph.core.nn.Normalization;
import dev.pantograph.core.nn.Precision;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.testing.ChainBatches;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.Backend;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A whole run with bfloat16 products learns what one in float32 learns. */
class MixedPrecisionTest {
  private static final int VOCABULARY = 61;
  private static final int STEPS = 300;

  /** Losses over the first batches, before and after a run. */
  private record Run(double before, double after) {
    static Run of(Precision precision, TransformerConfig config) {
      Scaling scaling = new Scaling(Parameterization.muP(), config.relativeTo(config),
          BaseHyperparameters.withLearningRate(0.01));
      ChainBatches first = new ChainBatches(2, VOCABULARY, 1, 8, 16);
      try (Backend backend = TestBackends.vector(2);
          Transformer model = new Transformer(backend, precision, config, scaling, 1);
          Trainer trainer = new Trainer(model, new ChainBatches(2, VOCABULARY, 1, 8, 16), AdamWSettings.defaults(),
              new Schedule(new Schedule.Shape.Linear(), 20, STEPS))) {
        double before = trainer.evaluate(first, 8);
        for (int step = 0; step < STEPS; step++) {
          trainer.step();
        }
        return new Run(before, trainer.evaluate(first, 8));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"LAYER, GELU_TANH, 1", "RMS, SWIGLU, 0.5"})
  void lossAfterThreeHundredStepsIsThatOfFloat32(
      Normalization normalization, FeedForwardActivation activation, double density) {
    TransformerConfig config = TransformerConfig.gpt(VOCABULARY, 16, 2, 2, 32)
        .normalization(normalization).activation(activation).density(density).biases(true);

    Run exact = Run.of(Precision.F32, config);
    Run mixed = Run.of(Precision.BF16, config);

    assertThat(exact.after()).isLessThan(0.6 * exact.before());
    assertThat(mixed.after()).isCloseTo(exact.after(), within(0.01 * exact.after()));
  }
}
