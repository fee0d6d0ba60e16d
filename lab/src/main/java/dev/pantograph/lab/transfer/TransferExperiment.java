package dev.pantograph.lab.transfer;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.core.data.BatchSampler;
import dev.pantograph.core.data.TokenStream;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.lab.coordcheck.CoordinateCheck;
import dev.pantograph.lab.coordcheck.CoordinateCheck.Member;
import dev.pantograph.lab.coordcheck.CoordinateCheckResult;
import dev.pantograph.lab.plot.Regression;
import dev.pantograph.lab.run.Environment;
import dev.pantograph.lab.run.JsonLines;
import dev.pantograph.lab.run.RunFolder;
import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.scale.ModelFamily;
import dev.pantograph.lab.sweep.Sweep;
import dev.pantograph.lab.sweep.SweepProgress;
import dev.pantograph.lab.sweep.SweepText;
import dev.pantograph.lab.transfer.TransferConfig.StudyConfig;
import dev.pantograph.lab.transfer.TransferResult.Curve;
import dev.pantograph.lab.transfer.TransferResult.Drift;
import dev.pantograph.lab.transfer.TransferResult.Gap;
import dev.pantograph.lab.transfer.TransferResult.Optimum;
import dev.pantograph.lab.transfer.TransferResult.Point;
import dev.pantograph.lab.transfer.TransferResult.Study;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sweeps learning rate × size for each rule along each axis and reports whether the best learning rate stays where it
 * is.
 *
 * @param backends where workers open theirs
 * @param backendId the backend every trial runs on
 * @param workers trials side by side, each on one thread
 * @param config what to do
 * @param folder where outcomes, result and report go; trials it already holds are not run again
 * @param progress hears how it goes on
 */
public record TransferExperiment(Backends backends, String backendId, int workers, TransferConfig config,
    RunFolder folder, SweepProgress progress) {
  /** File of the trials' outcomes in the run folder. */
  public static final String TRIALS = "trials.jsonl";
  /** File of the result. */
  public static final String RESULT = "transfer.json";
  /** File of the report. */
  public static final String REPORT = "report.html";

  /** Large, so that an update that grows with the size shows within a few steps. */
  private static final double CHECK_LEARNING_RATE = 0x1p-6;
  private static final int CHECK_BATCH = 4;
  private static final long DATA_SEED = 0;

  /**
   * Runs what is not in the folder yet, and writes result and report there.
   *
   * @throws IllegalArgumentException if the configuration names what does not exist or shapes that cannot be; nothing
   *     has run
   */
  public TransferResult run() {
    config.studies().forEach(this::check);
    try (SweepText text = SweepText.read(config.text(), progress);
        JsonLines<Trial.Outcome> log = folder.log(TRIALS, Trial.Outcome.class)) {
      TrialTraining training = new TrialTraining(config, text.train(), text.validation());
      Sweep<Trial, Trial.Outcome> sweep =
          new Sweep<>(this::openWorker, workers, training, training::work, log, progress);
      GridSearch search = new GridSearch(config, sweep);
      search.run();
      progress.phase("coordinate checks");
      TransferResult result = new TransferResult(Environment.of(backends, backendId), config, text.description(),
          studies(search, text.train()), sweep.outcomes().size(),
          sweep.outcomes().stream().mapToLong(Trial.Outcome::tokens).sum(),
          sweep.outcomes().stream().mapToDouble(Trial.Outcome::seconds).sum() / workers);
      folder.writeJson(RESULT, result);
      folder.writeText(REPORT, new TransferReport(result).html());
      return result;
    }
  }

  /** Refuses what would fail in the middle of the sweep. */
  private void check(StudyConfig study) {
    study.rules().forEach(Parameterization::named);
    study.sizes().forEach(family(study)::at);
    Schedule.Shape.named(config.training().schedule());
  }

  private ModelFamily family(StudyConfig study) {
    return study.family(TokenStream.VOCABULARY, config.training().time());
  }

  private Backend openWorker() {
    return backends.open(backendId, BackendOptions.threads(1));
  }

  private List<Study> studies(GridSearch search, TokenStream train) {
    List<Study> studies = new ArrayList<>();
    for (StudyConfig study : config.studies()) {
      for (String rule : study.rules()) {
        List<Curve> curves = study.sizes().stream().map(size -> curve(search, study, rule, size)).toList();
        studies.add(new Study(study.axis(), rule, curves, drift(study.axis(), curves), gaps(curves),
            coordinateCheck(study, rule, train)));
      }
    }
    return studies;
  }

  private Curve curve(GridSearch search, StudyConfig study, String rule, double size) {
    LossCurve mean = search.meanCurve(study, rule, size);
    List<LossCurve> seeds =
        IntStream.range(0, config.seeds()).mapToObj(seed -> search.curve(study, rule, size, seed)).toList();
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < mean.losses().size(); i++) {
      List<@Nullable Double> losses = new ArrayList<>();
      for (LossCurve seed : seeds) {
        losses.add(seed.losses().get(i));
      }
      points.add(new Point(Math.scalb(1.0, mean.log2LearningRates().get(i)), losses, mean.losses().get(i)));
    }
    LossCurve.Minimum minimum = mean.minimum();
    int centre = search.bestLog2LearningRate(study, rule, size);
    List<Double> perSeed = seeds.stream().map(seed -> seed.minimum(centre).log2LearningRate()).toList();
    return new Curve(size, points,
        new Optimum(minimum.log2LearningRate(), minimum.loss(), perSeed, mean.best().isEmpty() || mean.bestIsAtEdge()));
  }

  private static Drift drift(Axis axis, List<Curve> curves) {
    List<Regression.Point> all = new ArrayList<>();
    int seeds = curves.getFirst().optimum().perSeed().size();
    List<Double> perSeed = new ArrayList<>();
    for (int seed = 0; seed < seeds; seed++) {
      List<Regression.Point> points = new ArrayList<>();
      for (Curve curve : curves) {
        points.add(new Regression.Point(axis.position(curve.size()), curve.optimum().perSeed().get(seed)));
      }
      perSeed.add(Regression.of(points).slope());
      all.addAll(points);
    }
    Regression line = Regression.of(all);
    return new Drift(line.slope(), line.low(), line.high(), perSeed);
  }

  private static List<Gap> gaps(List<Curve> curves) {
    double transferred = best(curves.getFirst()).learningRate();
    List<Gap> gaps = new ArrayList<>();
    for (Curve curve : curves.subList(1, curves.size())) {
      Point tuned = best(curve);
      Point there = curve.points().stream().filter(p -> p.learningRate() == transferred).findFirst().orElse(tuned);
      Double tunedLoss = tuned.meanLoss();
      gaps.add(new Gap(curve.size(), transferred, there.meanLoss(), tuned.learningRate(), tunedLoss == null
          ? Double.NaN : tunedLoss));
    }
    return gaps;
  }

  private static Point best(Curve curve) {
    Point best = curve.points().getFirst();
    double lowest = Double.POSITIVE_INFINITY;
    for (Point point : curve.points()) {
      Double loss = point.meanLoss();
      if (loss != null && loss < lowest) {
        lowest = loss;
        best = point;
      }
    }
    return best;
  }

  private CoordinateCheckResult coordinateCheck(StudyConfig study, String rule, TokenStream train) {
    ModelFamily family = family(study);
    List<Member> members = study.sizes().stream()
        .map(size -> new Member(size, family.at(size),
            family.scaling(Parameterization.named(rule), size, CHECK_LEARNING_RATE,
            config.training().weightDecay())))
        .toList();
    BatchSampler batches = new BatchSampler(train, 1, CHECK_BATCH, config.training().time(), DATA_SEED);
    try (Backend backend = backends.open(backendId, BackendOptions.threads(workers))) {
      return new CoordinateCheck(batches, CoordinateCheck.DEFAULT_STEPS, config.seeds(),
          CoordinateCheck.DEFAULT_TOLERANCE)
          .run(backend, study.axis(), members);
    }
  }
}
