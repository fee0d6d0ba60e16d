package dev.pantograph.jmh;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scale;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.DType;
import java.util.ArrayList;
import java.util.List;

/** Our own training step, by the backend {@code vector}. */
final class VectorStep implements StepPeer {
  static final double LEARNING_RATE = 1e-4;

  private final Backend backend;
  private final Transformer transformer;
  private final Trainer trainer;

  VectorStep(PeerModel model, int threads) {
    backend = Backends.discover().open("vector", BackendOptions.threads(threads));
    transformer = new Transformer(backend, DType.F32, model.config(),
        new Scaling(Parameterization.standard(), Scale.base(model.config().headDim()),
            BaseHyperparameters.withLearningRate(LEARNING_RATE)), 0);
    trainer = new Trainer(transformer, new PeerBatch(model), AdamWSettings.defaults(),
        new Schedule(new Schedule.Shape.Constant(), 0, 1));
  }

  /** The model, whose initial weights others start from too. */
  Transformer transformer() {
    return transformer;
  }

  @Override
  public String name() {
    return "ours";
  }

  @Override
  public String details() {
    return "backend vector, float32, Java " + Runtime.version();
  }

  @Override
  public Steps run(int count) {
    List<Double> seconds = new ArrayList<>();
    double loss = Double.NaN;
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      loss = trainer.step().loss();
      seconds.add((System.nanoTime() - start) * 1e-9);
    }
    return new Steps(seconds, loss);
  }

  @Override
  public void close() {
    trainer.close();
    transformer.close();
    backend.close();
  }
}
