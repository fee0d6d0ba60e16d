package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;

import dev.pantograph.spi.Embedding;
import dev.pantograph.spi.EmbeddingGradient;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.View;
import java.util.Map;

/** Few tokens, so that most occur several times; with and without positions. */
record EmbeddingGradientCase() implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return EmbeddingGradient.class;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] btc = dice.sizes(3, 1031);
    long vocabulary = dice.between(2, 50);
    boolean withPositions = dice.flip();
    double scale = dice.factor();
    return new Sample(new Accuracy(btc[0] * btc[1], Math.abs(scale) + 1), o -> {
      View tokens = o.tokens("tokens", vocabulary, btc[0], btc[1]);
      View dOut = o.read("dOut", CONTIGUOUS, btc);
      o.gradientOf(() -> {
        View out = o.result("out", CONTIGUOUS, btc);
        View table = o.read("table", CONTIGUOUS, vocabulary, btc[2]);
        View positions = o.read("positions", CONTIGUOUS, btc[1] + 2, btc[2]);
        return new Forward(new Embedding(out, tokens, table, positions, scale), out, dOut,
            Map.of("dTable", table, "dPositions", positions));
      });
      return new EmbeddingGradient(o.accumulator("dTable", o.exact(), true, CONTIGUOUS, vocabulary, btc[2]),
          withPositions ? o.accumulator("dPositions", o.exact(), true, CONTIGUOUS, btc[1] + 2, btc[2]) : null, dOut,
          tokens, scale);
    });
  }
}
