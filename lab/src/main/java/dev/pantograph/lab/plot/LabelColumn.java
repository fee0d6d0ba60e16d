package dev.pantograph.lab.plot;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Places labels beside what they name, one below another, moved apart where they would overlap. */
public final class LabelColumn {
  private LabelColumn() {}

  /**
   * Heights for the labels, in the order given, as near to the wanted ones as their order and spacing allow.
   *
   * @param wanted height of what each label names
   * @param spacing least distance between two labels
   * @param bottom largest height a label may take
   */
  public static double[] place(double[] wanted, double spacing, double bottom) {
    int[] order = IntStream.range(0, wanted.length).boxed().sorted(Comparator.comparingDouble(i -> wanted[i]))
        .mapToInt(Integer::intValue).toArray();
    double[] placed = Arrays.copyOf(wanted, wanted.length);
    for (int i = 1; i < order.length; i++) {
      placed[order[i]] = Math.max(placed[order[i]], placed[order[i - 1]] + spacing);
    }
    double limit = bottom;
    for (int i = order.length - 1; i >= 0; i--) {
      placed[order[i]] = Math.min(placed[order[i]], limit);
      limit = placed[order[i]] - spacing;
    }
    return placed;
  }
}
