package dev.pantograph.spi;

/**
 * The time a kernel would take on a described device.
 *
 * @param seconds from its begin to its end
 * @param secondsIfDense the same with every weight there; {@code seconds} where the kernel leaves none out
 * @param bound what most of the time is spent on
 */
public record Prediction(double seconds, double secondsIfDense, Bound bound) {
  /** The limit that a kernel runs into. */
  public enum Bound {
    COMPUTE("arithmetic"),
    /** How fast operands are read and written, or how much of them fits. */
    MEMORY("memory"),
    LAUNCH("launches"),
    /** Traffic between cores. */
    FABRIC("fabric"),
    /** Weights, or their gradients, on their way between the device and a memory outside it. */
    LINK("weight link"),
    /** Cores that wait for the one with most to do. */
    IMBALANCE("imbalance"),
    /** Until the first result has crossed the device. */
    FILL("pipeline fill"),
    /** Done elsewhere, while the device does something else. */
    HIDDEN("hidden");

    private final String label;

    Bound(String label) {
      this.label = label;
    }

    /** As it is shown. */
    public String label() {
      return label;
    }
  }

  /** Of a kernel that leaves no weight out. */
  public Prediction(double seconds, Bound bound) {
    this(seconds, seconds, bound);
  }
}
