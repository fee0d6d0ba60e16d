package dev.pantograph.backends.cuda;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Norm;
import dev.pantograph.spi.NormGradient;
import dev.pantograph.spi.View;

/** Layer and RMS normalisation: a block of threads has whole rows in its registers. */
final class NormKernels {
  /** Channels of a block in which each thread keeps one pack. */
  private static final long CHANNELS = 4096;
  private static final int MOST_THREADS = 512;
  /** Parts that the rows of a gradient are cut into, each with a partial sum of its own. */
  private static final long MOST_PARTS = 512;

  private final Launcher launcher;
  private final Scratch scratch;
  private final Sums sums;

  NormKernels(Launcher launcher, Scratch scratch, Sums sums) {
    this.launcher = launcher;
    this.scratch = scratch;
    this.sums = sums;
  }

  void run(Norm k) {
    long rows = k.out().shape().rows();
    long channels = k.out().size(-1);
    KernelCode.Variant variant = variant(Source.NORM, channels, k.out().type(), k.x().type());
    launcher.begin(variant, "normalize")
        .view(k.out()).view(k.mean()).view(k.inverseStd()).view(k.x()).view(k.gain()).view(k.bias()).add(k.epsilon())
        .add(rows).add(channels).blocks(Math.min(rows, launcher.mostBlocks()), variant.threads());
  }

  void run(NormGradient k) {
    long rows = k.dx().shape().rows();
    long channels = k.dx().size(-1);
    DType type = k.x().type();
    long rowsPerPart = Math.max(1, Math.ceilDiv(rows, MOST_PARTS));
    long parts = Math.ceilDiv(rows, rowsPerPart);
    long bytes = parts * channels * type.computed().bytes();
    long gainSums = scratch.of(2 * bytes);
    long biasSums = gainSums + bytes;
    KernelCode.Variant variant =
        variant(Source.NORM_GRADIENT, channels, k.dx().type(), k.dOut().type(), type);
    launcher.begin(variant, "normalize_gradient")
        .view(k.dx()).add(k.dGain() == null ? 0 : gainSums).add(k.dBias() == null ? 0 : biasSums).view(k.dOut())
        .view(k.x()).view(k.mean()).view(k.inverseStd()).view(k.gain()).add(k.accumulate()).add(rows).add(channels)
        .add(rowsPerPart).blocks(parts, variant.threads());
    View dGain = k.dGain();
    if (dGain != null) {
      sums.fold(type, DeviceBuffer.address(dGain), gainSums, 1, true, parts, channels);
    }
    View dBias = k.dBias();
    if (dBias != null) {
      sums.fold(type, DeviceBuffer.address(dBias), biasSums, 1, true, parts, channels);
    }
  }

  private static KernelCode.Variant variant(Source source, long channels, DType... types) {
    int packs = (int) Math.max(1, Math.ceilDiv(channels, CHANNELS));
    int threads = Launcher.warps(Math.ceilDiv(channels, (long) Launcher.PACK * packs), MOST_THREADS);
    return KernelCode.Variant.of(source, types).inRegisters(threads, packs);
  }
}
