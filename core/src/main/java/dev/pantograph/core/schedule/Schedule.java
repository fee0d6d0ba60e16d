package dev.pantograph.core.schedule;

/**
 * The learning rate over a run, as a factor on its peak: linear warm-up {@code step/warmup} for {@code step < warmup},
 * then a shape over the rest. With {@code p = (step − warmup) / (steps − warmup)}, steps counted from 0, p stays below
 * 1, so the last update of a decay to zero is not wasted; the first update of a warm-up has rate 0 and only fills
 * Adam's moments.
 *
 * @param shape after the warm-up
 * @param warmup number of warm-up steps
 * @param steps length of the run
 */
public record Schedule(Shape shape, long warmup, long steps) {

  /** The course after the warm-up. */
  public sealed interface Shape {
    /** The factor at progress {@code p} in [0, 1). */
    double at(double p);

    /** {@code 1}. */
    record Constant() implements Shape {
      @Override
      public double at(double p) {
        return 1;
      }
    }

    /** {@code f + (1 − f)·½·(1 + cos πp)}: a cosine down to the share f of the peak. */
    record Cosine(double finalFactor) implements Shape {
      @Override
      public double at(double p) {
        return finalFactor + (1 - finalFactor) * 0.5 * (1 + Math.cos(Math.PI * p));
      }
    }

    /** {@code 1 − p}: linear decay to zero (D2Z; Bergsma et al., arXiv 2502.15938). */
    record Linear() implements Shape {
      @Override
      public double at(double p) {
        return 1 - p;
      }
    }

    /**
     * Warm-up, stable, decay (Hu et al., MiniCPM, arXiv 2404.06395): 1, then linear to zero over the last share of the
     * steps.
     */
    record StableThenDecay(double decayShare) implements Shape {
      public StableThenDecay {
        if (!(decayShare > 0 && decayShare <= 1)) {
          throw new IllegalArgumentException("schedule wsd: decay share " + decayShare
              + " (expected: above 0, at most 1)");
        }
      }

      @Override
      public double at(double p) {
        return Math.min(1, (1 - p) / decayShare);
      }
    }

    /**
     * The shape a user names: constant, cosine (to 10 %), linear (to zero), wsd (linear decay over the last 20 %).
     *
     * @throws IllegalArgumentException naming all that exist
     */
    static Shape named(String name) {
      return switch (name) {
        case "constant" -> new Constant();
        case "cosine" -> new Cosine(0.1);
        case "linear" -> new Linear();
        case "wsd" -> new StableThenDecay(0.2);
        default -> throw new IllegalArgumentException(
            "no schedule is named '%s'; there are constant, cosine, linear, wsd".formatted(name));
      };
    }
  }

  public Schedule {
    if (steps < 1 || warmup < 0 || warmup > steps) {
      throw new IllegalArgumentException(
          "schedule: %d steps with %d of warm-up (expected: at least 1 step, warm-up within them)"
              .formatted(steps, warmup));
    }
  }

  /** The factor on the peak learning rate at a step, counted from 0. */
  public double factor(long step) {
    if (step < warmup) {
      return (double) step / warmup;
    }
    return shape.at(Math.min(1, (step - warmup) / (double) Math.max(1, steps - warmup)));
  }
}
