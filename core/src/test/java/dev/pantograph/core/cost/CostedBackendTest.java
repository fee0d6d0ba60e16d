package dev.pantograph.core.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.testing.SampleKernels;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Ceilings;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Prediction;
import dev.pantograph.spi.Prediction.Bound;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class CostedBackendTest {
  private static final Device DEVICE = new Device("test", 1e12, 5e11, 8e12, 1e11, 0);

  @AutoClose private final Backend backend = TestBackends.reference();
  @AutoClose private final Storage storage = new Storage(backend);

  private View f32(long... sizes) {
    return storage.allocate("x", DType.F32, Shape.of(sizes)).view();
  }

  @Test
  void aLargeProductIsBoundByArithmeticAndAThinOneByMemory() {
    Prediction square = DEVICE.predict(MatMul.product(f32(512, 512), f32(512, 512), f32(512, 512)));
    assertThat(square.bound()).isEqualTo(Bound.COMPUTE);
    assertThat(square.seconds()).isCloseTo(2.0 * 512 * 512 * 512 / 1e12, within(1e-12));
    Prediction thin = DEVICE.predict(MatMul.product(f32(512, 1), f32(512, 512), f32(512, 1)));
    assertThat(thin.bound()).isEqualTo(Bound.MEMORY);
    assertThat(thin.seconds()).isCloseTo(4.0 * (512 * 512 + 2 * 512) / 1e11, within(1e-12));
  }

  @Test
  void aSlowLaunchBoundsASmallKernel() {
    Device far = new Device("far", 1e12, 5e11, 8e12, 1e11, 1e-5);
    Prediction fill = far.predict(new Fill(f32(10), 0));
    assertThat(fill.bound()).isEqualTo(Bound.LAUNCH);
    assertThat(fill.seconds()).isCloseTo(1e-5 + 40 / 1e11, within(1e-15));
  }

  @Test
  void theElementTypeSetsThePace() {
    View wide = storage.allocate("wide", DType.F64, Shape.of(256, 256)).view();
    Prediction doubles = DEVICE.predict(MatMul.product(storage.allocate("out", DType.F64, Shape.of(256, 256)).view(),
        wide, wide));
    assertThat(doubles.seconds()).isCloseTo(2.0 * 256 * 256 * 256 / 5e11, within(1e-12));
  }

  @Test
  void aStepIsTheSumOfItsKernels() {
    try (CostedBackend costed = new CostedBackend(TestBackends.reference(), DEVICE);
        SampleKernels samples = new SampleKernels(costed)) {
      costed.start();
      samples.all().forEach(costed::submit);
      StepCost cost = costed.stop();
      assertThat(cost.total().calls()).isEqualTo(samples.all().size());
      assertThat(cost.total().flops()).isEqualTo(samples.all().stream().mapToLong(Kernel::flops).sum());
      assertThat(cost.total().bytes()).isEqualTo(samples.all().stream().mapToLong(Kernel::bytes).sum());
      assertThat(cost.total().seconds()).isCloseTo(samples.all().stream()
          .mapToDouble(kernel -> DEVICE.predict(kernel).seconds()).sum(), within(1e-12));
      assertThat(cost.seconds(Bound.COMPUTE) + cost.seconds(Bound.MEMORY) + cost.seconds(Bound.LAUNCH))
          .isCloseTo(cost.total().seconds(), within(1e-12));

      costed.submit(samples.all().getFirst());
      costed.start();
      assertThat(costed.stop().total().calls()).as("nothing since start").isZero();
    }
  }

  @Test
  void aDeviceThatDoesNothingIsRefused() {
    assertThat(Device.of("cpu", new Ceilings(1e11, 1e10)).bytesPerSecond()).isEqualTo(1e10);
    assertThatThrownBy(() -> Device.of("none", new Ceilings(0, 1))).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'none'");
  }
}
