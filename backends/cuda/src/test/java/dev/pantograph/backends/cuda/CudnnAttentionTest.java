package dev.pantograph.backends.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.backends.cuda.binding.CudaException;
import dev.pantograph.backends.cuda.cudnn.AttentionBackward;
import dev.pantograph.backends.cuda.cudnn.AttentionBackward.Order;
import dev.pantograph.backends.cuda.cudnn.AttentionForward;
import dev.pantograph.backends.cuda.cudnn.AttentionShape;
import dev.pantograph.backends.cuda.cudnn.AttentionShape.Strides;
import dev.pantograph.backends.cuda.cudnn.Cudnn;
import dev.pantograph.backends.cuda.cudnn.CudnnTarget;
import dev.pantograph.backends.cuda.cudnn.TensorType;
import dev.pantograph.backends.cuda.cudnn.UnsupportedGraphException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** cuDNN, where it is installed, makes plans of attention for a described H200; no device is needed. */
class CudnnAttentionTest {
  private static Cudnn cudnn;
  private static CudnnTarget h200;

  @BeforeAll
  static void find() throws IOException {
    Requirement.driverLibrary();
    Requirement.of(CudaLibraries.findCompiler(Requirement.PLACES), "no NVRTC 13, by which cuDNN compiles");
    cudnn = Requirement.of(CudaLibraries.findCudnn(Requirement.PLACES), "no cuDNN 9");
    try (InputStream in = CudnnAttentionTest.class.getResourceAsStream("h200.json")) {
      h200 = new CudnnTarget.Described(
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @ParameterizedTest
  @CsvSource({"64, 12, 1024, 64", "8, 12, 1000, 128"})
  void forward(int batch, int heads, int time, int headDim) {
    AttentionShape shape = shape(batch, heads, time, headDim);
    Strides fused = Strides.ofRows(shape, 3L * heads * headDim);
    Strides rows = Strides.ofRows(shape, (long) heads * headDim);
    try (AttentionForward forward = cudnn.attention(h200, shape, fused, fused, fused, rows)) {
      assertThat(forward.plan().workspaceBytes()).isBetween(0L, 1L << 20);
      assertThat(forward.plan().serialized()).contains("{");
    }
  }

  @ParameterizedTest
  @CsvSource({"64, 12, 1024, 64", "8, 12, 1024, 128"})
  void backward(int batch, int heads, int time, int headDim) {
    AttentionShape shape = shape(batch, heads, time, headDim);
    try (AttentionBackward any = cudnn.attentionGradient(h200, shape, layout(shape), Order.ANY);
        AttentionBackward fixed = cudnn.attentionGradient(h200, shape, layout(shape), Order.FIXED)) {
      long positions = (long) batch * heads * time;
      assertThat(any.plan().workspaceBytes()).isBetween(0L, 1L << 20);
      assertThat(any.scratchBytes()).isEqualTo(4 * positions * (1 + headDim));
      assertThat(fixed.plan().workspaceBytes()).isBetween(2 * positions * time, 2 * positions * time + (1L << 20));
      assertThat(fixed.scratchBytes()).isEqualTo(4 * positions);
    }
  }

  @Test
  void whatCudnnHasNoKernelForIsSaid() {
    AttentionShape shape = new AttentionShape(TensorType.BOOLEAN, 1, 1, 64, 64, 0.125f);
    Strides rows = Strides.ofRows(shape, 64);
    assertThatThrownBy(() -> cudnn.attention(h200, shape, rows, rows, rows, rows))
        .isInstanceOf(UnsupportedGraphException.class).hasMessageContaining("no kernel for this graph");
  }

  @Test
  void aDeviceThatIsNotDescribedIsRefused() {
    AttentionShape shape = shape(1, 1, 64, 64);
    Strides rows = Strides.ofRows(shape, 64);
    assertThatThrownBy(() -> cudnn.attention(new CudnnTarget.Described("{}"), shape, rows, rows, rows, rows))
        .isInstanceOf(CudaException.class).hasMessageContaining("DEVICEPROP");
  }

  private static AttentionShape shape(int batch, int heads, int time, int headDim) {
    return new AttentionShape(TensorType.BFLOAT16, batch, heads, time, headDim, (float) (1 / Math.sqrt(headDim)));
  }

  private static AttentionBackward.Layout layout(AttentionShape shape) {
    Strides fused = Strides.ofRows(shape, 3L * shape.heads() * shape.headDim());
    Strides rows = Strides.ofRows(shape, (long) shape.heads() * shape.headDim());
    return new AttentionBackward.Layout(fused, fused, fused, rows, fused, fused, fused);
  }
}
