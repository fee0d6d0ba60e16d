package dev.pantograph.core.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.profile.KernelProfile.Row;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.testing.ChainBatches;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.core.train.StepReport;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ProfilingBackendTest {
  private static final int VOCABULARY = 13;
  private static final int STEPS = 3;
  private static final TransformerConfig CONFIG = TransformerConfig.gpt(VOCABULARY, 8, 2, 2, 16).biases(true);

  /** Keeps what was submitted: what the profile must agree with. */
  private static final class Witness extends DelegatingBackend {
    private final List<Kernel> kernels = new ArrayList<>();

    Witness(Backend backend) {
      super(backend);
    }

    @Override
    public void submit(Kernel kernel) {
      super.submit(kernel);
      kernels.add(kernel);
    }
  }

  /** One way through a step, from the backend's point of view. */
  @FunctionalInterface
  private interface Step {
    void run(Trainer trainer, List<StepReport> reports);
  }

  private static List<StepReport> train(Backend backend, Step step) {
    Scaling scaling = new Scaling(Parameterization.muP(), CONFIG.relativeTo(CONFIG),
        BaseHyperparameters.withLearningRate(0.01));
    List<StepReport> reports = new ArrayList<>();
    try (Transformer model = new Transformer(backend, DType.F32, CONFIG, scaling, 1);
        Trainer trainer = new Trainer(model, new ChainBatches(1, VOCABULARY, 1, 2, 8), AdamWSettings.defaults(),
            new Schedule(new Schedule.Shape.Constant(), 0, STEPS))) {
      for (int i = 0; i < STEPS; i++) {
        step.run(trainer, reports);
      }
    }
    return reports;
  }

  /** A run recorded step by step, and the kernels that reached the backend below in those steps. */
  private record Recorded(List<StepReport> reports, List<KernelTimeline> timelines, List<List<Kernel>> submitted) {
    static Recorded run() {
      List<KernelTimeline> timelines = new ArrayList<>();
      List<List<Kernel>> submitted = new ArrayList<>();
      try (Witness witness = new Witness(TestBackends.vector(1));
          ProfilingBackend profiling = new ProfilingBackend(witness)) {
        List<StepReport> reports = train(profiling, (trainer, made) -> {
          witness.kernels.clear();
          profiling.start();
          made.add(trainer.step());
          timelines.add(profiling.stop());
          submitted.add(List.copyOf(witness.kernels));
        });
        return new Recorded(reports, timelines, submitted);
      }
    }

    KernelProfile profile() {
      KernelProfile profile = new KernelProfile();
      timelines.forEach(profile::add);
      return profile;
    }
  }

  private static View view(Buffer buffer, long... sizes) {
    return View.of(buffer, DType.F64, 0, Shape.of(sizes));
  }

  @Test
  void everyKernelIsRecordedInItsOrder() {
    Recorded recorded = Recorded.run();

    assertThat(recorded.timelines()).hasSize(STEPS);
    for (int step = 0; step < STEPS; step++) {
      KernelTimeline timeline = recorded.timelines().get(step);
      List<Kernel> submitted = recorded.submitted().get(step);
      assertThat(timeline.kernels()).hasSameSizeAs(submitted).hasSizeGreaterThan(40);
      long reached = timeline.begin();
      for (int i = 0; i < submitted.size(); i++) {
        TimedKernel timed = timeline.kernels().get(i);
        assertThat(timed.kernel()).isSameAs(submitted.get(i));
        assertThat(timed.begin()).isGreaterThanOrEqualTo(reached);
        assertThat(timed.nanos()).isNotNegative();
        reached = timed.begin() + timed.nanos();
      }
      assertThat(reached).isLessThanOrEqualTo(timeline.begin() + timeline.nanos());
    }
  }

  @Test
  void recordingChangesNoBit() {
    try (Backend plain = TestBackends.vector(1)) {
      assertThat(Recorded.run().reports()).isEqualTo(train(plain, (trainer, made) -> made.add(trainer.step())));
    }
  }

  @Test
  void sumsAreThoseOfTheKernels() {
    Recorded recorded = Recorded.run();
    KernelProfile profile = recorded.profile();
    List<Kernel> kernels = recorded.submitted().stream().flatMap(List::stream).toList();

    assertThat(profile.recordings()).isEqualTo(STEPS);
    assertThat(profile.kernels().calls()).isEqualTo(kernels.size());
    assertThat(profile.kernels().flops()).isEqualTo(kernels.stream().mapToLong(Kernel::flops).sum()).isPositive();
    assertThat(profile.kernels().bytes()).isEqualTo(kernels.stream().mapToLong(Kernel::bytes).sum()).isPositive();
    assertThat(profile.nanos()).isEqualTo(recorded.timelines().stream().mapToLong(KernelTimeline::nanos).sum());
    assertThat(profile.hostNanos() + profile.kernels().nanos()).isEqualTo(profile.nanos());
    assertThat(profile.hostNanos()).isPositive();

    assertThat(profile.rows()).extracting(Row::nanos).isSortedAccordingTo((a, b) -> Long.compare(b, a));
    assertThat(profile.rows()).extracting(Row::label).doesNotHaveDuplicates();
    Map<String, Long> flops = new TreeMap<>(kernels.stream()
        .collect(Collectors.groupingBy(Kernel::name, Collectors.summingLong(Kernel::flops))));
    assertThat(new TreeMap<>(profile.rows().stream().collect(
        Collectors.groupingBy(row -> row.label().substring(0, row.label().indexOf(' ')),
            Collectors.summingLong(Row::flops))))).isEqualTo(flops);
  }

  @Test
  void labelsTellWhatIsComputed() {
    long rows = 16;
    assertThat(Recorded.run().profile().rows()).extracting(Row::label).contains(
        // Queries, keys and values of two sequences of 8 tokens; the gradients of input and weight.
        "MatMul %d×48×16 NT +bias".formatted(rows), "MatMul %d×16×48 NN".formatted(rows),
        "MatMul 48×16×%d TN sums".formatted(rows),
        // Into the hidden units of the feed-forward part, and the gradient on its way back through them.
        "MatMul %d×64×16 NT +bias gelu".formatted(rows), "MatMul %d×64×16 NN gelu'".formatted(rows),
        // Back into the residual stream.
        "MatMul %d×16×16 NT +bias +c".formatted(rows),
        "Attention 2×2×8×8", "AttentionGradient 2×2×8×8", "Norm 2×8×16",
        "AdamW %d in 28 tensors".formatted(CONFIG.parameters() + 8 * 16), "Embedding 2×8×16");
  }

  @Test
  void kernelsThatWereRunInDifferentWaysAreApart() {
    try (Backend backend = new DelegatingBackend(TestBackends.reference()) {
      @Override
      public String explain(Kernel kernel) {
        return kernel instanceof Fill(View _, double value) ? value == 0 ? "" : "in blocks of " + value : "other";
      }
    };
        ProfilingBackend profiling = new ProfilingBackend(backend);
        Buffer buffer = profiling.allocate("x", 80)) {
      profiling.start();
      for (double value : new double[] {0, 2, 2}) {
        profiling.submit(new Fill(view(buffer, 10), value));
      }
      KernelTimeline timeline = profiling.stop();
      KernelProfile profile = new KernelProfile();
      profile.add(timeline);
      assertThat(profile.rows()).extracting(Row::label).containsOnly("Fill 10");
      assertThat(profile.rows()).extracting(Row::explanation, Row::calls)
          .containsExactlyInAnyOrder(tuple("", 1L), tuple("in blocks of 2.0", 2L));
      ChromeTrace trace = new ChromeTrace();
      trace.add("step 0", timeline);
      assertThat(JsonMapper.shared().readTree(trace.toJson()).get("traceEvents").valueStream()
          .map(event -> event.path("args").path("how").asString("")).toList())
          .containsExactly("", "", "in blocks of 2.0", "in blocks of 2.0");
    }
  }

  @Test
  void ratesAreWorkOverTime() {
    Row row = new Row("a", "", 2, 500, 1000, 250);
    assertThat(row.flopsPerSecond()).isEqualTo(2e9);
    assertThat(row.bytesPerSecond()).isEqualTo(0.5e9);
    assertThat(new Row("instant", "", 1, 0, 1000, 250).flopsPerSecond()).isZero();
  }

  @Test
  void whatLiesOutsideARecordingIsNotInIt() {
    try (ProfilingBackend profiling = new ProfilingBackend(TestBackends.reference());
        Buffer buffer = profiling.allocate("x", 80)) {
      Fill inside = new Fill(view(buffer, 10), 1);
      profiling.submit(new Fill(view(buffer, 10), 2));
      profiling.start();
      profiling.submit(new Fill(view(buffer, 10), 3));
      profiling.start();
      profiling.submit(inside);
      KernelTimeline timeline = profiling.stop();
      profiling.submit(new Fill(view(buffer, 10), 4));

      assertThat(timeline.kernels()).extracting(TimedKernel::kernel).containsExactly(inside);
      assertThatThrownBy(profiling::stop).isInstanceOf(IllegalStateException.class).hasMessageContaining("start");
    }
  }

  @Test
  void moreKernelsThanThereWasRoomForAreAllRecorded() {
    try (ProfilingBackend profiling = new ProfilingBackend(TestBackends.reference());
        Buffer buffer = profiling.allocate("x", 8)) {
      profiling.start();
      for (int i = 0; i < 3000; i++) {
        profiling.submit(new Fill(view(buffer, 1), i));
      }
      List<TimedKernel> kernels = profiling.stop().kernels();
      assertThat(kernels).hasSize(3000);
      assertThat(kernels).extracting(timed -> ((Fill) timed.kernel()).value()).contains(0.0, 1023.0, 1024.0, 2999.0);
      assertThat(kernels.getFirst().begin()).isLessThan(kernels.getLast().begin());
    }
  }

  @Test
  void aRefusedKernelIsNotRecorded() {
    try (ProfilingBackend profiling = new ProfilingBackend(TestBackends.vector(1));
        Buffer buffer = profiling.allocate("x", 80)) {
      profiling.start();
      assertThatThrownBy(() -> profiling.submit(new Gelu(view(buffer, 5), view(buffer, 10).slice(0, 5, 5), Gelu.Form.EXACT)))
          .isInstanceOf(KernelException.class);
      assertThat(profiling.stop().kernels()).isEmpty();
    }
  }

  @Test
  void theTraceHoldsEveryKernelWithinItsStep() {
    Recorded recorded = Recorded.run();
    ChromeTrace trace = new ChromeTrace();
    for (int step = 0; step < STEPS; step++) {
      trace.add("step " + step, recorded.timelines().get(step));
    }

    JsonNode events = JsonMapper.shared().readTree(trace.toJson()).get("traceEvents");
    assertThat(events).hasSize(STEPS + recorded.submitted().stream().mapToInt(List::size).sum());
    int at = 0;
    for (int step = 0; step < STEPS; step++) {
      KernelTimeline timeline = recorded.timelines().get(step);
      JsonNode slice = events.get(at++);
      assertThat(slice.get("name").asString()).isEqualTo("step " + step);
      assertThat(nanos(slice, "dur")).isEqualTo(timeline.nanos());
      long reached = nanos(slice, "ts");
      long sum = 0;
      long flops = 0;
      for (TimedKernel timed : timeline.kernels()) {
        JsonNode event = events.get(at++);
        assertThat(event.get("ph").asString()).isEqualTo("X");
        assertThat(event.get("cat").asString()).isEqualTo(timed.kernel().name());
        assertThat(event.get("name").asString()).startsWith(timed.kernel().name() + " ");
        assertThat(nanos(event, "ts")).isGreaterThanOrEqualTo(reached);
        reached = nanos(event, "ts") + nanos(event, "dur");
        sum += nanos(event, "dur");
        flops += event.get("args").get("flops").asLong();
      }
      assertThat(reached).isLessThanOrEqualTo(nanos(slice, "ts") + nanos(slice, "dur"));
      assertThat(sum).isEqualTo(timeline.kernels().stream().mapToLong(TimedKernel::nanos).sum());
      assertThat(flops).isEqualTo(timeline.kernels().stream().mapToLong(timed -> timed.kernel().flops()).sum());
    }
    assertThat(nanos(events.get(0), "ts")).isZero();
  }

  @Test
  void anEmptyTraceIsATrace() {
    assertThat(JsonMapper.shared().readTree(new ChromeTrace().toJson()).get("traceEvents")).isEmpty();
  }

  private static long nanos(JsonNode event, String key) {
    return new BigDecimal(event.get(key).asString()).movePointRight(3).longValueExact();
  }
}
