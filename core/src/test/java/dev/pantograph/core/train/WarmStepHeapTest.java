package dev.pantograph.core.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.testing.ChainBatches;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * The heap of a whole step on the vector backend. A vector that crosses a call which the compiler did not inline is an
 * object, and hundreds of kilobytes a step are the first sign of it.
 */
class WarmStepHeapTest {
  private static final int VOCABULARY = 64;
  private static final int TIME = 32;
  /** Until the compiler has seen the loops of all kernels, which for a model so small are short. */
  private static final int WARM_UP = 2_500;

  private static final int STEPS = 1_000;
  private static final long BYTES_PER_STEP = 100_000;

  @Test
  void aThousandWarmStepsTakeLittleHeapEach() {
    TransformerConfig config = TransformerConfig.gpt(VOCABULARY, TIME, 2, 2, 64).biases(true);
    Scaling scaling = new Scaling(Parameterization.muP(), config.relativeTo(config),
        BaseHyperparameters.withLearningRate(0.001));
    // One compute thread: what it allocates is all there is.
    try (Backend backend = TestBackends.vector(1);
        Transformer model = new Transformer(backend, DType.F32, config, scaling, 1);
        Trainer trainer = new Trainer(model, new ChainBatches(1, VOCABULARY, 1, 2, TIME), AdamWSettings.defaults(),
            new Schedule(new Schedule.Shape.Linear(), 1, WARM_UP + STEPS))) {
      for (int step = 0; step < WARM_UP; step++) {
        trainer.step();
      }
      long[] bytes = new long[STEPS];
      var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
      for (int step = 0; step < STEPS; step++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        trainer.step();
        bytes[step] = threads.getCurrentThreadAllocatedBytes() - before;
      }

      // Medians of tenths: a method compiled anew runs for some steps as it did before it was compiled.
      for (int from = 0; from < STEPS; from += STEPS / 10) {
        long[] tenth = Arrays.copyOfRange(bytes, from, from + STEPS / 10);
        Arrays.sort(tenth);
        assertThat(tenth[tenth.length / 2]).as("bytes a step from step %d on", WARM_UP + from)
            .isPositive().isLessThan(BYTES_PER_STEP);
      }
    }
  }
}
