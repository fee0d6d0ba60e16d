package dev.pantograph.backends.cuda;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.View;
import java.util.List;

/**
 * Sums in two stages: partial sums of parts that the shape alone determines, then the sum of those, in order.
 */
final class Sums {
  private static final int WARP = 32;
  private static final int WARPS = 8;
  private static final int COLUMNS = WARP * Launcher.PACK;
  /** Blocks that a first stage is cut into at most: several for each multiprocessor of any device. */
  private static final long MOST_PARTS = 2048;
  private static final long LEAST_RUN = 1 << 13;
  private static final long LEAST_ROWS = 64;

  private static final int NORM_INPUTS = 128;
  private static final long NORM_RUN = 1 << 15;
  private static final int NORM_WORDS = 3;

  private final Launcher launcher;
  private final Scratch scratch;

  Sums(Launcher launcher, Scratch scratch) {
    this.launcher = launcher;
    this.scratch = scratch;
  }

  void run(Sum k) {
    long columns = k.out().elements();
    if (columns == 0) {
      return;
    }
    long rows = k.x().elements() / columns;
    DType type = k.x().type();
    long parts;
    long partials;
    if (columns == 1) {
      long run = Math.max(LEAST_RUN, Math.ceilDiv(Math.ceilDiv(rows, MOST_PARTS), LEAST_RUN) * LEAST_RUN);
      parts = Math.ceilDiv(rows, run);
      partials = scratch.of(parts * type.computed().bytes());
      launcher.begin(Source.SUM, "run_sums", type).add(partials).view(k.x()).add(rows).add(run).blocks(parts, COLUMNS);
    } else {
      long across = Math.ceilDiv(columns, COLUMNS);
      long rowsPerPart = Math.max(LEAST_ROWS, Math.ceilDiv(rows, Math.max(1, MOST_PARTS / across)));
      parts = Math.ceilDiv(rows, rowsPerPart);
      partials = scratch.of(parts * columns * type.computed().bytes());
      launcher.begin(Source.SUM, "column_sums", type)
          .add(partials).view(k.x()).add(rows).add(columns).add(rowsPerPart).grid(across, parts, 1, WARP, WARPS, 0);
    }
    fold(type, DeviceBuffer.address(k.out()), partials, k.scale(), k.accumulate(), parts, columns);
  }

  /**
   * Adds up rows of partial sums: {@code out[c] = scale·Σ partials[part, c]}, added to {@code out} if
   * {@code accumulate}.
   *
   * @param type of what was summed; the sums are of the type that is computed in
   */
  void fold(DType type, long out, long partials, double scale, boolean accumulate, long parts, long columns) {
    launcher.begin(Source.SUM, "fold_columns", type)
        .add(out).add(partials).add(scale).add(accumulate).add(parts).add(columns)
        .grid(Math.ceilDiv(columns, WARP), 1, 1, WARP, WARP, 0);
  }

  void run(SquaredNorm k) {
    List<View> inputs = k.inputs().stream().filter(input -> input.elements() > 0).toList();
    long runs = inputs.stream().mapToLong(Sums::runs).sum();
    long partials = scratch.of(runs * Double.BYTES);
    long done = 0;
    for (int first = 0; first < inputs.size(); first += NORM_INPUTS) {
      List<View> some = inputs.subList(first, Math.min(first + NORM_INPUTS, inputs.size()));
      launcher.begin(Source.SQUARED_NORM, "squared_norm", some.getFirst().type())
          .add(partials + done * Double.BYTES).beginStructure().add((long) some.size());
      long block = 0;
      for (View input : some) {
        launcher.view(input).add(input.elements()).add(block);
        block += runs(input);
      }
      launcher.endStructure((1 + NORM_INPUTS * NORM_WORDS) * Long.BYTES).blocks(block, COLUMNS);
      done += block;
    }
    fold(DType.F64, DeviceBuffer.address(k.out()), partials, 1, false, runs, 1);
  }

  private static long runs(View input) {
    return Math.ceilDiv(input.elements(), NORM_RUN);
  }
}
