package dev.pantograph.lab.coordcheck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.core.data.BatchSource;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.lab.coordcheck.CoordinateCheck.Member;
import dev.pantograph.lab.coordcheck.CoordinateCheckResult.Layer;
import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.scale.BaseModel;
import dev.pantograph.lab.scale.ModelFamily;
import dev.pantograph.lab.testing.TestBackends;
import dev.pantograph.spi.Backend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CoordinateCheckTest {
  private static final int VOCABULARY = 64;
  private static final int TIME = 16;

  /** Scattered tokens, each followed by one that depends on it. */
  private record Chain() implements BatchSource {
    @Override
    public int batch() {
      return 4;
    }

    @Override
    public int time() {
      return TIME;
    }

    @Override
    public int microBatches() {
      return 1;
    }

    @Override
    public void fill(long step, int micro, MemorySegment inputs, MemorySegment targets) {
      for (int i = 0; i < 4 * TIME; i++) {
        int token = (i * 37 + i / 5 * 11) % VOCABULARY;
        inputs.setAtIndex(ValueLayout.JAVA_INT, i, token);
        targets.setAtIndex(ValueLayout.JAVA_INT, i, (token * 5 + 3) % VOCABULARY);
      }
    }
  }

  private static CoordinateCheckResult check(Parameterization rule, Axis axis, double learningRate, double... sizes) {
    return check(rule, axis, 16, learningRate, sizes);
  }

  private static CoordinateCheckResult check(
      Parameterization rule, Axis axis, int width, double learningRate, double... sizes) {
    ModelFamily family = new ModelFamily(axis, sizes[0], new BaseModel(width, 2, 8, 1, true, 0.05), VOCABULARY, TIME);
    List<Member> members = DoubleStream.of(sizes)
        .mapToObj(size -> new Member(size, family.at(size), family.scaling(rule, size, learningRate, 0.1))).toList();
    try (Backend backend = TestBackends.vector()) {
      return new CoordinateCheck(new Chain(), 4, 2, 0.3).run(backend, axis, members);
    }
  }

  private static Layer layer(CoordinateCheckResult result, String name) {
    return result.layers().stream().filter(layer -> layer.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void underMupFeedForwardOutputsKeepTheirSizeAlongWidth() {
    CoordinateCheckResult result = check(Parameterization.muP(), Axis.WIDTH, 0.01, 16, 32, 64, 128);
    Layer out = layer(result, "feed-forward out");

    assertThat(out.flat()).isTrue();
    assertThat(out.activation()).hasSize(4).allMatch(row -> row.size() == 4 && row.stream().allMatch(x -> x > 0));
    assertThat(out.update().getFirst()).containsOnly(0.0);
    assertThat(out.updateSlopes().getFirst()).isZero();
    assertThat(result.sizes()).containsExactly(16.0, 32.0, 64.0, 128.0);
    assertThat(result.parameterization()).isEqualTo("mup");
    // Tied readout of untrained rows: about 1/√width, the exception that theory expects.
    assertThat(layer(result, "logits").activationSlopes().getFirst()).isBetween(-0.75, -0.25);
  }

  @Test
  void underTheStandardRuleTheyGrowAlongWidth() {
    CoordinateCheckResult result = check(Parameterization.standard(), Axis.WIDTH, 0.01, 16, 32, 64, 128);
    Layer out = layer(result, "feed-forward out");

    assertThat(out.flat()).isFalse();
    assertThat(result.passed()).isFalse();
    // Constant σ: two matrices whose outputs grow like √width each, one after the other.
    assertThat(out.activationSlopes().getFirst()).isBetween(0.7, 1.4);
    assertThat(out.updateSlopes().getLast()).isGreaterThan(0.7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"attention out", "feed-forward out"})
  void outputsKeepTheirSizeAlongDensityUnderSuparAndNotUnderMup(String name) {
    double[] densities = {1, 0.5, 0.25, 0.125};
    Layer supar = layer(check(Parameterization.named("supar"), Axis.DENSITY, 64, 0.01, densities), name);
    Layer mup = layer(check(Parameterization.muP(), Axis.DENSITY, 64, 0.01, densities), name);

    // Two sparse matrices one after the other, each with √ρ of its output: the reference page's tests I4 and C2.
    assertThat(supar.activationSlopes().getFirst()).isBetween(-0.1, 0.1);
    assertThat(mup.activationSlopes().getFirst()).isBetween(-1.15, -0.9);
    assertThat(mup.activationSlopes().getLast()).isLessThan(-0.7);
    assertThat(supar.activationSlopes().getLast()).isBetween(-0.3, 0.3);
  }

  @Test
  void slopesAreThoseOfTheMeasuredSizes() {
    Layer layer = layer(check(Parameterization.standard(), Axis.WIDTH, 0.01, 16, 64), "feed-forward in");
    List<Double> sizes = layer.activation().get(2);
    assertThat(layer.activationSlopes().get(2))
        .isCloseTo(Math.log(sizes.get(1) / sizes.get(0)) / Math.log(2) / 2,
        org.assertj.core.api.Assertions.within(1e-9));
  }

  @Test
  void aRunThatDivergesIsNotFlat() {
    CoordinateCheckResult result = check(Parameterization.standard(), Axis.WIDTH, 1e30, 16, 32);
    assertThat(result.passed()).isFalse();
    assertThat(layer(result, "logits").flat()).isFalse();
  }
}
