package dev.pantograph.lab.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.lab.run.JsonLines;
import dev.pantograph.lab.run.RunFolder;
import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.testing.SilentProgress;
import dev.pantograph.lab.testing.TestBackends;
import dev.pantograph.lab.transfer.Trial;
import dev.pantograph.lab.transfer.Trial.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SweepTest {
  private static final String LOG = "trials.jsonl";

  @TempDir
  private Path folder;

  private final List<Trial> ran = Collections.synchronizedList(new ArrayList<>());

  private static List<Trial> trials(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Trial(Axis.WIDTH, "mup", 16 << (i % 3), -8 + i / 3, 0)).toList();
  }

  private static Outcome outcome(Trial trial) {
    return trial.log2LearningRate() > -6 ? new Outcome(trial, null, "loss is NaN", 0.5, 32)
        : new Outcome(trial, trial.size() / 7 + trial.log2LearningRate(), null, 0.25, 64);
  }

  private Outcome note(Trial trial) {
    ran.add(trial);
    return outcome(trial);
  }

  private Sweep<Trial, Outcome> sweep(int workers, Sweep.Runner<Trial, Outcome> runner, JsonLines<Outcome> log) {
    return new Sweep<>(TestBackends::vector, workers, runner, Trial::size, log, new SilentProgress());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 40})
  void everyTrialRunsOnceAndItsOutcomeIsKept(int workers) {
    List<Trial> trials = trials(12);
    try (JsonLines<Outcome> log = RunFolder.create(folder).log(LOG, Outcome.class)) {
      Sweep<Trial, Outcome> sweep = sweep(workers, (trial, _) -> note(trial), log);
      sweep.run(trials);
      assertThat(ran).containsExactlyInAnyOrderElementsOf(trials);
      assertThat(trials).allSatisfy(trial -> assertThat(sweep.outcome(trial)).isEqualTo(outcome(trial)));
    }
    assertThat(kept()).containsExactlyInAnyOrderElementsOf(trials.stream().map(SweepTest::outcome).toList());
  }

  @Test
  void theLongestTrialsRunFirst() {
    try (JsonLines<Outcome> log = RunFolder.create(folder).log(LOG, Outcome.class)) {
      sweep(1, (trial, _) -> note(trial), log).run(trials(9));
    }
    assertThat(ran).extracting(Trial::size).isSortedAccordingTo(Collections.reverseOrder());
  }

  @Test
  void whatTheLogHoldsIsNotRunAgain() {
    List<Trial> trials = trials(6);
    try (JsonLines<Outcome> log = RunFolder.create(folder).log(LOG, Outcome.class)) {
      sweep(1, (trial, _) -> note(trial), log).run(trials.subList(0, 4));
    }
    ran.clear();
    try (JsonLines<Outcome> log = kept(folder)) {
      Sweep<Trial, Outcome> sweep = sweep(1, (trial, _) -> note(trial), log);
      sweep.run(trials);
      assertThat(ran).containsExactlyInAnyOrderElementsOf(trials.subList(4, 6));
      sweep.run(trials);
      assertThat(ran).hasSize(2);
      assertThat(sweep.outcomes()).containsExactlyInAnyOrderElementsOf(trials.stream().map(SweepTest::outcome)
          .toList());
    }
  }

  @Test
  void aTrialAskedForTwiceRunsOnce() {
    try (JsonLines<Outcome> log = RunFolder.create(folder).log(LOG, Outcome.class)) {
      sweep(2, (trial, _) -> note(trial), log).run(List.of(trials(1).getFirst(), trials(1).getFirst()));
    }
    assertThat(ran).hasSize(1);
  }

  @Test
  void aFailureIsThrownAsItIsAndTheRestIsLeft() {
    IllegalStateException failure = new IllegalStateException("no memory left on the device");
    AtomicInteger count = new AtomicInteger();
    try (JsonLines<Outcome> log = RunFolder.create(folder).log(LOG, Outcome.class)) {
      Sweep<Trial, Outcome> sweep = sweep(1, (trial, _) -> {
        if (count.incrementAndGet() == 3) {
          throw failure;
        }
        return note(trial);
      }, log);
      assertThatThrownBy(() -> sweep.run(trials(9))).isSameAs(failure);
      assertThatThrownBy(() -> sweep.outcome(trials(9).getFirst()))
          .hasMessageStartingWith("trial was not run: mup width 16");
    }
    assertThat(count).hasValue(3);
    assertThat(kept()).hasSize(2);
  }

  /** One worker is busy until the other has failed and lies idle, and must then take no more trials. */
  @Test
  void oneFailingWorkerStopsTheOther() {
    BlockingQueue<Thread> failed = new ArrayBlockingQueue<>(12);
    AtomicInteger count = new AtomicInteger();
    try (JsonLines<Outcome> log = RunFolder.create(folder).log(LOG, Outcome.class)) {
      Sweep.Runner<Trial, Outcome> runner = (trial, _) -> {
        switch (count.incrementAndGet()) {
          case 1 -> awaitIdle(failed);
          case 2 -> {
            failed.add(Thread.currentThread());
            throw new IllegalStateException("broken");
          }
          default -> {
            // A trial that should not have been begun.
          }
        }
        return note(trial);
      };
      assertThatThrownBy(() -> sweep(2, runner, log).run(trials(12))).hasMessage("broken");
    }
    assertThat(ran).hasSize(1);
  }

  @Test
  void anErrorIsNotDisguised() {
    try (JsonLines<Outcome> log = RunFolder.create(folder).log(LOG, Outcome.class)) {
      assertThatThrownBy(() -> sweep(1, (_, _) -> {
        throw new OutOfMemoryError("buffer 'logits'");
      }, log).run(trials(2))).isInstanceOf(OutOfMemoryError.class);
    }
  }

  private static void awaitIdle(BlockingQueue<Thread> failed) {
    try {
      Thread thread = failed.take();
      while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
        Thread.sleep(1);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<Outcome> kept() {
    try (JsonLines<Outcome> log = kept(folder)) {
      return log.existing();
    }
  }

  private static JsonLines<Outcome> kept(Path folder) {
    return RunFolder.create(folder.resolve("elsewhere")).log("../" + LOG, Outcome.class);
  }
}
