package dev.pantograph.lab.sparse;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.core.sparse.StorageChoice;
import dev.pantograph.core.sparse.TopologySchedule;
import dev.pantograph.core.sparse.WeightStorage;
import dev.pantograph.lab.run.Environment;
import dev.pantograph.lab.run.JsonLines;
import dev.pantograph.lab.run.RunFolder;
import dev.pantograph.lab.sparse.SparseStudyResult.Cell;
import dev.pantograph.lab.sparse.SparseStudyResult.Parameters;
import dev.pantograph.lab.sweep.Sweep;
import dev.pantograph.lab.sweep.SweepProgress;
import dev.pantograph.lab.sweep.SweepText;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.DType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Trains models under several schedules of density, each for as many steps as the same FLOPs pay, and asks which ends
 * with the lowest loss and whether the mean number of parameters explains it.
 *
 * @param backends where workers open theirs
 * @param backendId the backend every trial runs on
 * @param workers trials side by side, each on one thread
 * @param config what to do
 * @param folder where outcomes, result and report go; trials it already holds are not run again
 * @param progress hears how it goes on
 */
public record SparseStudy(Backends backends, String backendId, int workers, SparseStudyConfig config,
    RunFolder folder, SweepProgress progress) {
  /** File of the trials' outcomes in the run folder. */
  public static final String TRIALS = "trials.jsonl";
  /** File of the result. */
  public static final String RESULT = "sparse-study.json";
  /** File of the report. */
  public static final String REPORT = "report.html";

  /**
   * Runs what is not in the folder yet, and writes result and report there.
   *
   * @throws IllegalArgumentException if the configuration names what does not exist, or a schedule changes a topology
   *     that the backend cannot change; nothing has run
   */
  public SparseStudyResult run() {
    config.check();
    requireSparseProducts();
    try (SweepText text = SweepText.read(config.text(), progress);
        JsonLines<SparseTrial.Outcome> log = folder.log(TRIALS, SparseTrial.Outcome.class)) {
      SparseTrialTraining training = new SparseTrialTraining(config, text.train(), text.validation());
      Sweep<SparseTrial, SparseTrial.Outcome> sweep =
          new Sweep<>(this::openWorker, workers, training, training::work, log, progress);
      List<RateSearch.Cell> places = config.arms().stream()
          .flatMap(arm -> config.budgets().stream().map(budget -> RateSearch.Cell.of(arm, budget))).toList();
      RateSearch search = new RateSearch(config, sweep);
      search.run(places);
      progress.phase("fitting the law");
      List<Cell> cells = places.stream().map(place -> cell(search, place)).toList();
      SparseStudyResult result = new SparseStudyResult(Environment.of(backends, backendId), config,
          text.description(), cells, LawFit.of(cells), sweep.outcomes().size(),
          sweep.outcomes().stream().mapToLong(SparseTrial.Outcome::tokens).sum(),
          sweep.outcomes().stream().mapToDouble(SparseTrial.Outcome::seconds).sum() / workers);
      folder.writeJson(RESULT, result);
      folder.writeText(REPORT, new SparseStudyReport(result).html());
      return result;
    }
  }

  /** A topology changes in compressed weights only. */
  private void requireSparseProducts() {
    boolean changes = config.arms().stream().anyMatch(arm -> !arm.topology(config.budgets().getFirst()).isStatic());
    if (changes) {
      try (Backend backend = openWorker()) {
        StorageChoice.of(WeightStorage.COMPRESSED, backend, DType.F32, DType.F32);
      }
    }
  }

  private Backend openWorker() {
    return backends.open(backendId, BackendOptions.threads(1));
  }

  private Cell cell(RateSearch search, RateSearch.Cell place) {
    Arm arm = place.arm();
    int steps = place.steps();
    TopologySchedule topology = arm.topology(steps);
    double initial = arm.shape().density();
    double last = topology.density(steps, initial);
    double mean = topology.meanDensity(steps, initial);
    List<@Nullable Double> losses = new ArrayList<>();
    for (int seed : config.seedNumbers()) {
      losses.add(search.outcome(place, search.best(place), seed).loss());
    }
    return new Cell(arm.width(), arm.schedule(), arm.density(), arm.label(), place.budget(),
        arm.budgetFlops(place.budget()), steps, arm.flops(steps),
        (long) steps * config.training().batch() * config.training().time(), mean, last,
        new Parameters(arm.parameters(initial), arm.parameters(mean), arm.parameters(last)), search.best(place),
        search.isAtEdge(place), losses);
  }
}
