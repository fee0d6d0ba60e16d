package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerPoolTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void runsEachTaskOnceBeforeReturning(int threads) {
    try (WorkerPool pool = new WorkerPool(threads)) {
      for (int tasks = 0; tasks < 300; tasks++) {
        AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
        pool.run(tasks, (task, worker) -> {
          assertThat(worker).isBetween(0, threads - 1);
          runs.incrementAndGet(task);
        });
        for (int task = 0; task < tasks; task++) {
          assertThat(runs.get(task)).isEqualTo(1);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void throwsTheFailureOfATaskAndGoesOnServing(int threads) {
    try (WorkerPool pool = new WorkerPool(threads)) {
      for (int i = 0; i < 50; i++) {
        assertThatThrownBy(() -> pool.run(20, (task, worker) -> {
          if (task == 11) {
            throw new IllegalStateException("task 11");
          }
        })).isInstanceOf(IllegalStateException.class).hasMessage("task 11");
        int[] done = new int[8];
        pool.run(8, (task, worker) -> done[task] = 1);
        assertThat(done).containsOnly(1);
      }
    }
  }

  @Test
  void aClosedPoolRefusesWork() {
    WorkerPool pool = new WorkerPool(2);
    pool.close();
    assertThatThrownBy(() -> pool.run(1, (task, worker) -> {})).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("vector").hasMessageContaining("closed");
  }
}
