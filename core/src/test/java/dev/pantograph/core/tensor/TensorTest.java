package dev.pantograph.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Shape;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class TensorTest {
  @AutoClose private final Backend backend = TestBackends.reference();
  @AutoClose private final Storage storage = new Storage(backend);

  @Test
  void float64ComesBackAsItWasSet() {
    Tensor tensor = storage.allocate("x", DType.F64, Shape.of(2, 2));
    tensor.set(0.1, -0.0, Double.MIN_VALUE, 1e300);

    assertThat(tensor.toDoubles()).containsExactly(0.1, -0.0, Double.MIN_VALUE, 1e300);
  }

  @Test
  void float32RoundsToTheNearest() {
    Tensor tensor = storage.allocate("x", DType.F32, Shape.of(2));
    tensor.set(0.1, 1 + 0x1p-30);

    assertThat(tensor.toDoubles()).containsExactly(0.1f, 1);
  }

  @Test
  void aStridedTensorIsReadInItsOwnOrder() {
    Tensor tensor = storage.allocate("x", DType.F64, Shape.of(2, 3));
    tensor.set(1.0, 2.0, 3.0, 4.0, 5.0, 6.0);

    assertThat(tensor.with(tensor.view().transpose()).toDoubles()).containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(tensor.with(tensor.view().slice(1, 1, 2)).toDoubles()).containsExactly(2, 3, 5, 6);
  }

  @Test
  void aPartIsWrittenWithoutTouchingTheRest() {
    Tensor tensor = storage.allocate("x", DType.F64, Shape.of(3, 2));
    tensor.set(1.0, 2.0, 3.0, 4.0, 5.0, 6.0);

    Tensor row = tensor.with(tensor.view().slice(0, 1, 1));
    row.set(new double[] {-3, -4});

    assertThat(tensor.toDoubles()).containsExactly(1, 2, -3, -4, 5, 6);
    assertThat(row.toDoubles()).containsExactly(-3, -4);
  }

  @Test
  void settingTheWrongNumberOfValuesNamesTensorAndNumbers() {
    Tensor tensor = storage.allocate("weights", DType.F64, Shape.of(2, 3));

    assertThatThrownBy(() -> tensor.set(1.0, 2.0)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'weights'", "[2, 3]", "6 elements", "2 values");
  }

  @Test
  void bfloat16IsReadAndSetAsNumbersRoundedToIt() {
    Tensor tensor = storage.allocate("x", DType.BF16, Shape.of(2));

    tensor.set(-1.5, 1 + 0.6 * 0x1p-7);

    assertThat(tensor.toDoubles()).containsExactly(-1.5, 1 + 0x1p-7);
  }

  @Test
  void integersAreNotReadAndSetAsNumbers() {
    Tensor tensor = storage.allocate("tokens", DType.I32, Shape.of(1));

    assertThatThrownBy(tensor::toDoubles).isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("'tokens'", "I32");
    assertThatThrownBy(() -> tensor.set(1.0)).isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("'tokens'", "I32");
  }

  @Test
  void integersGoOnlyIntoIntegerTensorsOfTheirNumber() {
    Tensor real = storage.allocate("real", DType.F32, Shape.of(2));
    Tensor tokens = storage.allocate("tokens", DType.I32, Shape.of(2));

    assertThatThrownBy(() -> real.set(1, 2)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'real'", "F32");
    assertThatThrownBy(() -> tokens.set(1, 2, 3)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'tokens'", "[2]", "3 integers");
    tokens.set(4, 5);
    int[] back = new int[2];
    tokens.download(MemorySegment.ofArray(back));
    assertThat(back).containsExactly(4, 5);
  }

  @Test
  void hostMemoryOfAnotherSizeIsRefused() {
    Tensor tensor = storage.allocate("x", DType.F64, Shape.of(2, 3));
    MemorySegment five = MemorySegment.ofArray(new double[5]);

    assertThatThrownBy(() -> tensor.upload(five)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'x'", "48", "40");
    assertThatThrownBy(() -> tensor.download(five)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'x'", "48", "40");
  }

  @Test
  void aStridedTensorRefusesHostMemory() {
    Tensor tensor = storage.allocate("x", DType.F64, Shape.of(2, 3));
    Tensor transposed = tensor.with(tensor.view().transpose());

    assertThatThrownBy(() -> transposed.upload(MemorySegment.ofArray(new double[6])))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("strided");
  }

  @Test
  void onlyASingleElementIsANumber() {
    Tensor tensor = storage.allocate("x", DType.F64, Shape.of(2));
    Tensor scalar = storage.allocate("s", DType.F64, Shape.scalar());
    scalar.set(3.0);

    assertThat(scalar.toDouble()).isEqualTo(3);
    assertThatThrownBy(tensor::toDouble).isInstanceOf(IllegalStateException.class).hasMessageContaining("[2]");
  }
}
