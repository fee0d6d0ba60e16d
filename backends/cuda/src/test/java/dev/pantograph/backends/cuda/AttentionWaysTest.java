package dev.pantograph.backends.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.Attention;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What keeps attention from cuDNN. Without a device nothing can be said of what cuDNN makes of the rest. */
class AttentionWaysTest {
  private FakeCuda fake;

  @BeforeEach
  void find() {
    fake = FakeCuda.require();
  }

  private static View heads(Backend backend, DType type, long headDim, long offset) {
    Shape shape = Shape.of(2, 3, 16, headDim);
    return View.of(backend.allocate("heads", (shape.elements() + offset) * type.bytes()), type, offset, shape);
  }

  @Test
  void typesHeadsAlignmentAndSlopesDecide() {
    try (Backend backend = fake.open()) {
      View suitable = heads(backend, DType.BF16, 64, 0);
      View slopes = View.of(backend.allocate("slopes", 3 * Float.BYTES), DType.F32, 0, Shape.of(3));
      assertThat(CudnnAttention.unsuitable(null, suitable, heads(backend, DType.BF16, 64, 8))).isEmpty();
      assertThat(CudnnAttention.unsuitable(slopes, suitable)).isEqualTo("slopes");
      assertThat(CudnnAttention.unsuitable(null, heads(backend, DType.BF16, 36, 0))).contains("head dim 36");
      assertThat(CudnnAttention.unsuitable(null, heads(backend, DType.BF16, 256, 0))).contains("head dim 256");
      assertThat(CudnnAttention.unsuitable(null, suitable, heads(backend, DType.F32, 64, 0))).contains("F32");
      assertThat(CudnnAttention.unsuitable(null, suitable, heads(backend, DType.BF16, 64, 1))).contains("aligned");
    }
  }

  @Test
  void withoutTheLibraryItIsSaidWhy() {
    try (Backend backend = fake.open()) {
      View heads = heads(backend, DType.BF16, 64, 0);
      View logSumExp =
          View.of(backend.allocate("statistics", 2 * 3 * 16 * Float.BYTES), DType.F32, 0, Shape.of(2, 3, 16));
      Attention attention = new Attention(heads(backend, DType.BF16, 64, 0), logSumExp, heads, heads, heads, 1);
      assertThat(backend.explain(attention)).startsWith("a kernel of our own: no cuDNN");
    }
  }
}
