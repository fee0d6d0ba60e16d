package dev.pantograph.lab.transfer;

import dev.pantograph.core.data.BatchSampler;
import dev.pantograph.core.data.BatchSource;
import dev.pantograph.core.data.TokenStream;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.lab.scale.ModelFamily;
import dev.pantograph.lab.sweep.HeldOutLoss;
import dev.pantograph.lab.sweep.Sweep;
import dev.pantograph.lab.transfer.TransferConfig.StudyConfig;
import dev.pantograph.lab.transfer.TransferConfig.TrainingConfig;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;

/** Trains one trial from scratch and measures its loss on held-out text: the same text for every trial. */
final class TrialTraining implements Sweep.Runner<Trial, Trial.Outcome> {
  private static final long VALIDATION_SEED = 0;

  private final TransferConfig config;
  private final TokenStream train;
  private final BatchSource validation;

  TrialTraining(TransferConfig config, TokenStream train, TokenStream validation) {
    this.config = config;
    this.train = train;
    this.validation =
        new BatchSampler(validation, 1, config.training().batch(), config.training().time(), VALIDATION_SEED);
  }

  @Override
  public Trial.Outcome run(Trial trial, Backend backend) {
    TrainingConfig training = config.training();
    ModelFamily family = family(config.study(trial.axis()));
    TransformerConfig shape = family.at(trial.size());
    BatchSource batches = new BatchSampler(train, 1, training.batch(), training.time(), trial.seed());
    Schedule schedule = new Schedule(Schedule.Shape.named(training.schedule()), training.warmup(), training.steps());
    try (Transformer model = new Transformer(backend, DType.F32, shape,
            family.scaling(Parameterization.named(trial.rule()), trial.size(), trial.learningRate(),
                training.weightDecay()),
            trial.seed());
        Trainer trainer = new Trainer(model, batches, AdamWSettings.defaults(), schedule)) {
      HeldOutLoss end = HeldOutLoss.after(training.steps(), trainer, validation, training.validationBatches());
      return new Trial.Outcome(trial, end.loss(), end.divergence(), end.seconds(), end.tokens());
    }
  }

  /** FLOPs of a trial, for the estimate of the time left. */
  double work(Trial trial) {
    TrainingConfig training = config.training();
    TransformerConfig shape = family(config.study(trial.axis())).at(trial.size());
    double tokens = (double) training.batch() * training.time();
    return shape.trainingFlopsPerToken(training.time()) * tokens * (training.steps()
        + training.validationBatches() / 3.0);
  }

  private ModelFamily family(StudyConfig study) {
    return study.family(TokenStream.VOCABULARY, config.training().time());
  }
}
