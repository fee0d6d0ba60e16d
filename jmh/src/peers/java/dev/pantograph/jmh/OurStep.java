package dev.pantograph.jmh;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.core.nn.Precision;
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

/** Our own training step. */
final class OurStep implements StepPeer {
  static final double LEARNING_RATE = 1e-4;

  private final Precision precision;
  private final Backend backend;
  private final Transformer transformer;
  private final Trainer trainer;

  OurStep(PeerModel model, String backendId, Precision precision, int threads) {
    this.precision = precision;
    backend = Backends.discover().open(backendId, BackendOptions.threads(threads));
    transformer = new Transformer(backend, precision, model.config(),
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
    return "backend %s, %s, Java %s".formatted(backend.id(), precision.label(), Runtime.version());
  }

  @Override
  public Steps run(int count) {
    StepTimer timer = new StepTimer();
    trainer.train(count, timer);
    return new Steps(timer.seconds(), timer.loss());
  }

  @Override
  public void close() {
    trainer.close();
    transformer.close();
    backend.close();
  }
}
