package dev.pantograph.backends.wafer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.pantograph.backends.vector.VectorBackendProvider;
import dev.pantograph.dataflow.WaferDescription;
import dev.pantograph.spi.Availability.Available;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.DeviceModel;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Philox;
import dev.pantograph.spi.Prediction;
import dev.pantograph.spi.Prediction.Bound;
import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SparseIndices;
import dev.pantograph.spi.SparseMatMul;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.View;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WaferBackendTest {
  private static final int TOKENS = 4096;
  private static final int FAN_IN = 512;
  private static final int FAN_OUT = 1024;

  @TempDir private Path folder;

  private final Backend backend = open("wse-2");
  private final List<Buffer> memory = new ArrayList<>();

  @AfterEach
  void close() {
    memory.forEach(Buffer::close);
    backend.close();
  }

  private static Backend open(String device) {
    return new WaferBackendProvider().open(new BackendOptions(2, Map.of("device", device)));
  }

  private View f32(long... sizes) {
    Shape shape = Shape.of(sizes);
    Buffer buffer = backend.allocate("x", shape.elements() * Float.BYTES);
    memory.add(buffer);
    return View.of(buffer, DType.F32, 0, shape);
  }

  private SparsePattern pattern(SparseIndices.Mask mask) {
    SparseIndices indices = SparseIndices.of(FAN_OUT, FAN_IN, mask);
    Buffer buffer = backend.allocate("pattern", indices.byteSize());
    memory.add(buffer);
    return indices.upload(backend, buffer, 0);
  }

  private static SparseIndices.Mask random(double density) {
    return (row, column) -> Philox.uniform(7, 1, (long) row * FAN_IN + column) < density;
  }

  private DeviceModel model() {
    return Objects.requireNonNull(backend.deviceModel());
  }

  private SparseMatMul forward(SparsePattern pattern) {
    return SparseMatMul.forward(f32(TOKENS, FAN_OUT), f32(TOKENS, FAN_IN), f32(pattern.nonZeros()), pattern, null);
  }

  @Test
  void asManyWeightsTakeLongerWhereTheyCrowd() throws IOException {
    Path wideLink = Files.writeString(folder.resolve("wide.yaml"), WaferDescription.text("wse-2")
        .replace("150.0e+9", "1.0e+15").replace("cyclesPerHop:\n    value: 1\n", "cyclesPerHop:\n    value: 1.0e-6\n"));
    SparsePattern spread = pattern((row, column) -> (row + column) % 8 == 0);
    SparsePattern crowded = pattern((row, column) -> column < FAN_IN / 8);
    assertThat(crowded.nonZeros()).isEqualTo(spread.nonZeros());
    try (Backend other = open(wideLink.toString())) {
      DeviceModel model = Objects.requireNonNull(other.deviceModel());
      double fast = model.predict(forward(spread)).seconds();
      assertThat(model.predict(forward(crowded)).seconds()).isGreaterThan(2 * fast);
    }
  }

  @Test
  void aDenseProductIsASparseOneOfAllWeights() {
    SparsePattern all = pattern((_, _) -> true);
    View x = f32(TOKENS, FAN_IN);
    View y = f32(TOKENS, FAN_OUT);
    View weight = f32(FAN_OUT, FAN_IN);
    Prediction dense = model().predict(MatMul.product(y, x, weight.transpose()));
    assertThat(model().predict(forward(all))).isEqualTo(dense);
    assertThat(model().predict(SparseMatMul.inputGradient(x, y, f32(all.nonZeros()), all, 1, false)))
        .isEqualTo(model().predict(MatMul.product(x, y, weight)));
    assertThat(model().predict(new SampledMatMul(f32(all.nonZeros()), y, x, all, 1, false)))
        .isEqualTo(model().predict(MatMul.product(weight, y.transpose(), x)));
  }

  @Test
  void aThinMaskGainsLessThanItLeavesOut() {
    Prediction tenth = model().predict(forward(pattern(random(0.1))));
    assertThat(tenth.secondsIfDense()).isCloseTo(model().predict(forward(pattern((_, _) -> true))).seconds(),
        withinPercentage(1e-9));
    assertThat(tenth.secondsIfDense() / tenth.seconds()).isBetween(1.0, 10.0);
  }

  @Test
  void theOptimizerIsHiddenAndTheRestHappensWhereActivationsAre() {
    HostBuffer norm = new HostBuffer("norm", Double.BYTES);
    memory.add(norm);
    assertThat(model().predict(new SquaredNorm(View.of(norm, DType.F64, 0, Shape.of()), List.of(f32(8))))
        .bound()).isEqualTo(Bound.HIDDEN);
    Prediction gelu = model().predict(new Gelu(f32(TOKENS, FAN_OUT), f32(TOKENS, FAN_OUT), Gelu.Form.EXACT));
    assertThat(gelu.seconds()).isBetween(1e-10, 1e-6);
    SparsePattern nothing = pattern((_, _) -> false);
    assertThat(model().predict(forward(nothing)).seconds()).isZero();
  }

  @Test
  void resultsAreThoseOfTheBackendThatComputes() {
    SparsePattern pattern = pattern(random(0.25));
    SparseMatMul product = forward(pattern);
    for (View view : List.of(product.x(), product.values())) {
      for (long i = 0; i < view.elements(); i++) {
        HostBuffer.segmentOf(view).setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) Philox.normal(3, view.rank(), i));
      }
    }
    backend.submit(product);
    int[] simulated = HostBuffer.segmentOf(product.out()).toArray(ValueLayout.JAVA_INT);
    try (Backend vector = new VectorBackendProvider().open(BackendOptions.threads(2))) {
      vector.submit(product);
    }
    assertThat(HostBuffer.segmentOf(product.out()).toArray(ValueLayout.JAVA_INT)).isEqualTo(simulated);
  }

  @Test
  void theProbeSaysWhoComputesAndWhatIsModelled() {
    Available available = (Available) new WaferBackendProvider().probe();
    assertThat(available.facts()).containsEntry("computes as", "vector");
    assertThat(available.facts().get("models")).startsWith("WSE-2").contains("assumed");
    assertThat(available.rank()).isNegative();
    try (Backend other = open("wse-3")) {
      assertThat(Objects.requireNonNull(other.deviceModel()).title()).contains("Predicted", "'WSE-3'", "simulated");
    }
    assertThatThrownBy(() -> open("wse-4").close()).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no wafer 'wse-4'");
  }
}
