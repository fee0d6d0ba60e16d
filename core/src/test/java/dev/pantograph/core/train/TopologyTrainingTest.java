package dev.pantograph.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.autograd.Tape;
import dev.pantograph.core.checkpoint.SafetensorsException;
import dev.pantograph.core.nn.Parameter;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Role;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.sparse.DensityDistribution;
import dev.pantograph.core.sparse.DensityReference;
import dev.pantograph.core.sparse.SparseTraining;
import dev.pantograph.core.sparse.Sparsity;
import dev.pantograph.core.sparse.SparsityPattern;
import dev.pantograph.core.sparse.TopologySchedule;
import dev.pantograph.core.sparse.TopologySchedule.Dynamic;
import dev.pantograph.core.sparse.TopologySchedule.GradualPruning;
import dev.pantograph.core.sparse.TopologySchedule.SparseToDense;
import dev.pantograph.core.sparse.WeightStorage;
import dev.pantograph.core.tensor.Workspace;
import dev.pantograph.core.testing.ChainBatches;
import dev.pantograph.core.testing.LateBackend;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopologyTrainingTest {
  private static final long SEED = 3;
  private static final int VOCABULARY = 13;
  private static final String WEIGHT = "blocks.1.feedForward.up.weight";
  /** So narrow that changes leave rows with no weight. */
  private static final TransformerConfig DENSE = TransformerConfig.gpt(VOCABULARY, 8, 2, 2, 16).biases(true)
      .tiedHead(false).sparsity(Sparsity.defaults().emptyRows(true));
  private static final TransformerConfig SPARSE = DENSE.density(0.375);
  private static final Schedule SCHEDULE = new Schedule(new Schedule.Shape.Constant(), 0, 100);

  @TempDir private Path folder;
  @AutoClose private final Recorder backend = new Recorder(TestBackends.reference());

  /** Counts sampled products and keeps the last update of the optimizer. */
  private static final class Recorder extends DelegatingBackend {
    private int sampledProducts;
    private List<AdamW.Slot> slots = List.of();

    Recorder(Backend backend) {
      super(backend);
    }

    @Override
    public void submit(Kernel kernel) {
      super.submit(kernel);
      sampledProducts += kernel instanceof SampledMatMul ? 1 : 0;
      slots = kernel instanceof AdamW update ? update.slots() : slots;
    }
  }

  private Transformer model(TransformerConfig config) {
    return model(backend, DType.F64, config);
  }

  private static Transformer model(Backend backend, DType type, TransformerConfig config) {
    Scaling scaling = new Scaling(Parameterization.suPar(), config.relativeTo(DENSE),
        new BaseHyperparameters(0.2, 0.01, 0.1, 1e-8, 1, 1));
    return new Transformer(backend, type, config, scaling, SEED);
  }

  private static Trainer trainer(Transformer model, TopologySchedule topology) {
    return trainer(model, topology, DensityReference.INITIAL);
  }

  private static Trainer trainer(Transformer model, TopologySchedule topology, DensityReference corrections) {
    return new Trainer(model, new ChainBatches(SEED, VOCABULARY, 2, 2, 8), AdamWSettings.defaults(), SCHEDULE,
        new SparseTraining(topology, corrections));
  }

  /** Configuration and schedule. */
  private record Case(TransformerConfig config, TopologySchedule schedule) {
    @Override
    public String toString() {
      return schedule.label();
    }
  }

  static List<Case> cases() {
    return List.of(new Case(SPARSE, new Dynamic(false, 2, 0.3, 20)), new Case(SPARSE, new Dynamic(true, 2, 0.3, 20)),
        new Case(DENSE, new GradualPruning(0.25, 1, 6, 2)), new Case(SPARSE, new SparseToDense(3)));
  }

  private static List<boolean[]> places(Transformer model) {
    return model.parameters().stream().map(parameter -> {
      boolean[] places = new boolean[(int) parameter.shape().elements()];
      if (parameter.topology() == null) {
        Arrays.fill(places, true);
      } else {
        var indices = parameter.topology().indices();
        for (int row = 0; row < indices.rows(); row++) {
          for (int i = indices.rowOffset(row); i < indices.rowOffset(row + 1); i++) {
            places[row * indices.columns() + indices.column(i)] = true;
          }
        }
      }
      return places;
    }).toList();
  }

  private static int count(boolean[] places) {
    return (int) IntStream.range(0, places.length).filter(i -> places[i]).count();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aResumedRunHasTheSameBits(Case one) {
    List<StepReport> whole = new ArrayList<>();
    int steps = 8;
    List<double[]> end = new ArrayList<>();
    try (Transformer model = model(one.config()); Trainer trainer = trainer(model, one.schedule())) {
      for (int step = 0; step < steps; step++) {
        trainer.save(folder.resolve("at" + step));
        whole.add(trainer.step());
      }
      model.parameters().forEach(parameter -> end.add(parameter.effectiveWeights()));
    }
    for (int from : new int[] {1, 3, 4, 7}) {
      try (Transformer model = model(one.config()); Trainer trainer = trainer(model, one.schedule())) {
        trainer.restore(folder.resolve("at" + from));
        for (int step = from; step < steps; step++) {
          assertThat(trainer.step()).as("from %d", from).isEqualTo(whole.get(step));
        }
        List<double[]> resumed = model.parameters().stream().map(Parameter::effectiveWeights).toList();
        assertThat(resumed).as("from %d", from).usingRecursiveComparison().isEqualTo(end);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void stepsThatRunIntoOneAnotherHaveTheSameBits(Case one) {
    List<Object> expected = new ArrayList<>();
    List<Object> found = new ArrayList<>();
    try (Transformer model = model(one.config()); Trainer trainer = trainer(model, one.schedule());
        Transformer late = model(new LateBackend(backend), DType.F64, one.config());
        Trainer overlapping = trainer(late, one.schedule())) {
      for (int step = 0; step < 8; step++) {
        expected.add(trainer.step());
        expected.add(model.parameters().stream().map(Parameter::effectiveWeights).toList());
      }
      overlapping.train(8, report -> {
        found.add(report);
        found.add(late.parameters().stream().map(Parameter::effectiveWeights).toList());
      });
    }
    assertThat(found).usingRecursiveComparison().isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void regrowthKeepsTheNumberOfWeightsAndDropsTheSmallest(boolean byGradient) {
    try (Transformer model = model(SPARSE); Trainer trainer = trainer(model, new Dynamic(byGradient, 2, 0.4, 100))) {
      trainer.step();
      List<boolean[]> before = places(model);
      int number = model.parameters().indexOf(model.parameter(WEIGHT));
      trainer.step();
      List<boolean[]> after = places(model);

      for (int p = 0; p < before.size(); p++) {
        assertThat(count(after.get(p))).isEqualTo(count(before.get(p)));
      }
      boolean[] was = before.get(number);
      boolean[] is = after.get(number);
      int active = count(was);
      int moved = (int) Math.floor(active * new Dynamic(byGradient, 2, 0.4, 100).fraction(2));
      long gone = IntStream.range(0, was.length).filter(i -> was[i] && !is[i]).count();
      assertThat(gone).isPositive().isLessThanOrEqualTo(moved);
      double[] values = model.parameter(WEIGHT).effectiveWeights();
      assertThat(IntStream.range(0, was.length).filter(i -> is[i] && !was[i])).allMatch(i -> values[i] == 0);
      assertThat(Objects.requireNonNull(model.parameter(WEIGHT).topology()).version()).isEqualTo(1);
    }
  }

  @Test
  void growthByGradientsTakesTheLargestOfTheWholeBatch() {
    // A run whose topology stays has the same weights until the first change, and its dense twin the gradients.
    double[] gradient;
    boolean[] was;
    try (Transformer twin = model(SPARSE); Trainer trainer = trainer(twin, new TopologySchedule.Static())) {
      trainer.step();
      was = places(twin).get(twin.parameters().indexOf(twin.parameter(WEIGHT)));
      gradient = wholeGradient(twin);
    }
    try (Transformer model = model(SPARSE); Trainer trainer = trainer(model, new Dynamic(true, 2, 0.4, 100))) {
      trainer.step();
      int sampled = backend.sampledProducts;
      trainer.step();
      assertThat(backend.sampledProducts).as("sampled products of a step that grows").isEqualTo(sampled);

      boolean[] is = places(model).get(model.parameters().indexOf(model.parameter(WEIGHT)));
      double least = IntStream.range(0, is.length).filter(i -> is[i] && !was[i])
          .mapToDouble(i -> Math.abs(gradient[i])).min().orElseThrow();
      double left = IntStream.range(0, is.length).filter(i -> !is[i] && !was[i])
          .mapToDouble(i -> Math.abs(gradient[i])).max().orElseThrow();
      assertThat(least).isGreaterThanOrEqualTo(left);
    }
  }

  /** Of the batch of step 1, by a dense model with the same weights in effect. */
  private double[] wholeGradient(Transformer sparse) {
    ChainBatches batches = new ChainBatches(SEED, VOCABULARY, 2, 2, 8);
    Scaling scaling = sparse.scaling();
    try (Transformer dense = new Transformer(backend, DType.F64, DENSE, scaling, SEED);
        Workspace workspace = new Workspace(backend)) {
      for (Parameter parameter : sparse.parameters()) {
        dense.parameter(parameter.name()).value().set(parameter.effectiveWeights());
      }
      for (int micro = 0; micro < 2; micro++) {
        int[] inputs = new int[16];
        int[] targets = new int[16];
        batches.fill(1, micro, java.lang.foreign.MemorySegment.ofArray(inputs),
            java.lang.foreign.MemorySegment.ofArray(targets));
        var in = workspace.allocate("in", DType.I32, Shape.of(2, 8));
        var out = workspace.allocate("out", DType.I32, Shape.of(2, 8));
        in.set(inputs);
        out.set(targets);
        Tape tape = Tape.recording(workspace);
        tape.backward(dense.loss(tape, in, out, 0.5, null));
        workspace.reset();
      }
      return dense.parameter(WEIGHT).gradient().toDoubles();
    }
  }

  @Test
  void aStepThatGrowsLearnsLikeAnyOther() {
    try (Transformer still = model(SPARSE); Trainer one = trainer(still, new TopologySchedule.Static());
        Transformer grown = model(SPARSE); Trainer other = trainer(grown, new Dynamic(true, 2, 0.3, 100))) {
      for (int step = 0; step < 2; step++) {
        StepReport expected = one.step();
        StepReport report = other.step();
        assertThat(report.loss()).isCloseTo(expected.loss(), within(1e-12));
        assertThat(report.gradientNorm()).isCloseTo(expected.gradientNorm(), within(1e-12));
      }
    }
  }

  @Test
  void theStateOfWeightsThatStayStaysAndThatOfNewOnesIsZero() {
    Path file = folder.resolve("state");
    try (Transformer still = model(SPARSE); Trainer one = trainer(still, new TopologySchedule.Static());
        Transformer grown = model(SPARSE); Trainer other = trainer(grown, new Dynamic(false, 2, 0.4, 100))) {
      for (int step = 0; step < 2; step++) {
        one.step();
        other.step();
      }
      one.save(folder.resolve("still"));
      other.save(file);
      for (String name : List.of(WEIGHT, WEIGHT + ".firstMoment", WEIGHT + ".secondMoment")) {
        double[] before = saved(folder.resolve("still"), name, still.parameter(WEIGHT));
        double[] after = saved(file, name, grown.parameter(WEIGHT));
        boolean[] was = places(still).get(still.parameters().indexOf(still.parameter(WEIGHT)));
        boolean[] is = places(grown).get(grown.parameters().indexOf(grown.parameter(WEIGHT)));
        for (int i = 0; i < is.length; i++) {
          assertThat(after[i]).as("%s[%d]", name, i).isEqualTo(was[i] && is[i] ? before[i] : 0);
        }
      }
    }
  }

  private static double[] saved(Path file, String name, Parameter parameter) {
    try (var saved = dev.pantograph.core.checkpoint.Safetensors.open(file)) {
      double[] numbers = saved.tensor(name).data().toArray(java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED);
      return dev.pantograph.core.sparse.Relayout.scattered(
          Objects.requireNonNull(parameter.topology()).indices(), numbers);
    }
  }

  @Test
  void pruningEndsAtItsDensityWithTheLargestWeights() {
    try (Transformer model = model(DENSE); Trainer trainer = trainer(model, new GradualPruning(0.25, 0, 1, 1))) {
      double[] before;
      try (Transformer twin = model(DENSE); Trainer still = trainer(twin, new TopologySchedule.Static())) {
        still.step();
        before = twin.parameter(WEIGHT).effectiveWeights();
      }
      assertThat(model.parameter(WEIGHT).topology()).isNull();
      trainer.step();

      Parameter pruned = model.parameter(WEIGHT);
      assertThat(pruned.value().shape().elements()).isEqualTo(pruned.shape().elements() / 4);
      double[] after = pruned.effectiveWeights();
      double threshold = Arrays.stream(after).map(Math::abs).filter(v -> v > 0).min().orElseThrow();
      for (int i = 0; i < before.length; i++) {
        assertThat(after[i]).isEqualTo(Math.abs(before[i]) >= threshold ? before[i] : 0);
      }
      assertThat(trainer.step().loss()).isFinite();
    }
  }

  @Test
  void aChangeThatWouldEmptyARowIsRefusedAndLeavesTheModel() {
    try (Transformer model = model(DENSE.sparsity(Sparsity.defaults()));
        Trainer trainer = trainer(model, new GradualPruning(0.1, 0, 1, 1))) {
      assertThatThrownBy(trainer::step).isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("'blocks.0.attention.qkv.weight'", "rows have no weight at density 0.1",
              "allow empty rows");
      for (Parameter parameter : model.parameters()) {
        assertThat(parameter.topology()).as(parameter.name()).isNull();
      }
    }
  }

  @Test
  void prunedLayersFollowTheirDistribution() {
    TransformerConfig config = DENSE.sparsity(DENSE.sparsity().distribution(DensityDistribution.ERDOS_RENYI));
    try (Transformer model = model(config); Trainer trainer = trainer(model, new GradualPruning(0.25, 0, 1, 1))) {
      trainer.step();

      for (Parameter parameter : model.parameters()) {
        if (parameter.role().isHiddenWeight()) {
          double expected = config.layerDensity(parameter.role(), 0.25);
          assertThat((double) parameter.value().shape().elements() / parameter.shape().elements())
              .isCloseTo(expected, within(0.5 / parameter.shape().elements() + 1e-12));
        }
      }
      assertThat(config.layerDensity(Role.ATTENTION_OUTPUT, 0.25)).isGreaterThan(0.25);
    }
  }

  @Test
  void densifyingLeavesTheFunctionAndLetsEveryWeightMove() {
    try (Transformer model = model(SPARSE); Trainer trainer = trainer(model, new SparseToDense(2));
        Transformer twin = model(SPARSE); Trainer still = trainer(twin, new TopologySchedule.Static())) {
      ChainBatches held = new ChainBatches(SEED + 1, VOCABULARY, 1, 2, 8);
      for (int step = 0; step < 2; step++) {
        trainer.step();
        still.step();
      }
      boolean[] was = places(twin).get(twin.parameters().indexOf(twin.parameter(WEIGHT)));
      assertThat(model.parameter(WEIGHT).topology()).isNull();
      assertThat(model.parameter(WEIGHT).effectiveWeights()).isEqualTo(twin.parameter(WEIGHT).effectiveWeights());
      assertThat(trainer.evaluate(held, 1)).isCloseTo(still.evaluate(held, 1), within(1e-12));

      trainer.step();
      double[] moved = model.parameter(WEIGHT).effectiveWeights();
      assertThat(IntStream.range(0, was.length).filter(i -> !was[i])).allMatch(i -> moved[i] != 0);
    }
  }

  @ParameterizedTest
  @CsvSource({"INITIAL, 1", "CURRENT, 4"})
  void correctionsFollowTheInitialOrTheCurrentDensity(DensityReference corrections, double factor) {
    try (Transformer model = model(DENSE);
        Trainer trainer = trainer(model, new GradualPruning(0.25, 0, 1, 1), corrections)) {
      trainer.step();
      double before = slot(model).learningRateScale();
      trainer.step();

      // SµPar: the learning rate grows as the terms of a sum become fewer.
      assertThat(slot(model).learningRateScale()).isCloseTo(factor * before, within(1e-12));
      assertThat(model.parameter(WEIGHT).density()).isEqualTo(0.25);
    }
  }

  private AdamW.Slot slot(Transformer model) {
    return backend.slots.get(model.parameters().stream().map(Parameter::name).toList().indexOf(WEIGHT));
  }

  @Test
  void topologiesAreTheSameOnEveryBackendAndForAnyThreads() {
    // The first choice is between initial values, which are the same bits everywhere; later ones depend on rounding.
    List<List<boolean[]>> found = new ArrayList<>();
    Consumer<Backend> run = some -> {
      try (some; Transformer model = model(some, DType.F32, SPARSE);
          Trainer trainer = new Trainer(model, new ChainBatches(SEED, VOCABULARY, 1, 2, 8), AdamWSettings.defaults(),
              new Schedule(new Schedule.Shape.Linear(), 4, 8),
              new SparseTraining(new Dynamic(false, 1, 0.3, 3), DensityReference.INITIAL))) {
        // Warm-up begins at a learning rate of 0.
        trainer.step();
        found.add(places(model));
      }
    };
    run.accept(TestBackends.reference());
    run.accept(TestBackends.vector(1));
    run.accept(TestBackends.vector(2));

    assertThat(found.get(1)).usingRecursiveComparison().isEqualTo(found.getFirst());
    assertThat(found.get(2)).usingRecursiveComparison().isEqualTo(found.getFirst());
    try (Transformer untouched = model(SPARSE)) {
      assertThat(places(untouched)).usingRecursiveComparison().isNotEqualTo(found.getFirst());
    }
  }

  @Test
  void fineTuningBeginsWithTheWeightsOfASparseRun() {
    Path file = folder.resolve("sparse");
    double[] weights;
    double loss;
    ChainBatches held = new ChainBatches(SEED + 1, VOCABULARY, 1, 2, 8);
    try (Transformer model = model(SPARSE); Trainer trainer = trainer(model, new TopologySchedule.Static())) {
      trainer.step();
      trainer.step();
      trainer.save(file);
      weights = model.parameter(WEIGHT).effectiveWeights();
      loss = trainer.evaluate(held, 1);
    }
    try (Transformer model = model(DENSE); Trainer trainer = trainer(model, new TopologySchedule.Static())) {
      trainer.begin(file);
      assertThat(trainer.nextStep()).isZero();
      assertThat(model.parameter(WEIGHT).effectiveWeights()).isEqualTo(weights);
      assertThat(trainer.evaluate(held, 1)).isCloseTo(loss, within(1e-12));
      assertThat(trainer.step().loss()).isFinite();
    }
    try (Transformer model = model(SPARSE.density(0.5));
        Trainer trainer = trainer(model, new TopologySchedule.Static())) {
      assertThatThrownBy(() -> trainer.begin(file)).isInstanceOf(SafetensorsException.class)
          .hasMessageContaining("another pattern");
    }
  }

  @Test
  void aChangedTopologyIsNotRestoredIntoARunWithAnother() {
    Path file = folder.resolve("state");
    try (Transformer model = model(SPARSE); Trainer trainer = trainer(model, new Dynamic(false, 1, 0.3, 9))) {
      trainer.step();
      trainer.save(file);
    }
    try (Transformer model = model(SPARSE); Trainer trainer = trainer(model, new TopologySchedule.Static())) {
      assertThatThrownBy(() -> trainer.restore(file)).isInstanceOf(SafetensorsException.class)
          .hasMessageContainingAll("another pattern", "set seed, density and pattern");
    }
  }

  @Test
  void topologiesThatCannotChangeAreRefused() {
    TransformerConfig masked = SPARSE.sparsity(Sparsity.defaults().storage(WeightStorage.MASKED));
    TransformerConfig groups =
        DENSE.density(0.5).sparsity(Sparsity.defaults().pattern(new SparsityPattern.Groups(2, 4)));
    refused(masked, new Dynamic(true, 1, 0.3, 9), "topology 'rigl'", "masked", "compressed", "sparse products");
    refused(DENSE.sparsity(masked.sparsity()), new GradualPruning(0.5, 0, 9, 1), "topology 'gmp'", "masked");
    refused(DENSE, new Dynamic(false, 1, 0.3, 9), "topology 'set'", "the model is dense", "density below 1");
    refused(SPARSE, new GradualPruning(0.5, 0, 9, 1), "finalDensity is 0.5", "below the density 0.375");
    refused(groups, new Dynamic(false, 1, 0.3, 9), "the pattern is 2:4", "bernoulli or exact");
  }

  private void refused(TransformerConfig config, TopologySchedule schedule, String... message) {
    try (Transformer model = model(config)) {
      assertThatThrownBy(() -> trainer(model, schedule)).isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(message);
    }
  }
}
