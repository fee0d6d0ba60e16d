package dev.pantograph.jmh;

import dev.pantograph.core.data.BatchSource;
import dev.pantograph.core.nn.Precision;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scale;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Philox;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A GPT-2-style model in training on random tokens, with clipping and AdamW. It owns the backend it is given.
 */
final class TrainingRun implements AutoCloseable {
  private final Backend backend;
  private final Transformer transformer;
  private final Trainer trainer;
  private final double flopsPerStep;

  /** A dense model. */
  TrainingRun(ModelShape shape, Precision precision, Backend backend) {
    this(new TrainedModel(shape, 1), precision, backend);
  }

  TrainingRun(TrainedModel model, Precision precision, Backend backend) {
    this(model.config(), model.shape().batch(), model.shape().time(), model.flopsPerToken(), precision, backend);
  }

  TrainingRun(
      TransformerConfig config, int batch, int time, double flopsPerToken, Precision precision, Backend backend) {
    this.backend = backend;
    Scaling scaling = new Scaling(Parameterization.standard(), Scale.base(config.headDim()),
        BaseHyperparameters.withLearningRate(1e-4));
    transformer = new Transformer(backend, precision, config, scaling, 0);
    trainer = new Trainer(transformer, new RandomTokens(batch, time, config.vocabulary()),
        AdamWSettings.defaults(), new Schedule(new Schedule.Shape.Constant(), 0, 1));
    flopsPerStep = trainer.tokensPerStep() * flopsPerToken;
  }

  Trainer trainer() {
    return trainer;
  }

  /** Model FLOPs, {@code 6N + 12·L·C·T} a token, zeros not counted. */
  double flopsPerStep() {
    return flopsPerStep;
  }

  @Override
  public void close() {
    trainer.close();
    transformer.close();
    backend.close();
  }

  /** Random tokens, addressed by step. */
  private record RandomTokens(int batch, int time, int vocabulary) implements BatchSource {
    @Override
    public int microBatches() {
      return 1;
    }

    @Override
    public void fill(long step, int micro, MemorySegment inputs, MemorySegment targets) {
      long count = (long) batch * time;
      for (long i = 0; i < count; i++) {
        inputs.setAtIndex(ValueLayout.JAVA_INT, i, (int) Philox.below(vocabulary, step, 0, i));
        targets.setAtIndex(ValueLayout.JAVA_INT, i, (int) Philox.below(vocabulary, step, 1, i));
      }
    }
  }
}
