package dev.pantograph.core.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.core.fault.Fault;
import dev.pantograph.core.fault.FaultyBackend;
import dev.pantograph.core.kernel.KernelForm;
import dev.pantograph.core.kernel.KernelLabel;
import dev.pantograph.core.testing.SampleKernels;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.core.trace.TraceLine.Detail;
import dev.pantograph.core.trace.TraceLine.Result;
import dev.pantograph.core.trace.TraceLine.TracedKernel;
import dev.pantograph.spi.Attention;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.LinearCombination;
import dev.pantograph.spi.MatMul;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelTraceTest {
  @TempDir
  private Path folder;

  private int files;

  /** A trace of the sample kernels on a backend, which is closed. */
  private Path record(Backend inner, Detail detail) {
    Path file = folder.resolve("trace" + files++);
    try (TracingBackend backend = new TracingBackend(inner, new TraceWriter(file, inner.id(), detail));
        SampleKernels samples = new SampleKernels(backend)) {
      backend.start(5);
      samples.all().forEach(backend::submit);
      backend.stop();
      backend.submit(samples.all().getFirst());
    }
    return file;
  }

  private static Backend vector(Fault... faults) {
    return new FaultyBackend(TestBackends.vector(2), faults);
  }

  @Test
  void everyKernelIsReadAsItWasSubmitted() {
    for (Detail detail : Detail.values()) {
      try (KernelTrace trace = KernelTrace.open(record(vector(), detail));
          Backend reference = TestBackends.reference(); SampleKernels samples = new SampleKernels(reference)) {
        assertThat(trace.header().detail()).isEqualTo(detail);
        assertThat(trace.header().backend()).isEqualTo("vector");
        assertThat(trace.kernels()).hasSameSizeAs(samples.all());
        for (int i = 0; i < samples.all().size(); i++) {
          TracedKernel traced = trace.kernels().get(i);
          assertThat(traced.step()).isEqualTo(5);
          assertThat(traced.number()).isEqualTo(i);
          Kernel expected = samples.all().get(i);
          Kernel kernel = trace.kernel(traced);
          assertThat(KernelLabel.of(kernel)).isEqualTo(KernelLabel.of(expected));
          assertThat(json(kernel)).isEqualTo(json(expected));
          assertThat(names(kernel)).isEqualTo(names(expected));
        }
      }
    }
  }

  /** With buffers numbered from the kernel's first on. */
  private static String json(Kernel kernel) {
    List<Buffer> buffers = new ArrayList<>();
    return KernelForm.toJson(kernel, buffer -> {
      if (buffers.stream().noneMatch(other -> other == buffer)) {
        buffers.add(buffer);
      }
      return buffers.indexOf(buffer);
    });
  }

  private static List<String> names(Kernel kernel) {
    return kernel.operands().stream().map(operand -> operand.view().buffer().name()).toList();
  }

  @Test
  void resultsAreDescribed() {
    try (KernelTrace trace = KernelTrace.open(record(vector(), Detail.RESULTS))) {
      TracedKernel fill = trace.kernels().stream()
          .filter(traced -> "Fill".equals(traced.kernel().get("kernel"))).findFirst().orElseThrow();
      Result out = fill.results().getFirst();
      assertThat(out).isEqualTo(new Result("out", 45, 0, -3, -3, -3, 3, out.digest(), null));
      assertThat(out.digest()).hasSize(32);
      TracedKernel nan = trace.kernels().stream()
          .filter(traced -> "Attention".equals(traced.kernel().get("kernel"))).findFirst().orElseThrow();
      assertThat(nan.results()).extracting(Result::operand).containsExactly("out", "logSumExp");
    }
  }

  @Test
  void equalRunsHaveEqualTraces() {
    Path one = record(vector(), Detail.RESULTS);
    assertThat(record(vector(), Detail.RESULTS)).hasSameTextualContentAs(one);
    assertThat(difference(one, record(vector(), Detail.CONTENTS), 0)).isEmpty();
  }

  private static Optional<TraceDifference> difference(Path one, Path other, double tolerance) {
    try (KernelTrace a = KernelTrace.open(one); KernelTrace b = KernelTrace.open(other)) {
      return TraceDifference.first(a, b, tolerance);
    }
  }

  @Test
  void theFirstDifferentResultIsNamedWithItsGreatestDifference() {
    Path right = record(vector(), Detail.CONTENTS);
    Path wrong = record(vector(new Fault.WrongElement(Attention.class, 0, "out", 77, x -> x + 0.5),
        new Fault.WrongElement(Gelu.class, 0, "out", 1, x -> x + 1)), Detail.CONTENTS);
    TraceDifference first = difference(right, wrong, 0).orElseThrow();
    assertThat(first.kernel()).startsWith("Attention 2×3×13×4");
    assertThat(first.number()).isEqualTo(5);
    assertThat(first.what()).contains("out differs in 1 of 312 elements, most at [0, 1, 6, 1]: ")
        .containsPattern(", by 0\\.(4999999|5)");
  }

  @Test
  void withoutContentsTheStatisticsDiffer() {
    Path right = record(vector(), Detail.RESULTS);
    Path wrong = record(vector(Fault.WrongElement.notANumber(MatMul.class, 1, "out", 0)), Detail.RESULTS);
    TraceDifference first = difference(right, wrong, 0.1).orElseThrow();
    assertThat(first.number()).isEqualTo(1);
    assertThat(first.what()).contains("out differs", "0 and 1 not finite", "were not kept");
  }

  @Test
  void backendsThatRoundDifferentlyAgreeWithinATolerance() {
    for (Detail detail : List.of(Detail.RESULTS, Detail.CONTENTS)) {
      Path one = record(vector(), detail);
      Path other = record(TestBackends.reference(), detail);
      assertThat(difference(one, other, 0)).isPresent();
      assertThat(difference(one, other, 1e-3)).isEmpty();
    }
  }

  @Test
  void aDifferentStructureIsADifference() throws IOException {
    Path one = record(vector(), Detail.STRUCTURE);
    Path changed = folder.resolve("changed");
    Files.writeString(changed, Files.readString(one).replace("\"alpha\":1.5", "\"alpha\":1.25"));
    assertThat(difference(one, changed, 1).orElseThrow().toString())
        .isEqualTo("step 5, kernel 2, MatMul 8×16×24 NN +bias +c gelu: alpha is 1.5, in the second trace 1.25");

    List<String> lines = Files.readAllLines(one);
    Path shorter = Files.write(folder.resolve("shorter"), lines.subList(0, lines.size() - 1));
    assertThat(difference(shorter, one, 0).orElseThrow().toString())
        .matches("step 5, kernel \\d+, AdamW .*: only the second trace goes on: \\d+ kernels and \\d+");
  }

  @Test
  void recordedKernelsRunAgainOnAnotherBackend() {
    List<Rerun> results = rerun(record(vector(), Detail.CONTENTS));
    assertThat(results).hasSizeGreaterThan(40).allMatch(result -> result.difference().share() <= 1);
    assertThat(results).anyMatch(result -> result.difference().error() > 0);
  }

  private static List<Rerun> rerun(Path file) {
    List<Rerun> results = new ArrayList<>();
    try (KernelTrace trace = KernelTrace.open(file); Backend reference = TestBackends.reference()) {
      Rerun.all(trace, reference, results::add);
    }
    return results;
  }

  @Test
  void aRecordedMistakeShowsWhereItWasMadeAndNowhereElse() {
    List<Rerun> wrong = rerun(record(vector(new Fault.WrongElement(Gelu.class, 0, "out", 9, x -> x + 0.1)),
        Detail.CONTENTS)).stream().filter(result -> result.difference().share() > 1).toList();
    assertThat(wrong).singleElement().satisfies(result -> {
      assertThat(result.kernel()).isEqualTo("Gelu 9×5");
      assertThat(result.index()).containsExactly(1, 4);
      assertThat(result.difference().wrong()).isEqualTo(1);
    });
  }

  @Test
  void whatWasNotKeptCannotBeRunAgain() {
    assertThatThrownBy(() -> rerun(record(vector(), Detail.RESULTS))).isInstanceOf(TraceException.class)
        .hasMessageContaining("record it with contents");
  }

  @Test
  void aKernelThatFailsEndsAReadableTrace() {
    Path file = folder.resolve("failed");
    try (TracingBackend backend = new TracingBackend(
        vector(new Fault.Throws(LinearCombination.class, 0, new IllegalStateException("broken"))),
        new TraceWriter(file, "vector", Detail.RESULTS)); SampleKernels samples = new SampleKernels(backend)) {
      backend.start(0);
      assertThatThrownBy(() -> samples.all().forEach(backend::submit)).hasMessage("broken");
      try (KernelTrace trace = KernelTrace.open(file)) {
        assertThat(trace.kernels().getLast().kernel()).containsEntry("kernel", "SwiGluGradient");
      }
    }
  }

  @Test
  void whatIsNoTraceIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "Hello\n");
    assertThatThrownBy(() -> KernelTrace.open(text)).isInstanceOf(TraceException.class).hasMessageContaining("text");
    Path empty = Files.writeString(folder.resolve("empty"), "");
    assertThatThrownBy(() -> KernelTrace.open(empty)).isInstanceOf(TraceException.class)
        .hasMessageContaining("is no kernel trace");
    assertThatThrownBy(() -> KernelTrace.open(folder.resolve("absent"))).isInstanceOf(TraceException.class);

    Path trace = record(vector(), Detail.CONTENTS);
    Path later = Files.writeString(folder.resolve("later"),
        Files.readString(trace).replaceFirst("\"version\":1", "\"version\":2"));
    assertThatThrownBy(() -> KernelTrace.open(later)).hasMessageContaining("version 2; this Pantograph reads 1");
    Path contents = TraceJson.contents(trace);
    Files.write(contents, new byte[100]);
    assertThatThrownBy(() -> rerun(trace)).isInstanceOf(TraceException.class).hasMessageContaining("it was cut");
    Files.delete(contents);
    assertThatThrownBy(() -> KernelTrace.open(trace)).isInstanceOf(TraceException.class)
        .hasMessageContaining(contents.toString());
  }
}
