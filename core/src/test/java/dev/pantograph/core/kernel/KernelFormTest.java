package dev.pantograph.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.core.testing.SampleKernels;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Kernel.Operand;
import dev.pantograph.spi.KernelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class KernelFormTest {
  @AutoClose private final Backend backend = TestBackends.reference();
  @AutoClose private final SampleKernels samples = new SampleKernels(backend);
  private final List<Buffer> buffers = new ArrayList<>();

  private int number(Buffer buffer) {
    if (!buffers.contains(buffer)) {
      buffers.add(buffer);
    }
    return buffers.indexOf(buffer);
  }

  @Test
  void theSamplesLeaveOutNoKernel() {
    assertThat(samples.all()).extracting(Kernel::name).containsAll(
        Arrays.stream(Kernel.class.getPermittedSubclasses()).map(Class::getSimpleName).toList());
  }

  @Test
  void everyKernelSurvivesTheWayThroughJson() {
    for (Kernel kernel : samples.all()) {
      String json = KernelForm.toJson(kernel, this::number);
      assertSame(KernelForm.fromJson(json, buffers::get), kernel);
    }
  }

  @Test
  void everyKernelIsTheSameOnTheSameViews() {
    for (Kernel kernel : samples.all()) {
      assertSame(KernelForm.withViews(kernel, view -> view), kernel);
    }
  }

  private void assertSame(Kernel actual, Kernel expected) {
    assertThat(actual).hasSameClassAs(expected);
    // What is no view is written alike, and what is one is the same window.
    assertThat(KernelForm.toJson(actual, this::number)).isEqualTo(KernelForm.toJson(expected, this::number));
    List<Operand> operands = expected.operands();
    assertThat(actual.operands()).hasSameSizeAs(operands);
    for (int i = 0; i < operands.size(); i++) {
      Operand operand = actual.operands().get(i);
      assertThat(operand.name()).isEqualTo(operands.get(i).name());
      assertThat(operand.access()).isEqualTo(operands.get(i).access());
      assertThat(operand.view().sameElementsAs(operands.get(i).view())).as("%s", operand).isTrue();
    }
  }

  @Test
  void labelsOfSparseProductsTellTheirDensity() {
    assertThat(samples.all()).extracting(KernelLabel::of).contains(
        "SparseMatMul 5×6×9 T 27.8% +bias", "SparseMatMul 5×9×6 N 27.8% +=", "SampledMatMul 6×9×5 27.8%");
  }

  @Test
  void theJsonNamesEveryComponent() {
    Gelu gelu = samples.all().stream().filter(Gelu.class::isInstance).map(Gelu.class::cast).findFirst().orElseThrow();
    String view = "{\"buffer\":0,\"type\":\"F32\",\"offset\":0,\"shape\":[9,5],\"strides\":[5,1]}";
    assertThat(KernelForm.toJson(gelu, this::number))
        .isEqualTo("{\"kernel\":\"Gelu\",\"out\":%s,\"x\":%s,\"form\":\"EXACT\"}".formatted(view, view));
  }

  @Test
  void whatIsNoKernelIsRefused() {
    Buffer buffer = new AbsentBuffer("b", 16);
    String view = "{\"buffer\":0,\"type\":\"F32\",\"offset\":0,\"shape\":[4],\"strides\":[1]}";
    for (String json : List.of("{}", "{\"kernel\":\"Unknown\"}", "[", "{\"kernel\":\"Gelu\",\"out\":" + view + "}",
        "{\"kernel\":\"Fill\",\"out\":" + view + ",\"value\":1,\"more\":2}",
        "{\"kernel\":\"Fill\",\"out\":" + view.replace("[4]", "[5]") + ",\"value\":1}")) {
      assertThatThrownBy(() -> KernelForm.fromJson(json, _ -> buffer)).as(json)
          .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("no kernel");
    }
    String tooLong = "{\"kernel\":\"Gelu\",\"out\":%s,\"x\":%s,\"form\":\"EXACT\"}".formatted(view,
        view.replace("[4]", "[3]"));
    assertThatThrownBy(() -> KernelForm.fromJson(tooLong, _ -> buffer)).isInstanceOf(KernelException.class)
        .hasMessageContaining("Gelu");
  }
}
