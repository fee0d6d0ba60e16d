package dev.pantograph.lab.transfer;

import dev.pantograph.lab.coordcheck.CoordinateCheckResult;
import dev.pantograph.lab.coordcheck.CoordinateCheckResult.Layer;
import dev.pantograph.lab.run.Environment;
import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.scale.BaseModel;
import dev.pantograph.lab.sweep.LearningRateGrid;
import dev.pantograph.lab.sweep.TextConfig;
import dev.pantograph.lab.transfer.TransferConfig.StudyConfig;
import dev.pantograph.lab.transfer.TransferConfig.TrainingConfig;
import dev.pantograph.lab.transfer.TransferResult.Curve;
import dev.pantograph.lab.transfer.TransferResult.Drift;
import dev.pantograph.lab.transfer.TransferResult.Gap;
import dev.pantograph.lab.transfer.TransferResult.Optimum;
import dev.pantograph.lab.transfer.TransferResult.Point;
import dev.pantograph.lab.transfer.TransferResult.Study;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Experiments as they might come out: losses are a parabola in log₂η about an optimum that moves at a given rate. */
final class SampleStudies {
  static final List<Double> WIDTHS = List.of(64.0, 128.0, 256.0, 512.0);
  static final List<Double> DENSITIES = List.of(1.0, 0.5, 0.25, 0.125);
  static final LearningRateGrid GRID = new LearningRateGrid(-11, -4);
  /** The loss beyond which a run is taken to have diverged. */
  private static final double DIVERGENCE = 4.6;

  private SampleStudies() {}

  /**
   * Standard drifts and diverges at its largest width, µP stays; along density µP's optimum ends on the edge, SµPar
   * stays.
   */
  static TransferResult result() {
    return result("Java sources of the JDK (12 345 files)",
        List.of(study(Axis.WIDTH, "standard", WIDTHS, -0.93, 3), study(Axis.WIDTH, "mup", WIDTHS, 0.04, 3),
            study(Axis.DENSITY, "standard", DENSITIES, 0.45, 3), study(Axis.DENSITY, "mup", DENSITIES, 1.2, 3),
            study(Axis.DENSITY, "supar", DENSITIES, -0.03, 3)));
  }

  static TransferResult result(String corpus, List<Study> studies) {
    Environment environment = new Environment("0.1.0", "25.0.1 (Eclipse Adoptium)", "Linux 6.1 amd64", 2, 2048,
        "vector",
        new TreeMap<>(Map.of("species", "256-bit", "threads", "2")));
    List<StudyConfig> configs = studies.stream().map(Study::axis).distinct().map(axis -> config(axis, studies))
        .toList();
    TransferConfig config = new TransferConfig(configs, new TrainingConfig(8, 128, 200, 20, "linear", 0.1, 16),
        new TextConfig("", 1 << 20), 3);
    return new TransferResult(environment, config, corpus, studies, 384, 78_643_200L, 5025.4);
  }

  private static StudyConfig config(Axis axis, List<Study> all) {
    List<Study> studies = all.stream().filter(study -> study.axis() == axis).toList();
    return new StudyConfig(axis, studies.stream().map(Study::parameterization).toList(),
        studies.getFirst().curves().stream().map(Curve::size).toList(), new BaseModel(64, 2, 32, 1, true, 0.02), GRID);
  }

  static Study study(Axis axis, String rule, List<Double> sizes, double drift, int seeds) {
    Random random = new Random(rule.hashCode() + 31L * axis.label().hashCode());
    List<Curve> curves = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      curves.add(curve(sizes.get(i), -6.4 + drift * i, 2.62 - 0.06 * i + 0.02 * Math.abs(drift) * i, seeds, random));
    }
    double margin = seeds > 1 ? 0.09 : 0;
    return new Study(axis, rule, curves,
        new Drift(drift, drift - margin, drift + margin, IntStream.range(0, seeds).mapToObj(_ -> drift).toList()),
        gaps(curves), check(axis, rule, sizes, drift));
  }

  /** A study whose runs all diverged. */
  static Study diverged(Axis axis, String rule, List<Double> sizes) {
    List<Curve> curves = sizes.stream().map(size -> new Curve(size, IntStream.rangeClosed(GRID.lowest(), GRID.highest())
        .mapToObj(k -> new Point(Math.scalb(1.0, k), missing(2), null)).toList(),
        new Optimum(Double.NaN, Double.NaN, List.of(Double.NaN, Double.NaN), true))).toList();
    List<Gap> gaps = sizes.stream().skip(1).map(size -> new Gap(size, 0x1p-7, null, 0x1p-7, Double.NaN)).toList();
    return new Study(axis, rule, curves, new Drift(Double.NaN, Double.NaN, Double.NaN, List.of(Double.NaN, Double.NaN)),
        gaps,
        check(axis, rule, sizes, Double.NaN));
  }

  private static List<@Nullable Double> missing(int seeds) {
    List<@Nullable Double> losses = new ArrayList<>();
    for (int seed = 0; seed < seeds; seed++) {
      losses.add(null);
    }
    return losses;
  }

  private static Curve curve(double size, double optimum, double floor, int seeds, Random random) {
    List<Double> own = new ArrayList<>();
    for (int seed = 0; seed < seeds; seed++) {
      own.add(optimum + 0.15 * random.nextGaussian());
    }
    List<Point> points = new ArrayList<>();
    for (int k = GRID.lowest(); k <= GRID.highest(); k++) {
      points.add(point(k, own, floor, random));
    }
    return new Curve(size, points, new Optimum(optimum, floor, own, optimum < GRID.lowest()
        || Math.round(optimum) >= GRID.highest()));
  }

  private static Point point(int k, List<Double> optima, double floor, Random random) {
    List<@Nullable Double> losses = new ArrayList<>();
    double sum = 0;
    for (double optimum : optima) {
      double distance = k - optimum;
      double loss = floor + (distance > 0 ? 0.09 : 0.05) * distance * distance
          + 0.012 * Math.abs(random.nextGaussian());
      losses.add(loss > DIVERGENCE ? null : loss);
      sum += loss > DIVERGENCE ? Double.NaN : loss;
    }
    return new Point(Math.scalb(1.0, k), losses, Double.isNaN(sum) ? null : sum / optima.size());
  }

  private static List<Gap> gaps(List<Curve> curves) {
    double transferred = best(curves.getFirst()).learningRate();
    List<Gap> gaps = new ArrayList<>();
    for (Curve curve : curves.subList(1, curves.size())) {
      Point tuned = best(curve);
      Point there = curve.points().stream().filter(point -> point.learningRate() == transferred).findFirst()
          .orElseThrow();
      gaps.add(new Gap(curve.size(), transferred, there.meanLoss(), tuned.learningRate(), loss(tuned)));
    }
    return gaps;
  }

  private static Point best(Curve curve) {
    return curve.points().stream().min(Comparator.comparingDouble(SampleStudies::loss)).orElseThrow();
  }

  private static double loss(Point point) {
    Double loss = point.meanLoss();
    return loss == null ? Double.POSITIVE_INFINITY : loss;
  }

  /** Activations that grow with the size about as fast as the optimum drifts, in the hidden layers only. */
  static CoordinateCheckResult check(Axis axis, String rule, List<Double> sizes, double drift) {
    List<Layer> layers = new ArrayList<>();
    String[] names = {"embedding", "query, key, value", "attention out", "feed-forward in", "feed-forward out",
        "residual stream", "logits"};
    for (int i = 0; i < names.length; i++) {
      double slope = i == 0 ? 0 : -drift * (0.7 + 0.05 * i);
      double start = 0.02 * Math.pow(2.6, i);
      List<List<Double>> activation = new ArrayList<>();
      List<List<Double>> update = new ArrayList<>();
      for (int step = 0; step < 4; step++) {
        double grown = start * (1 + step);
        double moved = 0.4 * start * step;
        activation.add(IntStream.range(0, sizes.size()).mapToObj(j -> grown * Math.pow(2, slope * j)).toList());
        update.add(IntStream.range(0, sizes.size()).mapToObj(j -> moved * Math.pow(2, slope * j)).toList());
      }
      layers.add(new Layer(names[i], activation, update, List.of(slope, slope, slope, slope),
          List.of(0.0, slope, slope, slope),
          Math.abs(slope) <= 0.2, 0.2));
    }
    return new CoordinateCheckResult(rule, axis, sizes, layers);
  }
}
