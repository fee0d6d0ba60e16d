package dev.pantograph.jmh;

import java.util.ArrayList;
import java.util.List;

/**
 * A training step at one place on an axis along which everything else stays.
 *
 * @param axis width, depth, sequence, batch or threads
 * @param size on the axis
 * @param shape of the step
 * @param threads that compute
 */
record ScalingPoint(String axis, int size, ModelShape shape, int threads) {
  private static final int HEAD_DIM = 32;
  private static final int VOCABULARY = 256;
  private static final int WIDTH = 256;
  private static final int LAYERS = 2;
  private static final int TIME = 128;
  private static final int BATCH = 8;
  /** Tokens of a step along the axis of sequence length, so that only their arrangement changes. */
  private static final int TOKENS = 2048;

  /** All points; but for those of the axis of threads, they run on as many threads as are given. */
  static List<ScalingPoint> all(int threads) {
    List<ScalingPoint> points = new ArrayList<>();
    for (int width : List.of(64, 128, 256, 512, 1024)) {
      points.add(new ScalingPoint("width", width, shape(BATCH, TIME, LAYERS, width), threads));
    }
    for (int layers : List.of(1, 2, 4, 8, 16)) {
      points.add(new ScalingPoint("depth", layers, shape(BATCH, TIME, layers, WIDTH), threads));
    }
    for (int time : List.of(32, 64, 128, 256, 512, 1024)) {
      points.add(new ScalingPoint("sequence", time, shape(TOKENS / time, time, LAYERS, WIDTH), threads));
    }
    for (int batch : List.of(1, 2, 4, 8, 16, 32)) {
      points.add(new ScalingPoint("batch", batch, shape(batch, TIME, LAYERS, WIDTH), threads));
    }
    for (int fewer = 1; fewer < threads; fewer *= 2) {
      points.add(new ScalingPoint("threads", fewer, shape(BATCH, TIME, LAYERS, WIDTH), fewer));
    }
    points.add(new ScalingPoint("threads", threads, shape(BATCH, TIME, LAYERS, WIDTH), threads));
    return points;
  }

  private static ModelShape shape(int batch, int time, int layers, int width) {
    return new ModelShape("", batch, time, layers, width / HEAD_DIM, HEAD_DIM, VOCABULARY);
  }

  /** As in the names of cases: {@code width 256}. */
  String name() {
    return axis + " " + size;
  }

  /**
   * The point of this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static ScalingPoint named(String name, int threads) {
    return all(threads).stream().filter(point -> point.name().equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no scaling point is named '%s'".formatted(name)));
  }
}
