package dev.pantograph.dataflow;

/**
 * A number of a device's description, with where it is from.
 *
 * @param value above 0
 * @param source who says so, or why it was assumed
 * @param assumed whether nobody has published it
 */
public record Figure(double value, String source, boolean assumed) {
  public Figure {
    if (!(value > 0)) {
      throw new IllegalArgumentException("value %s (expected: above 0)".formatted(value));
    }
    if (source == null || source.isBlank()) {
      throw new IllegalArgumentException("value %s has no source (expected: where it is from)".formatted(value));
    }
  }

  /** The same from the same source, with another value that is then assumed. */
  Figure with(double other) {
    return new Figure(other, source, true);
  }
}
