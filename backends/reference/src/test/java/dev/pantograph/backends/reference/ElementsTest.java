package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ElementsTest {
  @AutoClose private final HostBuffer buffer = new HostBuffer("memory", 24 * Double.BYTES);

  @Test
  void readsEveryTypeAsItLies() {
    buffer.segment().set(ValueLayout.JAVA_FLOAT, 4, 1.5f);
    buffer.segment().set(ValueLayout.JAVA_DOUBLE, 8, -2.25);
    buffer.segment().set(ValueLayout.JAVA_INT, 16, -7);

    assertThat(Elements.of(View.of(buffer, DType.F32, 1, Shape.of(1))).get(0)).isEqualTo(1.5);
    assertThat(Elements.of(View.of(buffer, DType.F64, 1, Shape.of(1))).get(0)).isEqualTo(-2.25);
    assertThat(Elements.of(View.of(buffer, DType.I32, 4, Shape.of(1))).get(0)).isEqualTo(-7);
  }

  @Test
  void roundsToTheTypeItStores() {
    Elements floats = Elements.of(View.of(buffer, DType.F32, 3, Shape.of(1)));

    floats.set(0, 0.1);

    assertThat(buffer.segment().get(ValueLayout.JAVA_FLOAT, 12)).isEqualTo(0.1f);
    assertThat(floats.get(0)).isEqualTo((double) 0.1f);
  }

  @Test
  void countsPositionsOfAStridedViewInItsOwnRowMajorOrder() {
    Elements transposed = Elements.of(numbers().transpose());

    assertThat(transposed.get(0)).isEqualTo(0);
    assertThat(transposed.get(1)).isEqualTo(4);
    assertThat(transposed.get(2)).isEqualTo(8);
    assertThat(transposed.get(3)).isEqualTo(1);
    assertThat(transposed.get(13)).isEqualTo(12 + 4 + 0);
  }

  @Test
  void indexesTheLastTwoDimensionsWithinOneMatrix() {
    Elements second = Elements.of(numbers().transpose()).matrix(1);

    assertThat(second.get(0, 0)).isEqualTo(12);
    assertThat(second.get(3, 2)).isEqualTo(12 + 2 * 4 + 3);
  }

  @Test
  void writesWhereItReads() {
    Elements second = Elements.of(numbers().transpose()).matrix(1);

    second.set(3, 2, -1);

    assertThat(buffer.segment().getAtIndex(ValueLayout.JAVA_DOUBLE, 12 + 2 * 4 + 3)).isEqualTo(-1);
  }

  @Test
  void foldsLeadingDimensionsIntoRows() {
    assertThat(Elements.rows(numbers()).get(5, 2)).isEqualTo(5 * 4 + 2);
  }

  /** 0, 1, 2, … as {@code [2, 3, 4]}. */
  private View numbers() {
    for (int i = 0; i < 24; i++) {
      buffer.segment().setAtIndex(ValueLayout.JAVA_DOUBLE, i, i);
    }
    return View.of(buffer, DType.F64, 0, Shape.of(2, 3, 4));
  }
}
