package dev.pantograph.dataflow;

/**
 * Where a weight {@code [outputs, inputs]} is not zero, as far as the time of streaming it depends on that. The inputs
 * are cut into blocks, one for each row of cores; a core multiplies the weights of its block. Outputs follow one
 * another, and some are in flight at a time.
 */
public interface Occupancy {
  long outputs();

  long inputs();

  /** Number of weights that are not zero. */
  double nonZeros();

  /**
   * The weights that the slowest core waits for: {@code Σ_w max_b n(w, b)}, n the non-zeros of block b among the
   * outputs of window w. The first blocks are one input longer where they cannot be equal.
   *
   * @param blocks into which the inputs are cut, at most their number
   * @param window outputs in flight
   */
  double slowest(long blocks, long window);

  /** What a core of the fullest block would do if the non-zeros were spread evenly. */
  default double even(long blocks) {
    return nonZeros() / inputs() * Math.ceilDiv(inputs(), blocks);
  }

  /** Share of the weights that are not zero. */
  default double density() {
    return nonZeros() / ((double) outputs() * inputs());
  }

  /** What is known of the weight without looking where its zeros are: non-zeros at random places. */
  default Occupancy atRandom() {
    return Masks.RANDOM.of(outputs(), inputs(), density());
  }

  /**
   * Every core has its share: a dense weight, or the best that any mask could do.
   *
   * @param density above 0, at most 1
   */
  record Even(long outputs, long inputs, double density) implements Occupancy {
    public Even {
      require(outputs, inputs, density);
    }

    @Override
    public double nonZeros() {
      return density * outputs * inputs;
    }

    @Override
    public double slowest(long blocks, long window) {
      return even(blocks);
    }
  }

  /**
   * Each weight is there or not by chance: expected values over all such masks.
   *
   * @param density the chance, above 0, at most 1
   */
  record Random(long outputs, long inputs, double density) implements Occupancy {
    public Random {
      require(outputs, inputs, density);
    }

    @Override
    public double nonZeros() {
      return density * outputs * inputs;
    }

    @Override
    public double slowest(long blocks, long window) {
      long rest = outputs % window;
      return outputs / window * expectedMaximum(blocks, window) + (rest == 0 ? 0 : expectedMaximum(blocks, rest));
    }

    private double expectedMaximum(long blocks, long rows) {
      long longer = inputs % blocks;
      long length = inputs / blocks;
      return Binomial.expectedMaximum(new Binomial(rows * length, density), blocks - longer,
          new Binomial(rows * (length + 1), density), longer);
    }
  }

  private static void require(long outputs, long inputs, double density) {
    if (outputs < 1 || inputs < 1 || !(density > 0 && density <= 1)) {
      throw new IllegalArgumentException(
          "weight [%d, %d] of density %s (expected: sizes of at least 1, a density above 0, at most 1)"
              .formatted(outputs, inputs, density));
    }
  }
}
