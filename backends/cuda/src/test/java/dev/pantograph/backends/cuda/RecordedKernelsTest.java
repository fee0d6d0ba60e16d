package dev.pantograph.backends.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Embedding;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.LinearCombination;
import dev.pantograph.spi.Replay;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecordedKernelsTest {
  private static final int VOCABULARY = 3;
  private static final int CHANNELS = 2;

  private FakeCuda fake;

  @BeforeEach
  void find() {
    fake = FakeCuda.require();
  }

  /** Two kernels: rows of a table, then what is there added to a sum. */
  private final class Work implements AutoCloseable {
    private final Backend backend = fake.open();
    private final Buffer tokens = backend.allocate("tokens", VOCABULARY * Integer.BYTES);
    private final Buffer table = backend.allocate("table", VOCABULARY * CHANNELS * Float.BYTES);
    private final Buffer rows = backend.allocate("rows", VOCABULARY * CHANNELS * Float.BYTES);
    private final Buffer sum = backend.allocate("sum", VOCABULARY * CHANNELS * Float.BYTES);
    private final List<Kernel> kernels;

    Work() {
      Shape shape = Shape.of(1, VOCABULARY, CHANNELS);
      View out = View.of(rows, DType.F32, 0, shape);
      View total = View.of(sum, DType.F32, 0, shape);
      kernels = List.of(
          new Embedding(out, View.of(tokens, DType.I32, 0, Shape.of(1, VOCABULARY)),
              View.of(table, DType.F32, 0, Shape.of(VOCABULARY, CHANNELS)), null, 1),
          new LinearCombination(total, 1, total, 1, out));
      backend.upload(MemorySegment.ofArray(new float[] {1, 2, 10, 20, 100, 200}), table, 0);
      backend.upload(MemorySegment.ofArray(new float[VOCABULARY * CHANNELS]), sum, 0);
    }

    void load(int... indices) {
      backend.upload(MemorySegment.ofArray(indices), tokens, 0);
    }

    float[] sum() {
      float[] numbers = new float[VOCABULARY * CHANNELS];
      backend.download(sum, 0, MemorySegment.ofArray(numbers));
      return numbers;
    }

    @Override
    public void close() {
      backend.close();
    }
  }

  @Test
  void aRecordingRunsOnWhatMemoryHoldsByThen() {
    try (Work work = new Work()) {
      work.load(0, 1, 2);
      work.kernels.forEach(work.backend::submit);
      try (Replay replay = work.backend.replay(work.kernels)) {
        assertThat(work.sum()).as("recording runs nothing").containsExactly(1, 2, 10, 20, 100, 200);
        long launches = fake.calls("cuLaunchKernel");
        work.load(2, 2, 0);
        replay.run();
        replay.run();
        assertThat(work.sum()).containsExactly(201, 402, 210, 420, 102, 204);
        assertThat(fake.calls("cuLaunchKernel")).as("launches").isEqualTo(launches);
        assertThat(fake.calls("cuGraphLaunch")).isEqualTo(2);
        assertThat(fake.kernelRuns("embedding")).isEqualTo(3);
      }
    }
  }

  @Test
  void aWarmRunTakesNoMemoryAndAsksTheDeviceNothing() {
    try (Work work = new Work()) {
      work.load(0, 1, 2);
      work.kernels.forEach(work.backend::submit);
      try (Replay replay = work.backend.replay(work.kernels)) {
        long allocations = fake.calls("cuMemAlloc_v2");
        long waits = fake.calls("cuStreamSynchronize");
        for (int i = 0; i < 5; i++) {
          work.load(i % VOCABULARY, 1, 0);
          replay.run();
        }
        assertThat(fake.calls("cuMemAlloc_v2")).isEqualTo(allocations);
        assertThat(fake.calls("cuStreamSynchronize")).isEqualTo(waits);
      }
    }
  }

  @Test
  void aTokenOutsideTheVocabularyIsNamedBeforeAnythingRuns() {
    try (Work work = new Work()) {
      work.load(0, 1, 2);
      work.kernels.forEach(work.backend::submit);
      try (Replay replay = work.backend.replay(work.kernels)) {
        float[] before = work.sum();
        work.load(0, 7, 2);
        assertThatThrownBy(replay::run).isInstanceOf(KernelException.class)
            .hasMessageContainingAll("Embedding", "tokens[0, 1] is 7", "[0, 3)");
        assertThat(work.sum()).isEqualTo(before);
      }
    }
  }

  @Test
  void aClosedBufferIsNamedAndAClosedRecordingToo() {
    try (Work work = new Work()) {
      work.load(0, 1, 2);
      work.kernels.forEach(work.backend::submit);
      Replay replay = work.backend.replay(work.kernels);
      work.table.close();
      assertThatThrownBy(replay::run).isInstanceOf(IllegalStateException.class).hasMessageContaining("'table'");
      replay.close();
      assertThatThrownBy(replay::run).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
    }
  }

  @Test
  void whatCannotBeRecordedIsSubmittedOneByOne() {
    try (Work work = new Work()) {
      work.load(0, 1, 2);
      work.kernels.forEach(work.backend::submit);
      fake.fail("cuGraphInstantiateWithFlags", 1, 0, false);
      try (Replay replay = work.backend.replay(work.kernels)) {
        replay.run();
        assertThat(work.sum()).containsExactly(2, 4, 20, 40, 200, 400);
      }
    }
  }
}
