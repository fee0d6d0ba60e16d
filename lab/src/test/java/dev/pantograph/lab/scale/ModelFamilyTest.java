package dev.pantograph.lab.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Role;
import dev.pantograph.core.scaling.Scale;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.sparse.Sparsity;
import dev.pantograph.lab.testing.TestBackends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelFamilyTest {
  private static ModelFamily family(Axis axis, double base) {
    return new ModelFamily(axis, base, new BaseModel(32, 2, 16, 0.5, false, 0.08), 99, 24);
  }

  @Test
  void widthGrowsByHeads() {
    TransformerConfig model = family(Axis.WIDTH, 32).at(128);
    assertThat(model).isEqualTo(sparse(TransformerConfig.gpt(99, 24, 2, 8, 128)).density(0.5));
  }

  @Test
  void depthAndDensityLeaveTheWidth() {
    assertThat(family(Axis.DEPTH, 2).at(8)).isEqualTo(sparse(TransformerConfig.gpt(99, 24, 8, 2, 32)).density(0.5));
    assertThat(family(Axis.DENSITY, 1).at(0.25))
        .isEqualTo(sparse(TransformerConfig.gpt(99, 24, 2, 2, 32)).density(0.25));
  }

  /** Without a tied head, with rows that chance may leave empty. */
  private static TransformerConfig sparse(TransformerConfig model) {
    return model.tiedHead(false).sparsity(Sparsity.defaults().emptyRows(true));
  }

  @Test
  void rowsOfNarrowModelsMayBeEmpty() {
    ModelFamily family = family(Axis.DENSITY, 1);
    try (Backend backend = TestBackends.reference();
        Transformer model = new Transformer(backend, DType.F64, family.at(1.0 / 32),
            family.scaling(Parameterization.suPar(), 1.0 / 32, 1, 0), 0)) {
      double[] weight = model.parameter("blocks.0.attention.out.weight").effectiveWeights();
      assertThat(IntStream.range(0, 32).filter(row -> IntStream.range(0, 32).allMatch(i -> weight[32 * row + i] == 0)))
          .isNotEmpty();
    }
  }

  @Test
  void scalesAreRelativeToTheBaseSize() {
    Scaling scaling = family(Axis.WIDTH, 32).scaling(Parameterization.muP(), 128, 0x1p-6, 0.3);
    assertThat(scaling.scale()).isEqualTo(new Scale(4, 4, 1, 1, 16, 16));
    assertThat(scaling.base().learningRate()).isEqualTo(0x1p-6);
    assertThat(scaling.base().weightDecay()).isEqualTo(0.3);
    assertThat(scaling.initStd(Role.FEED_FORWARD_IN)).isCloseTo(0.04, within(1e-15));
    assertThat(family(Axis.DEPTH, 2).scaling(Parameterization.muP(), 8, 1, 0).scale().depth()).isEqualTo(4);
    assertThat(family(Axis.DENSITY, 1).scaling(Parameterization.muP(), 0.25, 1, 0).scale().density()).isEqualTo(0.25);
  }

  @Test
  void widthsOfPartialHeadsAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> family(Axis.WIDTH, 32).at(40)).withMessage(
        "width 40 is not divisible by headDim 16, so it has no whole number of heads; choose a multiple of 16");
  }

  @ParameterizedTest
  @CsvSource({"WIDTH, 32.5, width 32.5", "DEPTH, 0.5, depth 0.5", "DEPTH, 0, depth 0.0", "WIDTH, -16, width -16.0"})
  void sizesThatAreNoCountsAreRefused(Axis axis, double size, String named) {
    assertThatIllegalArgumentException().isThrownBy(() -> family(axis, 16).at(size))
        .withMessage(named + " (expected: a whole number, at least 1)");
  }

  @ParameterizedTest
  @CsvSource({"0", "1.5", "NaN"})
  void densitiesBeyondOneAreRefused(double density) {
    assertThatIllegalArgumentException().isThrownBy(() -> family(Axis.DENSITY, 1).at(density))
        .withMessageContaining("density is " + density);
  }

  @Test
  void placesOnAnAxisAreStepsAwayFromOne() {
    assertThat(Axis.WIDTH.position(64)).isCloseTo(6, within(1e-12));
    assertThat(Axis.DEPTH.position(8)).isCloseTo(3, within(1e-12));
    assertThat(Axis.DENSITY.position(0.25)).isCloseTo(2, within(1e-12));
  }
}
