package dev.pantograph.tck.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LayoutTest {
  private static final long[] SIZES = {2, 3, 4, 5};

  @ParameterizedTest
  @EnumSource
  void everyElementHasAPlaceOfItsOwnWhereTheContractAllowsIt(Layout layout) {
    SplittableRandom random = new SplittableRandom(1);
    Set<String> arrangements = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      Layout.Arrangement arrangement = layout.arrange(SIZES, random);
      long elements = Shape.of(arrangement.enclosing()).elements();
      try (Buffer buffer = new HostBuffer("region", elements * Float.BYTES)) {
        View view = arrangement.of(View.of(buffer, DType.F32, 0, Shape.of(elements)));
        Positions positions = Positions.of(view);
        Set<Long> places = new HashSet<>();
        for (int e = 0; e < positions.count(); e++) {
          places.add(positions.at(e));
        }
        assertThat(view.shape()).isEqualTo(Shape.of(SIZES));
        assertThat(places).hasSize((int) view.elements());
        assertThat(isAllowed(layout, view)).as("%s", view).isTrue();
        arrangements.add(view.toString());
      }
    }
    assertThat(arrangements).hasSizeGreaterThanOrEqualTo(layout == Layout.CONTIGUOUS ? 1 : 3);
  }

  private static boolean isAllowed(Layout layout, View view) {
    return switch (layout) {
      case CONTIGUOUS -> view.isContiguous();
      case ROWS, HEADS -> view.stride(-1) == 1;
      case MATRIX -> view.stride(-1) == 1 || view.stride(-2) == 1;
      case ANY -> true;
    };
  }
}
