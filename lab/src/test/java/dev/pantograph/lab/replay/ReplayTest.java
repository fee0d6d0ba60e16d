package dev.pantograph.lab.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.lab.replay.ReplayResult.Deviation;
import dev.pantograph.lab.testing.TestBackends;
import dev.pantograph.spi.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Replays of runs that a second implementation, {@link RecordedRun}, made of each configuration key. */
class ReplayTest {
  private static final Map<String, Object> MUP = Map.of("mup_enabled", true, "mup_width_multiplier", 4.0,
      "mup_input_alpha", 2.5,
      "mup_output_alpha", 1.5);

  @TempDir
  private Path folder;

  static Stream<Arguments> configurations() {
    return Stream.of(
        Arguments.of("standard", false, Map.of(), Map.of()),
        Arguments.of("standard with biases", true, Map.of(), Map.of()),
        Arguments.of("no clipping", false, Map.of(), Map.of("clip", 0.0)),
        Arguments.of("hard clipping and a large ε", false, Map.of(), Map.of("clip", 0.05, "eps", 1e-3)),
        Arguments.of("two micro-batches", false, Map.of(), Map.of("accum", 2)),
        Arguments.of("cosine with warm-up", false, Map.of(), Map.of("schedule", "cosine", "warmup", 1, "steps", 4)),
        Arguments.of("strong decay", false, MUP, Map.of("weight_decay", 5.0)),
        Arguments.of("mup", true, MUP, Map.of()),
        Arguments.of("mup with masks", false, plus(MUP, "sparsity", 0.5), Map.of()),
        Arguments.of("supar", false, plus(MUP, "supar_enabled", true, "sparsity", 0.75), Map.of()),
        Arguments.of("supar without mup", false, Map.of("supar_enabled", true, "sparsity", 0.5), Map.of()),
        Arguments.of("depth, α = 1", true, depth(MUP, 3.0, 1.0), Map.of("weight_decay", 2.0, "eps", 0.01)),
        Arguments.of("depth, α = 0.5", true, depth(MUP, 4.0, 0.5), Map.of("weight_decay", 2.0, "eps", 0.01)),
        Arguments.of("depth alone", false, depth(Map.of(), 4.0, 0.5), Map.of("eps", 0.01)),
        Arguments.of("depth and density", false, plus(depth(MUP, 4.0, 0.5), "supar_enabled", true, "sparsity", 0.5),
            Map.of("weight_decay", 2.0, "eps", 0.01)));
  }

  private static Map<String, Object> plus(Map<String, Object> keys, Object... more) {
    Map<String, Object> all = new LinkedHashMap<>(keys);
    for (int i = 0; i < more.length; i += 2) {
      all.put((String) more[i], more[i + 1]);
    }
    return all;
  }

  private static Map<String, Object> depth(Map<String, Object> keys, double multiplier, double exponent) {
    return plus(keys, "depth_alpha_enabled", true, "depth_multiplier", multiplier, "depth_alpha_exp", exponent);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("configurations")
  void aRunOfASecondImplementationIsReproduced(String name, boolean bias, Map<String, Object> parameterization,
      Map<String, Object> training) throws IOException {
    ReplayResult result = replay(new RecordedRun(bias, parameterization, training).record());

    assertThat(result.deviations()).extracting(Deviation::quantity).contains("loss", "gradient norm", "parameter norm",
        "optimizer groups");
    assertThat(result.deviations()).allMatch(Deviation::passed);
    assertThat(deviation(result, "loss").worst()).isLessThan(1e-5);
    assertThat(deviation(result, "optimizer groups").worst()).isLessThan(1e-12);
  }

  @Test
  void theReferenceReproducesItToo() throws IOException {
    RecordedRun run = new RecordedRun(true, depth(MUP, 4.0, 0.5), Map.of("eps", 0.01)).record();
    try (Backend backend = TestBackends.reference()) {
      ReplayResult result = Replay.run(run.write(folder), backend, Replay.LOSS_TOLERANCE);
      assertThat(result.passed()).isTrue();
      assertThat(result.backend()).isEqualTo("reference");
      assertThat(result.source()).isEqualTo("a second implementation");
      assertThat(result.steps()).isEqualTo(2);
    }
  }

  @Test
  void eachKeyOfAConfigurationMattersToTheTrajectory() throws IOException {
    Map<String, Object> all = plus(depth(MUP, 4.0, 0.5), "supar_enabled", true, "sparsity", 0.5);
    Map<String, Object> changed = Map.of("mup_enabled", false, "mup_width_multiplier", 5.0, "mup_input_alpha", 2.0,
        "mup_output_alpha", 1.0, "supar_enabled", false, "depth_alpha_enabled", false, "depth_multiplier", 5.0,
        "depth_alpha_exp", 1.0);
    RecordedRun run = new RecordedRun(false, all, Map.of("eps", 1e-3)).record();
    List<String> withoutEffect = new ArrayList<>();
    for (Map.Entry<String, Object> change : changed.entrySet()) {
      run.config.putAll(all);
      run.config.put(change.getKey(), change.getValue());
      if (replay(run).passed()) {
        withoutEffect.add(change.getKey());
      }
    }
    assertThat(withoutEffect).isEmpty();
  }

  @Test
  void suparWithNothingMaskedIsMup() throws IOException {
    RecordedRun run = new RecordedRun(true, MUP, Map.of()).record();
    ReplayResult mup = replay(run);
    run.config.put("supar_enabled", true);
    run.config.put("sparsity", 0.0);

    assertThat(replay(run).deviations()).isEqualTo(mup.deviations());
  }

  @Test
  void aDepthMultiplierOfOneIsNoDepthRuleButForDecayAndEpsilon() throws IOException {
    // Without ε a gradient of exactly zero has no direction, and that of a key's bias is nothing but rounding.
    RecordedRun run = new RecordedRun(false, MUP, Map.of("weight_decay", 0.0, "eps", 0.0)).record();
    ReplayResult without = replay(run);
    run.config.putAll(depth(Map.of(), 1.0, 0.5));
    assertThat(replay(run).deviations()).isEqualTo(without.deviations());

    run.train.put("weight_decay", 0.1);
    Deviation decay = deviation(replay(run), "optimizer groups");
    assertThat(decay.where()).endsWith("weight_decay");

    RecordedRun other = new RecordedRun(true, MUP, Map.of("weight_decay", 0.1, "eps", 1e-4)).record();
    other.config.putAll(depth(Map.of(), 1.0, 0.5));
    Deviation changed = deviation(replay(other), "optimizer groups");
    assertThat(changed.passed()).isFalse();
    assertThat(changed.where()).matches("transformer\\.h\\..*\\.weight weight_decay");
    assertThat(changed.ours()).isCloseTo(0.1 * 4, within(1e-15));
  }

  @Test
  void theBranchMultiplierScalesTheFirstLossLikeSmallerProjections() throws IOException {
    RecordedRun plain = new RecordedRun(false, Map.of(), Map.of("steps", 1));
    plain.tensors.forEach((name, values) -> {
      if (name.endsWith("c_proj.weight")) {
        for (int i = 0; i < values.length; i++) {
          values[i] /= 4;
        }
      }
    });
    double loss = deviation(replay(plain.record()), "loss").ours();

    RecordedRun deep = new RecordedRun(false, depth(Map.of(), 16.0, 0.5), Map.of("steps", 1)).record();
    assertThat(deviation(replay(deep), "loss").ours()).isCloseTo(loss, within(1e-6));
    RecordedRun shallow = new RecordedRun(false, Map.of(), Map.of("steps", 1)).record();
    assertThat(Math.abs(deviation(replay(shallow), "loss").ours() - loss)).isGreaterThan(1e-3);
  }

  @Test
  void optimizerGroupsFollowThePublishedFormulas() throws IOException {
    RecordedRun run = new RecordedRun(true, plus(depth(MUP, 16.0, 0.5), "supar_enabled", true, "sparsity", 0.75),
        Map.of("eps", 1e-6)).record();
    // m_N = 4, density 1/4, m_L = 16, α = 1/2: every factor by hand.
    List<Map<String, Object>> groups = new ArrayList<>();
    for (String name : names(run)) {
      boolean hidden = RecordedRun.isHidden(name);
      boolean table = name.contains("wte") || name.contains("wpe");
      groups.add(Map.of("params", List.of(name), "lr_scale", name.contains(".h.") ? 0.25 : 1.0,
          "weight_decay", hidden ? 0.4 : table ? 0.1 : 0.0, "eps", 1e-6 / 16));
    }
    run.golden.put("groups", groups);
    assertThat(deviation(replay(run), "optimizer groups").worst()).isLessThan(1e-12);
  }

  @ParameterizedTest
  @MethodSource("wrongGroups")
  void aGroupOfAnotherRuleIsFoundAndNamed(String parameter, String key, Object value) throws IOException {
    RecordedRun run = new RecordedRun(true, MUP, Map.of("steps", 1)).record();
    List<Map<String, Object>> groups = new ArrayList<>();
    for (String name : names(run)) {
      Map<String, Object> group = new LinkedHashMap<>(Map.of("params", List.of(name), "lr_scale",
          run.learningRateScale(name),
          "weight_decay", run.weightDecay(name), "eps", run.epsilon()));
      if (name.equals(parameter)) {
        group.put(key, value);
      }
      groups.add(group);
    }
    run.golden.put("groups", groups);

    ReplayResult result = replay(run);
    Deviation deviation = deviation(result, "optimizer groups");
    assertThat(deviation.passed()).isFalse();
    assertThat(deviation.where()).isEqualTo(parameter + " " + key);
    assertThat(deviation.recorded()).isEqualTo(value);
    assertThat(result.passed()).isFalse();
  }

  static Stream<Arguments> wrongGroups() {
    return Stream.of(
        Arguments.of("transformer.h.1.mlp.c_fc.weight", "lr_scale", 1.0),
        Arguments.of("transformer.wte.weight", "weight_decay", 0.4),
        Arguments.of("transformer.h.0.attn.c_attn.bias", "eps", 1e-8),
        Arguments.of("transformer.ln_f.weight", "weight_decay", 0.1));
  }

  @Test
  void aParameterInNoGroupIsAnError() throws IOException {
    RecordedRun run = new RecordedRun(false, Map.of(), Map.of("steps", 1)).record();
    run.golden.put("groups", List.of());
    assertThat(ReplayInputTest.failure(run.write(folder))).hasMessageContaining(
        "golden.json: no optimizer group holds 'transformer.wte.weight'");
  }

  @Test
  void maskedWeightsHaveNoEffect() throws IOException {
    RecordedRun run = new RecordedRun(false, plus(MUP, "supar_enabled", true, "sparsity", 0.5),
        Map.of("weight_decay", 0.0)).record();
    ReplayResult before = replay(run);
    run.tensors.forEach((name, values) -> {
      if (RecordedRun.isHidden(name)) {
        double[] mask = run.tensor(name + ".mask");
        for (int i = 0; i < values.length; i++) {
          values[i] += (1 - mask[i]) * 1000;
        }
      }
    });
    ReplayResult after = replay(run);
    assertThat(deviation(after, "loss")).isEqualTo(deviation(before, "loss"));
    assertThat(deviation(after, "gradient norm")).isEqualTo(deviation(before, "gradient norm"));
  }

  @Test
  @SuppressWarnings("unchecked")
  void aWrongLossFailsAndNamesTheStep() throws IOException {
    RecordedRun run = new RecordedRun(false, Map.of(), Map.of()).record();
    List<Double> losses = new ArrayList<>((List<Double>) run.golden.get("losses"));
    double right = losses.get(1);
    losses.set(1, right * (1 + 3 * Replay.LOSS_TOLERANCE));
    run.golden.put("losses", losses);

    ReplayResult result = replay(run);
    assertThat(result.passed()).isFalse();
    assertThat(result.deviations()).filteredOn(deviation -> !deviation.passed()).extracting(Deviation::quantity)
        .containsExactly("loss");
    assertThat(deviation(result, "loss").where()).isEqualTo("step 1");
    assertThat(deviation(result, "loss").worst()).isCloseTo(3 * Replay.LOSS_TOLERANCE, within(1e-5));
    assertThat(deviation(result, "loss").ours()).isCloseTo(right, within(1e-5));

    try (Backend backend = TestBackends.vector()) {
      assertThat(Replay.run(folder, backend, 4 * Replay.LOSS_TOLERANCE).passed()).isTrue();
    }
  }

  @Test
  void recordedNaNIsADeviation() throws IOException {
    RecordedRun run = new RecordedRun(false, Map.of(), Map.of("steps", 1)).record();
    run.golden.put("losses", List.of(Double.NaN));
    ReplayResult result = replay(run);
    assertThat(result.passed()).isFalse();
    assertThat(deviation(result, "loss").worst()).isInfinite();
  }

  private static List<String> names(RecordedRun run) {
    return run.tensors.keySet().stream().filter(name -> !name.endsWith(".mask")).toList();
  }

  private ReplayResult replay(RecordedRun run) throws IOException {
    try (Backend backend = TestBackends.vector()) {
      return Replay.run(run.write(folder), backend, Replay.LOSS_TOLERANCE);
    }
  }

  private static Deviation deviation(ReplayResult result, String quantity) {
    return result.deviations().stream().filter(d -> d.quantity().equals(quantity)).findFirst().orElseThrow();
  }
}
