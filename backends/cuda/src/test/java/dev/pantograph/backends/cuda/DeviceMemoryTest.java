package dev.pantograph.backends.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeviceMemoryTest {
  private static final String ALLOCATE = "cuMemAlloc_v2";

  private FakeCuda fake;

  @BeforeEach
  void find() {
    fake = FakeCuda.require();
  }

  /** Of the device, beside what tests of lost devices could not give back. */
  private void leave(long bytes) {
    fake.setMemory(fake.bytesHeld() + bytes);
  }

  @Test
  void whatWasGivenBackIsHandedOutAgain() {
    try (Backend backend = fake.open()) {
      List<Long> sizes = new ArrayList<>();
      new Random(1).longs(100, 0, 100_000).forEach(sizes::add);
      passes(backend, sizes);
      long calls = fake.calls(ALLOCATE);
      for (int seed = 0; seed < 10; seed++) {
        Collections.shuffle(sizes, new Random(seed));
        passes(backend, sizes);
      }
      assertThat(fake.calls(ALLOCATE)).isEqualTo(calls);
    }
  }

  private static void passes(Backend backend, List<Long> sizes) {
    List<Buffer> buffers = sizes.stream().map(size -> backend.allocate("passing", size)).toList();
    buffers.forEach(Buffer::close);
  }

  @Test
  void aClosedBackendHoldsNothing() {
    long before = fake.bytesHeld();
    try (Backend backend = fake.open()) {
      backend.allocate("never closed", 10 << 20);
      assertThat(fake.bytesHeld()).isGreaterThan(before);
    }
    assertThat(fake.bytesHeld()).isEqualTo(before);
  }

  @Test
  void wantOfMemorySaysHowMuchThereIsAndWhoHasIt() {
    leave(64 << 20);
    try (Backend backend = fake.open(); Buffer _ = backend.allocate("activations", 40 << 20)) {
      assertThatThrownBy(() -> backend.allocate("logits", 30 << 20)).isInstanceOf(OutOfMemoryError.class)
          .hasMessageContainingAll("'logits'", "30 MiB asked for", "24 MiB free of", "'activations' has 40 MiB");
      backend.allocate("less", 20 << 20).close();
    }
  }

  @Test
  void blocksThatNobodyUsesMakeRoomForALargerOne() {
    leave(64 << 20);
    try (Backend backend = fake.open()) {
      for (int size = 1; size <= 32; size *= 2) {
        backend.allocate("passing", (long) size << 20).close();
      }
      backend.allocate("large", 60 << 20).close();
    }
  }
}
