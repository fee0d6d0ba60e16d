package dev.pantograph.jmh;

import dev.pantograph.jmh.gate.CaseSamples;
import dev.pantograph.lab.plot.Regression;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Time of a token along one axis and the power law fitted to it: the slope of log₂ time over log₂ size.
 *
 * @param axis by name
 * @param points by rising size
 * @param time its exponent with the 95 % interval
 * @param flops the exponent of the model's own FLOPs per token, which time would have at constant speed
 */
record ScalingCurve(String axis, List<Point> points, Regression time, Regression flops) {
  /**
   * One size.
   *
   * @param size on the axis
   * @param micros microseconds a token takes, the median of the samples
   * @param flops model FLOPs a token takes
   */
  record Point(int size, double micros, double flops) {}

  /** The curves of all axes of which at least two points were measured. */
  static List<ScalingCurve> of(List<CaseSamples> results, List<ScalingPoint> places) {
    List<ScalingCurve> curves = new ArrayList<>();
    for (String axis : places.stream().map(ScalingPoint::axis).distinct().toList()) {
      List<Point> points = places.stream().filter(place -> place.axis().equals(axis))
          .flatMap(place -> results.stream().filter(one -> one.name().equals(place.name()))
              .map(one -> new Point(place.size(), 1e6 / one.median("tokens"),
                  one.median("flops") / one.median("tokens"))))
          .toList();
      if (points.size() >= 2) {
        curves.add(new ScalingCurve(axis, points, fit(points, Point::micros), fit(points, Point::flops)));
      }
    }
    return curves;
  }

  private static Regression fit(List<Point> points, ToDoubleFunction<Point> value) {
    return Regression.of(points.stream()
        .map(point -> new Regression.Point(log2(point.size()), log2(value.applyAsDouble(point)))).toList());
  }

  static double log2(double x) {
    return Math.log(x) / Math.log(2);
  }

  Point first() {
    return points.getFirst();
  }

  Point last() {
    return points.getLast();
  }

  /** The exponent with its interval, where there are points enough for one. */
  String exponentInWords() {
    return points.size() < 3 ? String.format(Locale.ROOT, "%+.2f", time.slope())
        : String.format(Locale.ROOT, "%+.2f [%+.2f, %+.2f]", time.slope(), time.low(), time.high());
  }
}
