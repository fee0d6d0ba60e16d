package dev.pantograph.core.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.Shape;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FaultyBackendTest {
  private static FaultyBackend faulty(Fault... faults) {
    return new FaultyBackend(TestBackends.vector(1), faults);
  }

  private static Tensor four(Storage storage) {
    Tensor x = storage.allocate("x", DType.F32, Shape.of(4));
    x.set(1.0, 2, 3, 4);
    return x;
  }

  @Test
  void theChosenKernelThrowsAndWritesNothing() {
    try (FaultyBackend backend = faulty(new Fault.Throws(Fill.class, 1, new KernelException("no more")));
        Storage storage = new Storage(backend)) {
      Tensor x = four(storage);
      backend.submit(new Fill(x.view(), 5));
      backend.submit(new Gelu(four(storage).view(), x.view(), Gelu.Form.TANH));
      assertThatThrownBy(() -> backend.submit(new Fill(x.view(), 6))).isInstanceOf(KernelException.class)
          .hasMessage("no more");
      assertThat(x.toDoubles()).containsOnly(5);
      backend.submit(new Fill(x.view(), 7));
      assertThat(x.toDoubles()).containsOnly(7);
    }
  }

  @Test
  void oneElementIsWrongAndNoOther() {
    try (FaultyBackend backend = faulty(new Fault.WrongElement(Fault.ANY, 0, "out", 2, x -> x + 1),
        Fault.WrongElement.notANumber(Fault.ANY, 1, "out", 0)); Storage storage = new Storage(backend)) {
      Tensor x = four(storage);
      backend.submit(new Fill(x.view(), 5));
      assertThat(x.toDoubles()).containsExactly(5, 5, 6, 5);
      backend.submit(new Fill(x.view(), 5));
      assertThat(x.toDoubles()).containsExactly(Double.NaN, 5, 5, 5);
      backend.submit(new Fill(x.view(), 5));
      assertThat(x.toDoubles()).containsOnly(5);
    }
  }

  @Test
  void aFaultInNoResultIsRefused() {
    try (FaultyBackend backend = faulty(Fault.WrongElement.notANumber(Fault.ANY, 0, "y", 0));
        Storage storage = new Storage(backend)) {
      assertThatThrownBy(() -> backend.submit(new Fill(four(storage).view(), 5)))
          .hasMessage("Fill has no result 'y'; its operands are [out]");
    }
  }

  @Test
  void aSlowKernelTakesItsTime() {
    Duration delay = Duration.ofMillis(20);
    try (FaultyBackend backend = faulty(new Fault.Slow(Fault.ANY, 0, delay)); Storage storage = new Storage(backend)) {
      Tensor x = four(storage);
      long start = System.nanoTime();
      backend.submit(new Fill(x.view(), 5));
      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(delay.toNanos());
      assertThat(x.toDoubles()).containsOnly(5);
    }
  }

  @Test
  void memoryRunsOut() {
    try (FaultyBackend backend = faulty(new Fault.AllocationFails(1)); Storage storage = new Storage(backend)) {
      four(storage);
      assertThatThrownBy(() -> four(storage)).isInstanceOf(OutOfMemoryError.class)
          .hasMessageContainingAll("'x'", "16 bytes");
      four(storage);
    }
  }

  @Test
  void aLostDeviceStaysLost() {
    try (FaultyBackend backend = faulty(new Fault.DeviceLost(Gelu.class, 0)); Storage storage = new Storage(backend)) {
      Tensor x = four(storage);
      Tensor y = four(storage);
      assertThatThrownBy(() -> backend.submit(new Gelu(y.view(), x.view(), Gelu.Form.EXACT)))
          .isInstanceOf(IllegalStateException.class).hasMessageContaining("lost its device");
      assertThatThrownBy(() -> backend.submit(new Fill(x.view(), 1))).hasMessageContaining("lost its device");
      assertThatThrownBy(x::toDoubles).hasMessageContaining("lost its device");
      assertThatThrownBy(() -> x.set(1.0, 2, 3, 4)).hasMessageContaining("lost its device");
      assertThatThrownBy(() -> four(storage)).hasMessageContaining("lost its device");
    }
  }
}
