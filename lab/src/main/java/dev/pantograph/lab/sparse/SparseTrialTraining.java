package dev.pantograph.lab.sparse;

import dev.pantograph.core.data.BatchSampler;
import dev.pantograph.core.data.BatchSource;
import dev.pantograph.core.data.TokenStream;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.sparse.DensityReference;
import dev.pantograph.core.sparse.SparseTraining;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.lab.sparse.SparseStudyConfig.TrainingConfig;
import dev.pantograph.lab.sweep.HeldOutLoss;
import dev.pantograph.lab.sweep.Sweep;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;

/** Trains one trial from scratch, for as many steps as its budget pays, and measures its loss on held-out text. */
final class SparseTrialTraining implements Sweep.Runner<SparseTrial, SparseTrial.Outcome> {
  private static final long VALIDATION_SEED = 0;

  private final SparseStudyConfig config;
  private final TokenStream train;
  private final BatchSource validation;

  SparseTrialTraining(SparseStudyConfig config, TokenStream train, TokenStream validation) {
    this.config = config;
    this.train = train;
    this.validation =
        new BatchSampler(validation, 1, config.training().batch(), config.training().time(), VALIDATION_SEED);
  }

  @Override
  public SparseTrial.Outcome run(SparseTrial trial, Backend backend) {
    TrainingConfig training = config.training();
    Arm arm = arm(trial);
    int steps = trial.steps();
    Schedule schedule = new Schedule(Schedule.Shape.named(training.schedule()),
        Math.toIntExact(Math.round(training.warmup() * steps)), steps);
    SparseTraining sparse =
        new SparseTraining(arm.topology(steps), DensityReference.named(config.topology().corrections()));
    BatchSource batches = new BatchSampler(train, 1, training.batch(), training.time(), trial.seed());
    try (Transformer model =
            new Transformer(backend, DType.F32, arm.shape(), arm.scaling(trial.learningRate()), trial.seed());
        Trainer trainer = new Trainer(model, batches, AdamWSettings.defaults(), schedule, sparse)) {
      HeldOutLoss end = HeldOutLoss.after(steps, trainer, validation, training.validationBatches());
      return new SparseTrial.Outcome(trial, end.loss(), end.divergence(), end.seconds(), end.tokens());
    }
  }

  private Arm arm(SparseTrial trial) {
    return new Arm(config, trial.width(), trial.schedule(), trial.density());
  }

  /**
   * FLOPs of a trial as if its zeros were multiplied, for the estimate of the time left: on a CPU a sparse step of a
   * small model takes hardly less time than a dense one.
   */
  double work(SparseTrial trial) {
    return arm(trial).budgetFlops(trial.steps());
  }
}
