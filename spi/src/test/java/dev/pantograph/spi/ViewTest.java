package dev.pantograph.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ViewTest {
  private final View view = Operands.f32("x", 2, 3, 4);

  @Test
  void isRowMajorAtFirst() {
    assertThat(strides(view)).containsExactly(12, 4, 1);
    assertThat(view.isContiguous()).isTrue();
    assertThat(view.bytes()).isEqualTo(96);
    assertThat(view.size(-2)).isEqualTo(3);
    assertThat(view.stride(-2)).isEqualTo(4);
    assertThat(view).hasToString("'x' F32[2, 3, 4]");
  }

  @Test
  void transposesTheLastTwoDimensions() {
    View transposed = view.transpose();

    assertThat(transposed.shape()).isEqualTo(Shape.of(2, 4, 3));
    assertThat(strides(transposed)).containsExactly(12, 1, 4);
    assertThat(transposed.isContiguous()).isFalse();
    assertThat(transposed).hasToString("'x' F32[2, 4, 3] strides [12, 1, 4]");
    assertThat(transposed.transpose().sameElementsAs(view)).isTrue();
  }

  @Test
  void permutesDimensions() {
    View permuted = view.permute(2, 0, 1);

    assertThat(permuted.shape()).isEqualTo(Shape.of(4, 2, 3));
    assertThat(strides(permuted)).containsExactly(1, 12, 4);
  }

  @Test
  void staysContiguousWhenOnlyDimensionsOfSizeOneMove() {
    assertThat(Operands.f32("x", 1, 5).transpose().isContiguous()).isTrue();
  }

  @Test
  void slicesADimension() {
    View slice = view.slice(1, 1, 2);

    assertThat(slice.shape()).isEqualTo(Shape.of(2, 2, 4));
    assertThat(slice.offset()).isEqualTo(4);
    assertThat(slice.byteOffset()).isEqualTo(16);
    assertThat(strides(slice)).containsExactly(12, 4, 1);
    assertThat(slice.isContiguous()).isFalse();
    assertThat(view.slice(0, 1, 1).isContiguous()).isTrue();
    assertThat(view.slice(-1, 3, 1).offset()).isEqualTo(3);
    assertThat(view.slice(1, 3, 0).elements()).isZero();
  }

  @Test
  void refusesSlicesBeyondADimension() {
    assertThatThrownBy(() -> view.slice(1, 2, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'x' F32[2, 3, 4] has no elements [2, 4) in dimension 1");
    assertThatThrownBy(() -> view.slice(-1, -1, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'x' F32[2, 3, 4] has no elements [-1, 1) in dimension 2");
  }

  @Test
  void splitsADimensionAlsoOfAStridedView() {
    View split = view.transpose().split(1, 2);

    assertThat(split.shape()).isEqualTo(Shape.of(2, 2, 2, 3));
    assertThat(strides(split)).containsExactly(12, 2, 1, 4);
    assertThat(strides(view.split(-1, 4))).containsExactly(12, 4, 1, 1);
  }

  @Test
  void refusesSplitsThatDoNotDivide() {
    assertThatThrownBy(() -> view.split(1, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'x' F32[2, 3, 4]: dimension 1 cannot be split into 2 parts");
    assertThatThrownBy(() -> view.split(1, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void reshapesContiguousElements() {
    View reshaped = view.slice(0, 1, 1).reshape(Shape.of(6, 2));

    assertThat(reshaped.offset()).isEqualTo(12);
    assertThat(strides(reshaped)).containsExactly(2, 1);
  }

  @Test
  void refusesReshapesThatWouldMoveOrLoseElements() {
    assertThatThrownBy(() -> view.reshape(Shape.of(5, 5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'x' F32[2, 3, 4] cannot be seen as [5, 5]: the numbers of elements differ");
    assertThatThrownBy(() -> view.transpose().reshape(Shape.of(24)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'x' F32[2, 4, 3] strides [12, 1, 4] cannot be seen as [24]: "
            + "its elements are not contiguous; copy it first");
  }

  @Test
  void refusesToReachBeyondItsBuffer() {
    assertThatThrownBy(() -> View.of(view.buffer(), DType.F64, 1, Shape.of(3, 4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("view of 'x': shape [3, 4] at offset 1 reaches element 12, "
            + "but the buffer holds 12 elements of F64");
    assertThatThrownBy(() -> View.of(view.buffer(), DType.F32, -1, Shape.of(3)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void fillsItsBufferToTheLastElement() {
    assertThat(View.of(view.buffer(), DType.F64, 0, Shape.of(3, 4)).elements()).isEqualTo(12);
    assertThat(View.of(view.buffer(), DType.F32, 24, Shape.of(0)).elements()).isZero();
  }

  @Test
  void overlapsWhereMemoryRangesMeet() {
    assertThat(view.overlaps(view)).isTrue();
    assertThat(view.slice(0, 0, 1).overlaps(view.slice(0, 1, 1))).isFalse();
    assertThat(view.slice(2, 0, 1).overlaps(view.slice(2, 1, 1))).as("interleaved").isTrue();
    assertThat(view.overlaps(Operands.f32("y", 2, 3, 4))).as("another buffer").isFalse();
    assertThat(view.slice(0, 0, 0).overlaps(view)).as("empty").isFalse();
  }

  @Test
  void comparesRangesInBytesAcrossTypes() {
    View wide = View.of(view.buffer(), DType.F64, 6, Shape.of(6));

    assertThat(wide.overlaps(View.of(view.buffer(), DType.F32, 0, Shape.of(12)))).isFalse();
    assertThat(wide.overlaps(View.of(view.buffer(), DType.F32, 0, Shape.of(13)))).isTrue();
  }

  @Test
  void isTheSameOnlyInTheSameArrangement() {
    View square = Operands.f32("s", 2, 2);

    assertThat(square.sameElementsAs(square.transpose().transpose())).isTrue();
    assertThat(square.sameElementsAs(square.transpose())).isFalse();
    assertThat(square.sameElementsAs(Operands.f32("s", 2, 2))).isFalse();
    assertThat(square.slice(0, 0, 1).sameElementsAs(square.slice(0, 1, 1))).isFalse();
  }

  private static long[] strides(View view) {
    long[] strides = new long[view.rank()];
    for (int d = 0; d < strides.length; d++) {
      strides[d] = view.stride(d);
    }
    return strides;
  }
}
