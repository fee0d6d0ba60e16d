package dev.pantograph.dataflow;

/** How the weights that are left lie in a weight that is not built. */
public enum Masks {
  /** By chance, each by itself: the expected time. */
  RANDOM {
    @Override
    public Occupancy of(long outputs, long inputs, double density) {
      return density == 1 ? new Occupancy.Even(outputs, inputs, 1) : new Occupancy.Random(outputs, inputs, density);
    }
  },
  /** As many for each core: the best any mask could do. */
  EVEN {
    @Override
    public Occupancy of(long outputs, long inputs, double density) {
      return new Occupancy.Even(outputs, inputs, density);
    }
  };

  /** A weight {@code [outputs, inputs]} of this density. */
  public abstract Occupancy of(long outputs, long inputs, double density);
}
