package dev.pantograph.lab.transfer;

import dev.pantograph.lab.run.JsonLines;
import dev.pantograph.spi.Backend;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Runs trials side by side, each on a backend of its own, and keeps every outcome the moment it is known. A trial whose
 * outcome is in the log already is not run again.
 */
final class Sweep {
  /** Trains one trial. */
  @FunctionalInterface
  interface Runner {
    Trial.Outcome run(Trial trial, Backend backend);
  }

  private final Supplier<Backend> backends;
  private final int workers;
  private final Runner runner;
  private final ToDoubleFunction<Trial> work;
  private final JsonLines<Trial.Outcome> log;
  private final SweepProgress progress;
  private final Map<Trial, Trial.Outcome> outcomes = new HashMap<>();

  /**
   * A sweep that has learnt what the log holds.
   *
   * @param backends opens a backend for one worker
   * @param work of a trial in FLOPs, for the estimate of the time left
   */
  Sweep(Supplier<Backend> backends, int workers, Runner runner, ToDoubleFunction<Trial> work,
      JsonLines<Trial.Outcome> log,
      SweepProgress progress) {
    this.backends = backends;
    this.workers = workers;
    this.runner = runner;
    this.work = work;
    this.log = log;
    this.progress = progress;
    log.existing().forEach(outcome -> outcomes.put(outcome.trial(), outcome));
  }

  /** Runs the trials that have no outcome yet, the longest first, and returns when all have one. */
  void run(List<Trial> trials) {
    List<Trial> open = trials.stream().distinct().filter(trial -> !outcomes.containsKey(trial))
        .sorted(Comparator.comparingDouble(work).reversed()).toList();
    progress.planned(open.stream().mapToDouble(work).sum(), open.size());
    int threads = Math.min(workers, open.size());
    if (threads == 0) {
      return;
    }
    var queue = new ConcurrentLinkedQueue<>(open);
    try (ExecutorService executor = Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().factory())) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(executor.submit(() -> drain(queue)));
      }
      try {
        for (Future<?> worker : running) {
          worker.get();
        }
      } catch (ExecutionException e) {
        switch (e.getCause()) {
          case RuntimeException cause -> throw cause;
          case Error cause -> throw cause;
          case null, default -> throw new IllegalStateException(e);
        }
      } catch (InterruptedException e) {
        queue.clear();
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while training", e);
      }
    }
  }

  private void drain(Queue<Trial> queue) {
    try (Backend backend = backends.get()) {
      for (Trial trial = queue.poll(); trial != null; trial = queue.poll()) {
        progress.started(trial);
        Trial.Outcome outcome = runner.run(trial, backend);
        log.append(outcome);
        synchronized (outcomes) {
          outcomes.put(trial, outcome);
        }
        progress.finished(outcome, work.applyAsDouble(trial));
      }
    } catch (RuntimeException | Error e) {
      // What failed here would fail, or go to waste, in the other workers too.
      queue.clear();
      throw e;
    }
  }

  /** The outcome of a trial that was run. */
  Trial.Outcome outcome(Trial trial) {
    synchronized (outcomes) {
      Trial.Outcome outcome = outcomes.get(trial);
      if (outcome == null) {
        throw new IllegalStateException("trial was not run: " + trial);
      }
      return outcome;
    }
  }

  /** All outcomes, those of earlier sessions included. */
  List<Trial.Outcome> outcomes() {
    synchronized (outcomes) {
      return List.copyOf(outcomes.values());
    }
  }
}
