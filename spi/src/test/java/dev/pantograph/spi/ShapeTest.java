package dev.pantograph.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void knowsItsSizesFromEitherEnd() {
    Shape shape = Shape.of(2, 3, 4);

    assertThat(shape.rank()).isEqualTo(3);
    assertThat(shape.size(0)).isEqualTo(2);
    assertThat(shape.size(-1)).isEqualTo(4);
    assertThat(shape.elements()).isEqualTo(24);
    assertThat(shape.rows()).isEqualTo(6);
    assertThat(shape).hasToString("[2, 3, 4]");
  }

  @Test
  void aScalarHasOneElement() {
    assertThat(Shape.scalar().rank()).isZero();
    assertThat(Shape.scalar().elements()).isEqualTo(1);
    assertThat(Shape.scalar().rows()).isEqualTo(1);
    assertThat(Shape.of()).isEqualTo(Shape.scalar());
  }

  @Test
  void aSizeOfZeroLeavesNoElements() {
    assertThat(Shape.of(3, 0).elements()).isZero();
  }

  @Test
  void findsSuffixes() {
    Shape shape = Shape.of(2, 3, 4);

    assertThat(Shape.of(3, 4).isSuffixOf(shape)).isTrue();
    assertThat(shape.isSuffixOf(shape)).isTrue();
    assertThat(Shape.scalar().isSuffixOf(shape)).isTrue();
    assertThat(Shape.of(2, 3).isSuffixOf(shape)).isFalse();
    assertThat(shape.isSuffixOf(Shape.of(3, 4))).isFalse();
  }

  @Test
  void refusesNegativeSizes() {
    assertThatThrownBy(() -> Shape.of(2, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("shape [2, -1]: sizes must not be negative");
  }

  @Test
  void refusesDimensionsItDoesNotHave() {
    assertThatThrownBy(() -> Shape.of(2, 3).size(2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("shape [2, 3] has rank 2 and no dimension 2");
    assertThatThrownBy(() -> Shape.scalar().size(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("shape [] has rank 0 and no dimension -1");
  }

  @Test
  void refusesMoreElementsThanALongCounts() {
    assertThatThrownBy(() -> Shape.of(1L << 32, 1L << 31)).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void isAValueApartFromTheArraysAroundIt() {
    long[] sizes = {2, 3};
    Shape shape = Shape.of(sizes);
    sizes[0] = 9;
    shape.toArray()[1] = 9;

    assertThat(shape).isEqualTo(Shape.of(2, 3)).hasSameHashCodeAs(Shape.of(2, 3)).isNotEqualTo(Shape.of(3, 2));
  }
}
