package dev.pantograph.tck.kernels;

import static dev.pantograph.tck.kernels.Layout.CONTIGUOUS;

import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import java.util.List;
import java.util.Set;

/** Two slots of different sizes and kinds of decay, with and without clipping. */
record AdamWCase() implements KernelCase {
  @Override
  public Class<? extends Kernel> kernel() {
    return AdamW.class;
  }

  @Override
  public Set<DType> types() {
    return EXACT;
  }

  @Override
  public Sample sample(Dice dice) {
    long[] first = dice.sizes(2, 20_011);
    long[] second = dice.sizes(1, 40_013);
    boolean clipped = dice.flip();
    double squaredNorm = dice.between(0, 8) / 2.0;
    return new Sample(new Accuracy(0, 4), o -> new AdamW(
        List.of(slot(o, "0", AdamW.Decay.COUPLED, first), slot(o, "1", AdamW.Decay.INDEPENDENT, second)),
        o.settings("control", AdamW.CONTROL_SIZE), clipped ? o.scalar("squaredGradientNorm", squaredNorm) : null, 0.7,
        0.9, 0.95));
  }

  private static AdamW.Slot slot(Operands o, String number, AdamW.Decay decay, long[] sizes) {
    return new AdamW.Slot(o.read("value" + number, CONTIGUOUS, sizes), o.read("gradient" + number, CONTIGUOUS, sizes),
        o.read("firstMoment" + number, CONTIGUOUS, sizes), o.positive("secondMoment" + number, sizes), 0.5, 0.1, decay,
        1e-3);
  }
}
