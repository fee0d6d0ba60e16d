package dev.pantograph.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ViewTest {
  private final View view = Operands.f32("x", 2, 3, 4);

  @Test
  void isRowMajorAtFirst() {
    assertThat(view.strides()).containsExactly(12, 4, 1);
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
    assertThat(transposed.strides()).containsExactly(12, 1, 4);
    assertThat(transposed.isContiguous()).isFalse();
    assertThat(transposed).hasToString("'x' F32[2, 4, 3] strides [12, 1, 4]");
    assertThat(transposed.transpose().sameElementsAs(view)).isTrue();
  }

  @Test
  void permutesDimensions() {
    View permuted = view.permute(2, 0, 1);

    assertThat(permuted.shape()).isEqualTo(Shape.of(4, 2, 3));
    assertThat(permuted.strides()).containsExactly(1, 12, 4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0, 1", "0, 1, 2, 2", "0, 1, 1", "0, 1, 3", "0, 1, -1"})
  void refusesOrdersThatLoseOrRepeatADimension(String order) {
    int[] dimensions = Arrays.stream(order.split(", ")).mapToInt(Integer::parseInt).toArray();

    assertThatThrownBy(() -> view.permute(dimensions))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'x' F32[2, 3, 4] has rank 3: [" + order + "] does not name each of its dimensions once");
  }

  @Test
  void refusesToTransposeWhatIsNoMatrix() {
    assertThatThrownBy(() -> Operands.f32("v", 3).transpose())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'v' F32[3] has rank 1, needed at least 2 to transpose");
    assertThatThrownBy(() -> Operands.f32("s").transpose())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'s' F32[] has rank 0, needed at least 2 to transpose");
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 7, -4, Integer.MIN_VALUE})
  void refusesDimensionsItDoesNotHave(int dimension) {
    assertThat(Stream.<ThrowingCallable>of(
            () -> view.size(dimension),
            () -> view.stride(dimension),
            () -> view.slice(dimension, 0, 1),
            () -> view.split(dimension, 1)))
        .allSatisfy(use -> assertThatThrownBy(use)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("'x' F32[2, 3, 4] has rank 3 and no dimension " + dimension));
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
    assertThat(slice.strides()).containsExactly(12, 4, 1);
    assertThat(slice.isContiguous()).isFalse();
    assertThat(view.slice(0, 1, 1).isContiguous()).isTrue();
    assertThat(view.slice(-1, 3, 1).offset()).isEqualTo(3);
    assertThat(view.slice(1, 3, 0).elements()).isZero();
  }

  @Test
  void refusesSlicesBeyondADimension() {
    assertThatThrownBy(() -> view.slice(1, 2, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'x' F32[2, 3, 4]: dimension 1 has no 2 elements from 2 on");
    assertThatThrownBy(() -> view.slice(-1, -1, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'x' F32[2, 3, 4]: dimension 2 has no 2 elements from -1 on");
    assertThatThrownBy(() -> view.slice(1, 1, Long.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'x' F32[2, 3, 4]: dimension 1 has no 9223372036854775807 elements from 1 on");
    assertThatThrownBy(() -> view.slice(1, Long.MAX_VALUE, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'x' F32[2, 3, 4]: dimension 1 has no 1 elements from 9223372036854775807 on");
  }

  @Test
  void slicesAnEmptyPartAnywhere() {
    View nothing = view.slice(0, 2, 0).slice(1, 3, 0).slice(2, 4, 0);

    assertThat(nothing.shape()).isEqualTo(Shape.of(0, 0, 0));
    assertThat(nothing.overlaps(view)).isFalse();
  }

  @Test
  void splitsADimensionAlsoOfAStridedView() {
    View split = view.transpose().split(1, 2);

    assertThat(split.shape()).isEqualTo(Shape.of(2, 2, 2, 3));
    assertThat(split.strides()).containsExactly(12, 2, 1, 4);
    assertThat(view.split(-1, 4).strides()).containsExactly(12, 4, 1, 1);
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
    assertThat(reshaped.strides()).containsExactly(2, 1);
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
        .hasMessage("view of 'x': shape [3, 4] spans 12 elements from offset 1 on, "
            + "but the buffer holds 12 elements of F64");
    assertThatThrownBy(() -> View.of(view.buffer(), DType.F32, -1, Shape.of(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("view of 'x': shape [3] spans 3 elements from offset -1 on, "
            + "but the buffer holds 24 elements of F32");
  }

  @Test
  void refusesReachesThatALongDoesNotHold() {
    assertThatThrownBy(() -> View.of(view.buffer(), DType.F32, Long.MAX_VALUE, Shape.of(2, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("view of 'x': shape [2, 2] spans 4 elements from offset 9223372036854775807 on, "
            + "but the buffer holds 24 elements of F32");
    assertThatThrownBy(() -> View.of(view.buffer(), DType.F32, 24, Shape.of(Long.MAX_VALUE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("view of 'x': shape [9223372036854775807] spans 9223372036854775807 elements from offset 24 on, "
            + "but the buffer holds 24 elements of F32");
    assertThatThrownBy(() -> View.of(view.buffer(), DType.F32, Long.MAX_VALUE, Shape.of(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("view of 'x': shape [0] spans 0 elements from offset 9223372036854775807 on, "
            + "but the buffer holds 24 elements of F32");
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
  void sharesElementsWhereAndOnlyWhereSomePositionIsInBoth() {
    View whole = Operands.f32("projection", 2, 5, 12);
    for (int from = 0; from <= 8; from++) {
      for (int to = 0; to <= 8; to++) {
        View one = heads(whole.slice(-1, from, 4));
        View other = heads(whole.slice(-1, to, 4));

        assertThat(one.overlaps(other)).isTrue();
        assertThat(one.sharesElementsWith(other)).as("%d, %d", from, to).isEqualTo(Math.abs(from - to) < 4);
      }
    }
  }

  @Test
  void findsSharedElementsAcrossRowsAndBatches() {
    View whole = Operands.f32("x", 4, 4, 4);
    View middle = whole.slice(0, 1, 2).slice(1, 1, 2).slice(2, 1, 2);

    assertThat(middle.sharesElementsWith(whole.slice(0, 2, 2).slice(1, 0, 2).slice(2, 2, 2))).isTrue();
    assertThat(middle.sharesElementsWith(whole.slice(0, 2, 2).slice(1, 2, 2).slice(2, 0, 2))).isTrue();
    assertThat(middle.sharesElementsWith(whole.slice(0, 2, 2).slice(1, 0, 1).slice(2, 0, 2)))
        .as("unlike shapes share where they overlap").isTrue();
    assertThat(whole.slice(2, 0, 2).sharesElementsWith(whole.slice(2, 2, 2))).isFalse();
    assertThat(whole.sharesElementsWith(Operands.f32("y", 4, 4, 4))).isFalse();
  }

  /** {@code [B, T, 4]} as two heads, {@code [B, 2, T, 2]}. */
  private static View heads(View thirds) {
    return thirds.split(2, 2).permute(0, 2, 1, 3);
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

  @Test
  void isRebuiltFromItsDescription() {
    View whole = Operands.f32("projection", 2, 5, 12);
    for (View part : List.of(whole, whole.transpose(), heads(whole.slice(-1, 8, 4)), whole.slice(1, 4, 1),
        whole.slice(0, 1, 0), View.of(whole.buffer(), DType.F32, 7, Shape.scalar()))) {
      View rebuilt = View.strided(part.buffer(), part.type(), part.offset(), part.shape(), part.strides());

      assertThat(rebuilt.sameElementsAs(part)).as("%s", part).isTrue();
      assertThat(rebuilt.isContiguous()).isEqualTo(part.isContiguous());
    }
  }

  @Test
  void refusesStridesThatNoPartOfARowMajorViewHas() {
    Buffer memory = Operands.f32("memory", 20).buffer();
    for (long[] strides : List.of(new long[] {2, 1}, new long[] {1, 1}, new long[] {0, 1}, new long[] {-3, 1},
        new long[] {3}, new long[] {Long.MAX_VALUE, 1}, new long[] {3, 1, 1})) {
      assertThatThrownBy(() -> View.strided(memory, DType.F32, 0, Shape.of(4, 3), strides))
          .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'memory'");
    }
    assertThatThrownBy(() -> View.strided(memory, DType.F32, 9, Shape.of(4, 3), 3, 1))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("from offset 9");
  }
}
