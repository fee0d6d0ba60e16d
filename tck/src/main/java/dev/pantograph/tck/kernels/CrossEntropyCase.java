package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;

import dev.pantograph.spi.CrossEntropy;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.View;
import java.util.Map;

/** With and without the gradient, which may replace the logits. */
record CrossEntropyCase() implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return CrossEntropy.class;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] sizes = dice.sizes(2, 5003);
    long rows = sizes[0];
    long vocabulary = Math.max(1, sizes[1]);
    boolean withGradient = dice.flip();
    double scale = dice.factor();
    return new Sample(new Accuracy(vocabulary, 2), o -> {
      View logits = o.read("logits", CONTIGUOUS, rows, vocabulary);
      View targets = o.tokens("targets", vocabulary, rows);
      if (withGradient) {
        o.gradientOf(() -> {
          View losses = o.result("forward losses", o.exact(), CONTIGUOUS, rows);
          return new Forward(
              new CrossEntropy(losses, null, logits, targets, 0), losses, null, scale, Map.of("dLogits", logits));
        });
      }
      return new CrossEntropy(o.result("losses", o.exact(), CONTIGUOUS, rows),
          withGradient ? o.resultOver("dLogits", CONTIGUOUS, logits) : null, logits, targets, scale);
    });
  }
}
