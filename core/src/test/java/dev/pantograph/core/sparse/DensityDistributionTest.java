package dev.pantograph.core.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.Shape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DensityDistributionTest {
  private static final List<Shape> LAYERS =
      List.of(Shape.of(64, 64), Shape.of(64, 256), Shape.of(256, 64), Shape.of(512, 512));

  @ParameterizedTest
  @EnumSource(value = DensityDistribution.class, names = {"ERDOS_RENYI", "ERDOS_RENYI_KERNEL"})
  void erdosRenyiGivesSmallLayersMore(DensityDistribution distribution) {
    assertThat(distribution.densities(LAYERS, 0.1))
        .containsExactly(new double[] {0.521467, 0.325916, 0.325916, 0.065183}, within(1e-6));
  }

  @Test
  void uniformIsTheSameForAll() {
    assertThat(DensityDistribution.UNIFORM.densities(LAYERS, 0.1)).containsOnly(0.1);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.02, 0.1, 0.2, 0.4, 0.7, 0.99})
  void theModelHasItsDensityAlsoWhereLayersBecomeDense(double density) {
    double[] densities = DensityDistribution.ERDOS_RENYI.densities(LAYERS, density);
    double weights = 0;
    double all = 0;
    for (int i = 0; i < densities.length; i++) {
      weights += densities[i] * LAYERS.get(i).elements();
      all += LAYERS.get(i).elements();
    }
    // The number of weights is whole in each layer.
    assertThat(weights).isBetween(density * all - 1e-6, density * all + LAYERS.size());
    assertThat(Arrays.stream(densities).boxed()).allMatch(d -> d > 0 && d <= 1);
    if (density == 0.4) {
      assertThat(densities).startsWith(1, 1, 1);
      assertThat(densities[3]).isLessThan(1);
    }
  }

  @Test
  void unknownNamesAreRefused() {
    assertThatThrownBy(() -> DensityDistribution.named("random")).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'random'", "uniform, er, erk");
  }
}
