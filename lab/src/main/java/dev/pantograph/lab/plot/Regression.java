package dev.pantograph.lab.plot;

import java.util.List;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Least-squares line through points, with the 95 % interval of its slope (Student's t on the residuals, n − 2 degrees
 * of freedom).
 *
 * @param slope of the line
 * @param low lower end of the interval; equal to the slope if there are too few points to tell
 * @param high upper end
 */
public record Regression(double slope, double low, double high) {
  public record Point(double x, double y) {}

  public static Regression of(List<Point> points) {
    int n = points.size();
    double meanX = points.stream().mapToDouble(Point::x).average().orElse(Double.NaN);
    double meanY = points.stream().mapToDouble(Point::y).average().orElse(Double.NaN);
    double sxx = points.stream().mapToDouble(p -> (p.x - meanX) * (p.x - meanX)).sum();
    double sxy = points.stream().mapToDouble(p -> (p.x - meanX) * (p.y - meanY)).sum();
    if (sxx == 0) {
      return new Regression(0, 0, 0);
    }
    double slope = sxy / sxx;
    if (n < 3) {
      return new Regression(slope, slope, slope);
    }
    double residual = points.stream().mapToDouble(p -> p.y - meanY - slope * (p.x - meanX)).map(r -> r * r).sum();
    double margin = TDistribution.of(n - 2).inverseCumulativeProbability(0.975) * Math.sqrt(residual / (n - 2) / sxx);
    return new Regression(slope, slope - margin, slope + margin);
  }
}
