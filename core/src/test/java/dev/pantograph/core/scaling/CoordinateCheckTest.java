package dev.pantograph.core.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.autograd.Tape;
import dev.pantograph.core.nn.ActivationObserver.Activation;
import dev.pantograph.core.nn.Parameter;
import dev.pantograph.core.nn.FeedForwardActivation;
import dev.pantograph.core.nn.Normalization;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.core.tensor.Workspace;
import dev.pantograph.core.testing.ChainBatches;
import dev.pantograph.core.testing.Numbers;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Shape;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * What the parameterizations promise: activations, their changes and gradients are power laws of width, depth and
 * density with known exponents. Checked at initialisation and after one Adam step (ε → 0, no clipping, learning rate
 * 10⁻³) on real models.
 *
 * <p>One row of eight tokens a model: with sign-like updates, what a token learns from the n others of a batch is noise
 * of relative variance about n/width, which would hide the law at small widths. Seeds are averaged for the same reason,
 * more of them at small widths.
 */
class CoordinateCheckTest {
  private static final int VOCABULARY = 65;
  private static final int BASE_WIDTH = 64;
  private static final int BASE_LAYERS = 2;
  private static final int HEAD_DIM = 32;
  private static final int TIME = 8;
  private static final double LEARNING_RATE = 1e-3;
  /** Small beside every gradient, yet a float32. */
  private static final double VANISHING_EPSILON = 1e-30;

  /** Bounds the work: half as many seeds at twice the width. */
  private static final int SEEDS_TIMES_WIDTH = 2048;

  private static final List<String> HIDDEN =
      Stream.of(Activation.QUERY_KEY_VALUE, Activation.ATTENTION_OUT, Activation.FEED_FORWARD_IN,
          Activation.FEED_FORWARD_OUT, Activation.RESIDUAL).map(Activation::name).toList();

  private static final TransformerConfig BASE = config(BASE_WIDTH, BASE_LAYERS);

  @AutoClose private final Backend backend = TestBackends.vector(2);

  private static TransformerConfig config(double width, double layers) {
    return TransformerConfig.gpt(VOCABULARY, TIME, (int) layers, (int) width / HEAD_DIM, (int) width).tiedHead(false);
  }

  /** A family of models that differ in one thing. */
  private record Axis(List<Double> points, DoubleFunction<TransformerConfig> config) {}

  private static final Axis DEPTH = new Axis(List.of(2.0, 4.0, 8.0, 16.0, 32.0), layers -> config(BASE_WIDTH, layers));
  private static final Axis DENSITY =
      new Axis(List.of(1.0, 0.5, 0.25, 0.125, 0.0625), density -> config(256, BASE_LAYERS).density(density));

  private static Axis width(Double... widths) {
    return new Axis(List.of(widths), width -> config(width, BASE_LAYERS));
  }

  /** A quantity along an axis: the mean of what was added at each point. */
  private static final class Curve {
    private final double[] points;
    private final double[] sums;
    private final int[] counts;

    Curve(Axis axis) {
      points = axis.points().stream().mapToDouble(point -> point).toArray();
      sums = new double[points.length];
      counts = new int[points.length];
    }

    void add(int point, double value) {
      sums[point] += value;
      counts[point]++;
    }

    double[] values() {
      double[] values = new double[points.length];
      Arrays.setAll(values, i -> sums[i] / counts[i]);
      return values;
    }

    double exponent() {
      return Numbers.exponent(points, values());
    }

    double spread() {
      return Numbers.spread(values());
    }

    @Override
    public String toString() {
      return Arrays.toString(points) + " → " + Arrays.toString(values());
    }
  }

  /** A model with its data and optimizer, before its first step. */
  private final class Subject implements AutoCloseable {
    private final ChainBatches batches;
    private final Transformer model;
    private final Trainer trainer;
    private final Workspace workspace = new Workspace(backend);
    private final Storage storage = new Storage(backend);

    Subject(Parameterization parameterization, TransformerConfig config, long seed) {
      Scaling scaling = new Scaling(parameterization, config.relativeTo(BASE),
          new BaseHyperparameters(0.02, LEARNING_RATE, 0, VANISHING_EPSILON, 1, 1));
      batches = new ChainBatches(seed, VOCABULARY, 1, 1, TIME);
      model = new Transformer(backend, DType.F32, config, scaling, seed);
      trainer = new Trainer(model, batches, new AdamWSettings(0.9, 0.95, AdamW.Decay.COUPLED, Double.POSITIVE_INFINITY),
          new Schedule(new Schedule.Shape.Constant(), 0, 1));
    }

    /** Activations of the batch of step 0, those of the last block where blocks have their own. */
    Map<Activation, double[]> activations() {
      Tensor inputs = storage.allocate("inputs", DType.I32, Shape.of(1, TIME));
      inputs.set(batches.inputs(0));
      Map<Activation, double[]> activations = new EnumMap<>(Activation.class);
      model.forward(Tape.inference(workspace), inputs,
          (activation, _, value) -> activations.put(activation, value.toDoubles()));
      workspace.reset();
      return activations;
    }

    /** Makes one step and returns what it added to each activation. */
    Map<Activation, double[]> changes() {
      Map<Activation, double[]> before = activations();
      trainer.step();
      Map<Activation, double[]> changes = activations();
      changes.replaceAll((activation, after) ->
          Numbers.difference(after, Objects.requireNonNull(before.get(activation))));
      return changes;
    }

    @Override
    public void close() {
      trainer.close();
      model.close();
      workspace.close();
      storage.close();
    }
  }

  /** Numbers taken from one model, by what they are of. */
  @FunctionalInterface
  private interface Measurement {
    Map<String, Double> of(Subject subject);
  }

  private static Map<String, Double> initialActivations(Subject subject) {
    return meanMagnitudes(subject.activations());
  }

  private static Map<String, Double> changedActivations(Subject subject) {
    return meanMagnitudes(subject.changes());
  }

  private static Map<String, Double> meanMagnitudes(Map<Activation, double[]> activations) {
    Map<String, Double> result = new TreeMap<>();
    activations.forEach((activation, values) -> result.put(activation.name(), Numbers.meanMagnitude(values)));
    return result;
  }

  /** Root mean square of the gradients, for each role the mean over its parameters. */
  private static Map<String, Double> gradients(Subject subject) {
    subject.trainer.step();
    return subject.model.parameters().stream().collect(Collectors.groupingBy(parameter -> parameter.role().name(),
        Collectors.averagingDouble(parameter -> Numbers.rms(parameter.gradient().toDoubles()))));
  }

  /** Norms of what one step adds to the hidden weights of the last block. */
  private static Map<String, Double> weightUpdates(Subject subject) {
    String lastBlock = "blocks.%d.".formatted(subject.model.config().layers() - 1);
    Map<String, double[]> before = new TreeMap<>();
    for (Parameter parameter : subject.model.parameters()) {
      if (parameter.role().isHiddenWeight() && parameter.name().startsWith(lastBlock)) {
        before.put(parameter.name(), parameter.value().toDoubles());
      }
    }
    subject.trainer.step();
    Map<String, Double> norms = new TreeMap<>();
    before.forEach((name, values) -> norms.put(subject.model.parameter(name).role().name(),
        Numbers.norm(Numbers.difference(subject.model.parameter(name).value().toDoubles(), values))));
    return norms;
  }

  /** What is measured along an axis, averaged over seeds 1, 2, …, {@code maxSeeds}, fewer at great widths. */
  private Map<String, Curve> curves(
      Parameterization parameterization, Axis axis, int maxSeeds, Measurement measurement) {
    Map<String, Curve> curves = new TreeMap<>();
    for (int i = 0; i < axis.points().size(); i++) {
      int point = i;
      TransformerConfig config = axis.config().apply(axis.points().get(i));
      int seeds = Math.clamp(SEEDS_TIMES_WIDTH / config.width(), 1, maxSeeds);
      for (int seed = 1; seed <= seeds; seed++) {
        try (Subject subject = new Subject(parameterization, config, seed)) {
          measurement.of(subject).forEach((name, value) ->
              curves.computeIfAbsent(name, _ -> new Curve(axis)).add(point, value));
        }
      }
    }
    return curves;
  }

  @Test
  void underMuPOneStepChangesHiddenActivationsByTheSameAtEveryWidth() {
    Map<String, Curve> changes = curves(Parameterization.muP(), width(64.0, 128.0, 256.0, 512.0, 1024.0), 16,
        CoordinateCheckTest::changedActivations);

    assertThat(changes.keySet()).containsAll(HIDDEN);
    for (String activation : HIDDEN) {
      Curve curve = changes.get(activation);
      assertThat(curve).as(activation).satisfies(c -> {
        assertThat(c.exponent()).as("exponent").isCloseTo(0, within(0.05));
        assertThat(c.spread()).as("greatest over smallest").isLessThanOrEqualTo(1.10);
      });
    }
  }

  @Test
  void underMuPTheSameHoldsForGatedModelsWithRmsNorm() {
    Axis widths = new Axis(List.of(64.0, 128.0, 256.0, 512.0), width -> config(width, BASE_LAYERS)
        .normalization(Normalization.RMS).activation(FeedForwardActivation.SWIGLU));
    Map<String, Curve> changes = curves(Parameterization.muP(), widths, 16, CoordinateCheckTest::changedActivations);

    for (String activation : HIDDEN) {
      assertThat(changes.get(activation)).as(activation).satisfies(c -> {
        assertThat(c.exponent()).as("exponent").isCloseTo(0, within(0.05));
        assertThat(c.spread()).as("greatest over smallest").isLessThanOrEqualTo(1.10);
      });
    }
  }

  @Test
  void underTheStandardRuleTheChangeGrowsWithWidth() {
    Map<String, Curve> changes = curves(Parameterization.standard(), width(64.0, 128.0, 256.0, 512.0), 2,
        CoordinateCheckTest::changedActivations);

    for (String activation : HIDDEN) {
      assertThat(changes.get(activation)).as(activation).satisfies(c -> {
        assertThat(c.exponent()).as("exponent").isGreaterThan(0.7);
        assertThat(c.spread()).as("greatest over smallest").isGreaterThan(4);
      });
    }
  }

  @Test
  void underSuParOneStepChangesHiddenActivationsByTheSameAtEveryDensity() {
    Map<String, Curve> changes = curves(Parameterization.suPar(), DENSITY, 4, CoordinateCheckTest::changedActivations);

    for (String activation : HIDDEN) {
      assertThat(changes.get(activation)).as(activation).satisfies(c -> {
        assertThat(c.exponent()).as("exponent").isCloseTo(0, within(0.05));
        assertThat(c.spread()).as("greatest over smallest").isLessThan(1.15);
      });
    }
  }

  @Test
  void underMuPTheChangeShrinksWithDensity() {
    Map<String, Curve> changes = curves(Parameterization.muP(), DENSITY, 2, CoordinateCheckTest::changedActivations);

    for (String activation : HIDDEN) {
      assertThat(changes.get(activation)).as(activation).satisfies(c -> assertThat(c.exponent()).isGreaterThan(0.5));
    }
  }

  @Test
  void underMuPHiddenActivationsStartTheSameAtEveryWidthAndLogitsShrinkWithItsRoot() {
    Map<String, Curve> initial = curves(Parameterization.muP(), width(64.0, 128.0, 256.0, 512.0), 8,
        CoordinateCheckTest::initialActivations);

    for (String activation : HIDDEN) {
      assertThat(initial.get(activation)).as(activation)
          .satisfies(c -> assertThat(c.exponent()).isCloseTo(0, within(0.05)));
    }
    assertThat(initial.get("LOGITS")).satisfies(c -> assertThat(c.exponent()).isCloseTo(-0.5, within(0.1)));
  }

  @Test
  void underMuPGradientsShrinkWithWidthInEveryGroup() {
    Map<String, Curve> gradients = curves(Parameterization.muP(), width(64.0, 128.0, 256.0, 512.0), 16,
        CoordinateCheckTest::gradients);

    assertThat(gradients).hasSize(Role.values().length - 1).doesNotContainKey(Role.BLOCK_BIAS.name());
    gradients.forEach((role, curve) ->
        assertThat(curve.exponent()).as("%s %s", role, curve).isCloseTo(-1, within(0.05)));
  }

  @Test
  void theResidualStreamGrowsWithTheRootOfDepthUnlessBranchesAreScaled() {
    Map<String, Curve> none = curves(Parameterization.muP(), DEPTH, 2, CoordinateCheckTest::initialActivations);
    Map<String, Curve> half =
        curves(Parameterization.completeP(0.5), DEPTH, 2, CoordinateCheckTest::initialActivations);
    Map<String, Curve> full = curves(Parameterization.completeP(1), DEPTH, 2, CoordinateCheckTest::initialActivations);

    assertThat(none.get("RESIDUAL")).satisfies(c -> assertThat(c.exponent()).isCloseTo(0.5, within(0.1)));
    assertThat(half.get("RESIDUAL")).satisfies(c -> assertThat(c.exponent()).isCloseTo(0, within(0.05)));
    // At α = 1 the blocks' share vanishes, and what is left is the embedding: √2·σ·√(2/π) for tokens and positions.
    assertThat(full.get("RESIDUAL")).satisfies(c -> {
      assertThat(c.values()).isSortedAccordingTo(Comparator.reverseOrder());
      assertThat(c.values()[c.values().length - 1]).isBetween(0.0226, 0.025);
    });
  }

  @Test
  void underADepthRuleOneStepChangesLogitsByTheSameAtEveryDepth() {
    for (double alpha : new double[] {0.5, 1}) {
      Map<String, Curve> changes =
          curves(Parameterization.completeP(alpha), DEPTH, 2, CoordinateCheckTest::changedActivations);

      assertThat(changes.get("LOGITS")).as("α = %s", alpha)
          .satisfies(c -> assertThat(c.exponent()).isCloseTo(0, within(0.1)));
    }
  }

  @Test
  void withoutADepthRuleOneStepChangesTheResidualStreamMoreTheDeeper() {
    Map<String, Curve> changes = curves(Parameterization.muP(), DEPTH, 2, CoordinateCheckTest::changedActivations);

    assertThat(changes.get("RESIDUAL")).satisfies(c -> assertThat(c.exponent()).isGreaterThan(0.5));
  }

  @Test
  void theSizeOfAWeightUpdateFollowsTheDepthExponent() {
    for (double alpha : new double[] {0.5, 0.75, 1}) {
      Map<String, Curve> updates =
          curves(Parameterization.completeP(alpha), DEPTH, 1, CoordinateCheckTest::weightUpdates);

      assertThat(updates).hasSize(4);
      // A step of Adam is ±η for every weight, so nothing but float32 is left to chance.
      updates.forEach((role, curve) ->
          assertThat(curve.exponent()).as("α = %s, %s %s", alpha, role, curve).isCloseTo(alpha - 1, within(0.001)));
    }
  }
}
