package dev.pantograph.lab.train;

import dev.pantograph.core.train.StepReport;
import dev.pantograph.core.train.Trainer;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** How a run makes its steps. */
@FunctionalInterface
public interface Stepping {
  /** One running into the next, as the trainer does it. */
  Stepping OVERLAPPING = Trainer::train;

  /**
   * Makes so many steps.
   *
   * @param listener hears of each before the next one's update
   */
  void make(Trainer trainer, long steps, Consumer<StepReport> listener);

  /**
   * Watched by all of these, from the inside out: then each step is waited for before the next begins, so that all
   * that is seen belongs to it. Overlapping if there are none.
   */
  static Stepping watchedBy(List<StepWatch> watches) {
    if (watches.isEmpty()) {
      return OVERLAPPING;
    }
    Function<Trainer, StepReport> stepping = Trainer::step;
    for (StepWatch watch : watches) {
      Function<Trainer, StepReport> inner = stepping;
      stepping = trainer -> watch.step(trainer, inner);
    }
    Function<Trainer, StepReport> watched = stepping;
    return (trainer, steps, listener) -> {
      for (long i = 0; i < steps; i++) {
        listener.accept(watched.apply(trainer));
      }
    };
  }
}
