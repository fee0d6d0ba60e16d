package dev.pantograph.spi;

import java.util.List;

/**
 * Fills a tensor with addressed randomness: element {@code i} (row-major) is a function of {@code (seed, stream, i)}
 * alone, defined by {@link Philox}, so the values are the same bits on every backend, for any number of threads.
 *
 * @param out contiguous, F32 or F64. F32 values are the F64 values rounded
 * @param distribution of each element
 * @param seed of the experiment
 * @param stream which of the experiment's independent sequences; one per tensor
 */
public record Randomize(View out, Distribution distribution, long seed, long stream) implements Kernel {

  /** What the elements are drawn from. */
  public sealed interface Distribution {
    /** The value at one position of one stream. */
    double sample(long seed, long stream, long index);

    /**
     * The values at {@code count} positions from {@code firstIndex} on, the same bits as {@link #sample} has for each:
     * the way to fill a tensor, since neighbours come from one block of the generator.
     */
    void samples(long seed, long stream, long firstIndex, double[] into, int count);

    /** Normal with the given mean and standard deviation. */
    record Normal(double mean, double std) implements Distribution {
      public Normal {
        if (!(std >= 0)) {
          throw new IllegalArgumentException("normal distribution: std " + std + " (expected: ≥ 0)");
        }
      }

      @Override
      public double sample(long seed, long stream, long index) {
        return mean + std * Philox.normal(seed, stream, index);
      }

      @Override
      public void samples(long seed, long stream, long firstIndex, double[] into, int count) {
        Philox.uniforms(seed, stream, firstIndex, into, count);
        new NormalQuantiles().replace(into, count);
        for (int i = 0; i < count; i++) {
          into[i] = mean + std * into[i];
        }
      }
    }

    /** 1 with the given probability, else 0: the mask of a weight at that density. */
    record Bernoulli(double probability) implements Distribution {
      public Bernoulli {
        if (!(probability >= 0 && probability <= 1)) {
          throw new IllegalArgumentException(
              "Bernoulli distribution: probability " + probability + " (expected: [0, 1])");
        }
      }

      @Override
      public double sample(long seed, long stream, long index) {
        return Philox.uniform(seed, stream, index) < probability ? 1 : 0;
      }

      @Override
      public void samples(long seed, long stream, long firstIndex, double[] into, int count) {
        Philox.uniforms(seed, stream, firstIndex, into, count);
        for (int i = 0; i < count; i++) {
          // The sign of a difference: a branch would be foreseen wrongly too often.
          into[i] = Double.doubleToRawLongBits(into[i] - probability) >>> 63;
        }
      }
    }
  }

  public Randomize {
    new Contract("Randomize", out).type("out", out).contiguous("out", out);
  }

  @Override
  public List<Operand> operands() {
    return List.of(Operand.write("out", out));
  }

  @Override
  public long flops() {
    return 0;
  }
}
