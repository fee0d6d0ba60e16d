package dev.pantograph.backends.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.backends.cuda.binding.CudaException;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Ceilings;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Readback;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CudaBackendTest {
  private static final int OUT_OF_RESOURCES = 701;
  private static final int LAUNCH_FAILED = 719;
  private static final int SIZE = 100;

  private FakeCuda fake;

  @BeforeEach
  void find() {
    fake = FakeCuda.require();
  }

  private static Fill fill(Buffer buffer) {
    return new Fill(View.of(buffer, DType.F32, 0, Shape.of(SIZE)), 1);
  }

  private static Buffer buffer(Backend backend) {
    return backend.allocate("numbers", SIZE * Float.BYTES);
  }

  @Test
  void aVirtualThreadIsRefused() throws InterruptedException {
    try (Backend backend = fake.open(); Buffer buffer = buffer(backend)) {
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread.ofVirtual().name("carried").start(() -> {
        try {
          backend.submit(fill(buffer));
        } catch (IllegalStateException e) {
          thrown.set(e);
        }
      }).join();
      assertThat(thrown.get()).hasMessageContainingAll("cuda", "carried", "platform thread", "Thread.ofPlatform()");
    }
  }

  @Test
  void threadsMayTakeTurns() throws InterruptedException {
    try (Backend backend = fake.open(); Buffer buffer = buffer(backend)) {
      Thread other = Thread.ofPlatform().start(() -> backend.submit(fill(buffer)));
      other.join();
      float[] numbers = new float[SIZE];
      backend.download(buffer, 0, MemorySegment.ofArray(numbers));
      assertThat(numbers).containsOnly(1);
    }
  }

  @Test
  void settingsAreChecked() {
    assertThatThrownBy(() -> fake.provider().open(new BackendOptions(0, Map.of("device", "1"))))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll("device", "'1'", "0 to 0");
    assertThatThrownBy(() -> fake.open("tf32", "yes"))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll("tf32", "'yes'", "true or false");
  }

  @Test
  void aLaunchThatFailsIsNamedAndTheNextOneWorks() {
    try (Backend backend = fake.open(); Buffer buffer = buffer(backend)) {
      fake.fail("cuLaunchKernel", OUT_OF_RESOURCES, 0, false);
      assertThatThrownBy(() -> backend.submit(fill(buffer))).isInstanceOf(CudaException.class)
          .hasMessageContainingAll("Fill", "cuLaunchKernel", "Fake device", "status 701");
      backend.submit(fill(buffer));
    }
  }

  @Test
  void aLostDeviceIsSaidAtEveryCallAndClosingDoesNotHang() {
    try (Backend backend = fake.open(); Buffer buffer = buffer(backend)) {
      backend.submit(fill(buffer));
      fake.fail("cuStreamSynchronize", LAUNCH_FAILED, 0, true);
      MemorySegment memory = MemorySegment.ofArray(new float[SIZE]);
      assertThatThrownBy(() -> backend.download(buffer, 0, memory)).isInstanceOf(CudaException.class)
          .hasMessageContainingAll("'numbers'", "kernel before it", "Fake device", "CUDA_ERROR_LAUNCH_FAILED",
              "start it again");
      assertThatThrownBy(() -> backend.submit(fill(buffer))).isInstanceOf(CudaException.class)
          .hasMessageContaining("CUDA_ERROR_LAUNCH_FAILED");
      assertThatThrownBy(() -> backend.allocate("more", 1)).isInstanceOf(CudaException.class);
    } finally {
      fake.reset();
    }
  }

  @Test
  void readBacksThatNobodyAwaitsTakeNoMoreThanTheirSlots() {
    try (Backend backend = fake.open(); Buffer buffer = buffer(backend)) {
      float[] number = new float[1];
      for (int i = 0; i < 1000; i++) {
        backend.submit(new Fill(View.of(buffer, DType.F32, 0, Shape.of(SIZE)), i));
        backend.readBack(buffer, 0, MemorySegment.ofArray(new float[1]));
      }
      Readback last = backend.readBack(buffer, 0, MemorySegment.ofArray(number));
      backend.submit(fill(buffer));
      assertThat(fake.calls("cuMemHostAlloc")).isEqualTo(1);
      assertThat(fake.calls("cuEventCreate")).isLessThanOrEqualTo(64);
      last.await();
      assertThat(number).containsExactly(999);
    }
    assertThat(fake.calls("cuEventDestroy_v2")).isEqualTo(fake.calls("cuEventCreate"));
  }

  @Test
  void aReadBackWaitsForWhatWasQueuedBeforeItAlone() {
    try (Backend backend = fake.open(); Buffer buffer = buffer(backend)) {
      float[] number = new float[1];
      backend.submit(fill(buffer));
      Readback readback = backend.readBack(buffer, Float.BYTES, MemorySegment.ofArray(number));
      backend.submit(new Fill(View.of(buffer, DType.F32, 0, Shape.of(SIZE)), 2));
      assertThat(readback.isDone()).isFalse();
      readback.await();
      assertThat(readback.isDone()).isTrue();
      assertThat(number).containsExactly(1);
      assertThat(fake.kernelRuns("fill")).as("fills that have run").isEqualTo(1);
      assertThat(fake.calls("cuStreamSynchronize")).isZero();
    }
  }

  @Test
  void aDeviceThatIsLostUnderAReadBackIsSaidWithoutHanging() {
    Backend backend = fake.open();
    Buffer buffer = buffer(backend);
    Readback readback = backend.readBack(buffer, 0, MemorySegment.ofArray(new float[1]));
    Readback another = backend.readBack(buffer, 0, MemorySegment.ofArray(new float[1]));
    fake.fail("cuEventSynchronize", LAUNCH_FAILED, 0, true);
    for (Readback each : List.of(readback, readback, another)) {
      assertThatThrownBy(each::await).isInstanceOf(CudaException.class).hasMessageContainingAll("'numbers'",
          "cuEventSynchronize", "Fake device", "CUDA_ERROR_LAUNCH_FAILED", "start it again");
    }
    backend.close();
    assertThatThrownBy(another::await).isInstanceOf(IllegalStateException.class).hasMessageContaining("is closed");
    fake.reset();
  }

  @Test
  void ceilingsAreMeasuredByWhatTheDeviceDoes() {
    try (Backend backend = fake.open()) {
      Ceilings ceilings = Objects.requireNonNull(backend.measureCeilings());
      assertThat(ceilings.flopsPerSecond()).isPositive();
      assertThat(ceilings.bytesPerSecond()).isPositive();
      assertThat(fake.kernelRuns("randomize")).isPositive();
    }
  }

  @Test
  void uploadsLargerThanTheirPassageArriveWhole() {
    try (Backend backend = fake.open(); Buffer buffer = backend.allocate("large", 20_000_003)) {
      byte[] sent = new byte[20_000_003];
      for (int i = 0; i < sent.length; i++) {
        sent[i] = (byte) (i * 31 + (i >> 16));
      }
      backend.upload(MemorySegment.ofArray(sent), buffer, 0);
      byte[] received = new byte[sent.length];
      backend.download(buffer, 0, MemorySegment.ofArray(received));
      assertThat(received).isEqualTo(sent);
    }
  }
}
