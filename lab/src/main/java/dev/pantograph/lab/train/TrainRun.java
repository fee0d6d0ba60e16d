package dev.pantograph.lab.train;

import dev.pantograph.core.data.BatchSampler;
import dev.pantograph.core.data.BatchSource;
import dev.pantograph.core.data.Corpus;
import dev.pantograph.core.data.DocumentSplit;
import dev.pantograph.core.data.TokenStream;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.train.DivergenceException;
import dev.pantograph.core.train.StepReport;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.lab.run.JsonLines;
import dev.pantograph.lab.run.RunFolder;
import dev.pantograph.spi.Backend;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Trains one model in a run folder: metrics grow line by line, checkpoints replace each other whole. A run that stops,
 * by choice or by accident, goes on from its last checkpoint with the same bits as if it had not stopped.
 *
 * @param config what to do
 * @param folder where metrics and checkpoints go
 */
public record TrainRun(TrainConfig config, RunFolder folder) {
  /** File of the metrics. */
  public static final String METRICS = "metrics.jsonl";
  /** File of the last checkpoint. */
  public static final String CHECKPOINT = "checkpoint.safetensors";

  private static final long SPLIT_SEED = 0;

  /**
   * One line of the metrics.
   *
   * @param step from 0
   * @param tokens trained on so far, this step included
   * @param loss of the step's batch before its update, nats per token
   * @param gradientNorm global norm before clipping
   * @param learningRate the scheduled base learning rate
   * @param validationLoss after the update; null where it was not measured
   * @param seconds from the report of the step before to this one's, without validation and checkpoints
   */
  public record Metrics(long step, long tokens, double loss, double gradientNorm, double learningRate,
      @Nullable Double validationLoss, double seconds) {}

  /** {@link #run(Backend, Stepping, Consumer)} with steps that nobody watches. */
  public Metrics run(Backend backend, Consumer<Metrics> listener) {
    return run(backend, Stepping.OVERLAPPING, listener);
  }

  /**
   * Trains to the end.
   *
   * @param stepping makes the steps
   * @param listener hears of each step
   * @return the last step's metrics
   * @throws DivergenceException if the loss is no longer finite; the state before that step is in the checkpoint
   */
  public Metrics run(Backend backend, Stepping stepping, Consumer<Metrics> listener) {
    TransformerConfig shape = config.transformer();
    Scaling scaling = config.scaling();
    AdamWSettings settings = config.optimizer().settings();
    Schedule schedule = config.learningRateSchedule();
    TrainConfig.Data data = config.data();
    Corpus corpus = Corpus.open(data.corpus(), data.limitBytes());
    DocumentSplit split = DocumentSplit.of(corpus.documents(), SPLIT_SEED, DocumentSplit.VALIDATION_FRACTION);
    try (TokenStream train = TokenStream.of(split.train());
        TokenStream validation = TokenStream.of(split.validation());
        JsonLines<Metrics> log = folder.log(METRICS, Metrics.class);
        Transformer model = new Transformer(backend, config.elementTypes(), shape, scaling, config.seed());
        Trainer trainer = new Trainer(model,
            new BatchSampler(train, data.microBatches(), data.batch(), data.time(), config.seed()), settings,
            schedule, config.sparseTraining())) {
      BatchSource held = new BatchSampler(validation, 1, data.batch(), data.time(), SPLIT_SEED);
      if (folder.has(CHECKPOINT)) {
        trainer.restore(folder.resolve(CHECKPOINT));
      } else if (!config.from().isEmpty()) {
        trainer.begin(Path.of(config.from()));
      }
      // A run stopped before its first checkpoint begins anew, and so do its metrics.
      log.keep(Math.toIntExact(trainer.nextStep()));
      Progress progress = new Progress(trainer, held, log, listener);
      try {
        stepping.make(trainer, Math.max(0, config.steps() - trainer.nextStep()), progress);
      } catch (DivergenceException e) {
        trainer.save(folder.resolve(CHECKPOINT));
        throw e;
      }
      return progress.last();
    }
  }

  /** What is done when a step's report has come: validation, metrics, a checkpoint. */
  private final class Progress implements Consumer<StepReport> {
    private final Trainer trainer;
    private final BatchSource held;
    private final JsonLines<Metrics> log;
    private final Consumer<Metrics> listener;
    private @Nullable Metrics last;
    private long since = System.nanoTime();

    Progress(Trainer trainer, BatchSource held, JsonLines<Metrics> log, Consumer<Metrics> listener) {
      this.trainer = trainer;
      this.held = held;
      this.log = log;
      this.listener = listener;
      this.last = log.existing().isEmpty() ? null : log.existing().getLast();
    }

    @Override
    public void accept(StepReport report) {
      double seconds = (System.nanoTime() - since) * 1e-9;
      long done = trainer.nextStep();
      Double validationLoss = isDue(done, config.data().validateEvery())
          ? Double.valueOf(trainer.evaluate(held, config.data().validationBatches())) : null;
      Metrics metrics = new Metrics(report.step(), done * trainer.tokensPerStep(), report.loss(),
          report.gradientNorm(), report.learningRate(), validationLoss, seconds);
      last = metrics;
      log.append(metrics);
      listener.accept(metrics);
      if (isDue(done, config.checkpointEvery())) {
        trainer.save(folder.resolve(CHECKPOINT));
      }
      since = System.nanoTime();
    }

    Metrics last() {
      if (last == null) {
        throw new IllegalStateException("a run of %d steps left no metrics".formatted(config.steps()));
      }
      return last;
    }
  }

  /** Every so many steps, and after the last. */
  private boolean isDue(long done, int every) {
    return done == config.steps() || (every > 0 && done % every == 0);
  }
}
