package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;

import dev.pantograph.spi.Embedding;
import dev.pantograph.spi.Kernel;

/** With and without positions, of which there may be more than are used. */
record EmbeddingCase() implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return Embedding.class;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] btc = dice.sizes(3, 1031);
    long vocabulary = dice.between(2, 50);
    boolean withPositions = dice.flip();
    double scale = dice.factor();
    return new Sample(new Accuracy(1, 2 * Math.abs(scale)), o ->
        new Embedding(o.result("out", CONTIGUOUS, btc), o.tokens("tokens", vocabulary, btc[0], btc[1]),
            o.read("table", CONTIGUOUS, vocabulary, btc[2]),
            withPositions ? o.read("positions", CONTIGUOUS, btc[1] + 2, btc[2]) : null, scale));
  }
}
