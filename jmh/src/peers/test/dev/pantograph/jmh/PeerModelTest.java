package dev.pantograph.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PeerModelTest {

  /** 6 FLOPs a weight and token: 2 forward and 4 backward, for the matrices of all blocks and the head. */
  @ParameterizedTest
  @EnumSource(PeerModel.class)
  void productsAreThoseOfATrainingStep(PeerModel model) {
    double flops = 0;
    for (MatMulCase product : model.products(2)) {
      flops += product.flops() * (product.name().contains("head") ? 1 : model.config().layers());
    }
    long d = model.config().width();
    double weights = 12.0 * model.config().layers() * d * d + model.config().vocabulary() * d;
    assertThat(flops).isEqualTo(6 * weights * model.tokensPerStep());
    assertThat(model.products(2)).hasSize(15);
  }

  @Test
  void subjectTellsTransposesSizesAndThreads() {
    assertThat(PeerModel.SMALL.products(2).stream().limit(3).map(MatMulCase::subject)).containsExactly(
        "small qkv y NT 4096×768×256 2 threads",
        "small qkv dx NN 4096×256×768 2 threads",
        "small qkv dw TN 768×256×4096 2 threads");
    assertThat(MatMulCase.square(1).subject()).isEqualTo("square NN 1024×1024×1024 1 thread");
  }

  @ParameterizedTest
  @EnumSource(PeerModel.class)
  void targetsAreTheNextInputs(PeerModel model) {
    int count = model.tokensPerStep();
    try (HostBuffer inputs = new HostBuffer("inputs", (long) count * DType.I32.bytes());
        HostBuffer targets = new HostBuffer("targets", (long) count * DType.I32.bytes())) {
      new PeerBatch(model).fill(0, 0, inputs.segment(), targets.segment());
      int[] tokens = inputs.segment().toArray(ValueLayout.JAVA_INT);
      int[] next = targets.segment().toArray(ValueLayout.JAVA_INT);
      for (int i = 0; i + 1 < count; i++) {
        assertThat(next[i]).isEqualTo(tokens[i + 1]);
      }
      assertThat(Arrays.stream(tokens)).allMatch(token -> token >= 0 && token < model.config().vocabulary());
      assertThat(Arrays.stream(tokens).distinct().count())
          .isGreaterThan(Math.min(count, model.config().vocabulary()) / 2);
    }
  }
}
