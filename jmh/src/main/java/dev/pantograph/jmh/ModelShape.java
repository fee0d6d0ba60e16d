package dev.pantograph.jmh;

import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.spi.Shape;

/**
 * The shape of a training step whose kernels are measured.
 *
 * @param label as in the names of cases
 * @param batch B
 * @param time T
 * @param layers blocks
 * @param heads H
 * @param headDim D
 * @param vocabulary V
 */
record ModelShape(String label, int batch, int time, int layers, int heads, int headDim, int vocabulary) {
  /** Width 256, 4 blocks, bytes. */
  static final ModelShape D256 = new ModelShape("d256", 16, 256, 4, 4, 64, 256);
  /** Width 512, 6 blocks, vocabulary 4096. */
  static final ModelShape D512 = new ModelShape("d512", 8, 256, 6, 8, 64, 4096);
  /** Width 1024, 4 blocks: large enough that sparse weights pay. */
  static final ModelShape D1024 = new ModelShape("d1024", 8, 256, 4, 16, 64, 4096);
  /** GPT-2 with 124 million parameters. */
  static final ModelShape GPT2 = new ModelShape("gpt2", 2, 256, 12, 12, 64, 50304);
  /** No dimension is a multiple of a vector, a tile or a block. */
  static final ModelShape AWKWARD = new ModelShape("awkward", 3, 77, 1, 3, 42, 1009);
  /** Operands beyond any last-level cache. */
  static final ModelShape LARGE = new ModelShape("large", 64, 256, 3, 16, 64, 4096);

  int tokens() {
    return batch * time;
  }

  /** C. */
  int width() {
    return heads * headDim;
  }

  /** F. */
  int feedForward() {
    return 4 * width();
  }

  /** An activation of so many channels, {@code [B, T, channels]}. */
  Shape activation(int channels) {
    return Shape.of(batch, time, channels);
  }

  /** The whole model, with biases. */
  TransformerConfig config() {
    return TransformerConfig.gpt(vocabulary, time, layers, heads, width()).biases(true);
  }
}
