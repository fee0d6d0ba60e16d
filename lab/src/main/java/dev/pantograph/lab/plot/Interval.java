package dev.pantograph.lab.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** A range of values that an axis of a plot shows. */
public record Interval(double low, double high) {

  /** The range of the finite values; 0 to 1 if there is none. */
  public static Interval of(DoubleStream values) {
    double[] finite = values.filter(Double::isFinite).sorted().toArray();
    return finite.length == 0 ? new Interval(0, 1) : new Interval(finite[0], finite[finite.length - 1]);
  }

  /** Widened by as much at both ends. */
  public Interval padded(double margin) {
    return new Interval(low - margin, high + margin);
  }

  /** Widened about its middle until it is at least so long. */
  public Interval atLeast(double length) {
    return padded(Math.max(0, length - length()) / 2);
  }

  public double length() {
    return high - low;
  }

  public boolean contains(double value) {
    return value >= low && value <= high;
  }

  /** Where a value lies, from 0 at the low end to 1 at the high end. */
  public double share(double value) {
    return (value - low) / length();
  }

  /** The multiples of a step within the interval. */
  public List<Double> multiples(double step) {
    List<Double> multiples = new ArrayList<>();
    for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
      multiples.add(i * step);
    }
    return multiples;
  }

  /** The step of 1, 2 or 5 times a power of ten that cuts the interval into about so many parts. */
  public double niceStep(int parts) {
    double rough = length() / parts;
    double magnitude = Math.pow(10, Math.floor(Math.log10(rough)));
    double leading = rough / magnitude;
    return magnitude * (leading <= 1 ? 1 : leading <= 2 ? 2 : leading <= 5 ? 5 : 10);
  }

  /** The smallest of 1, 2, 4, … for which no more than so many multiples fit: for axes of whole exponents. */
  public int wholeStep(int most) {
    int step = 1;
    while (multiples(step).size() > most) {
      step *= 2;
    }
    return step;
  }
}
