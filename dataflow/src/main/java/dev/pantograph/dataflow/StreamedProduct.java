package dev.pantograph.dataflow;

import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.Prediction.Bound;

/**
 * The time of one product of tokens with a weight that is streamed to the wafer, or of the gradient that is streamed
 * back. With n tokens, a weight {@code [outputs, inputs]} of z non-zeros, and the cores as f blocks of inputs times t
 * slices of tokens, a core has {@code n/t} tokens and
 *
 * <pre>
 *   arithmetic  S·(n/t)·2 / core FLOP/s         S = Σ_w max_b n(w, b), see {@link Occupancy#slowest}
 *   memory      S·(n/t)·bytes of a multiply-add / core bytes/s
 *   fabric      max(S·bytes of a weight, outputs·(n/t)·bytes of a sum) / bytes/s between neighbours
 *   link        z·bytes of a weight / link bytes/s
 *   seconds     max of these + the time to cross the wafer
 * </pre>
 *
 * <p>Where the activations do not fit at once, there are several passes, and weights come and the wafer is crossed once
 * for each. Of all f, the one that is fastest for a mask of this density is taken. See {@code docs/wafer.md}.
 *
 * @param seconds all
 * @param bound what most of it is spent on
 * @param blocks f, into which the inputs are cut
 * @param slices t, into which the tokens are cut
 * @param passes times the weight is streamed
 * @param compute the arithmetic, if every core of the wafer had the same share of it
 * @param waiting what it takes longer, because blocks differ and cores are left over
 * @param memory reading and writing the cores' memories
 * @param fabric weights and sums on their way between cores
 * @param link the weight on its way to the wafer, or its gradient from it
 * @param fill crossing the wafer
 */
public record StreamedProduct(double seconds, Bound bound, long blocks, long slices, long passes, double compute,
    double waiting, double memory, double fabric, double link, double fill) {

  /** What crosses the link. */
  public enum Stream {
    /** The weight, values and indices: forward pass and gradient of the input. */
    WEIGHT,
    /** Its gradient: values only, as their places are known. Activations go from core to core, sums along slices. */
    GRADIENT
  }

  /**
   * The time of a product.
   *
   * @param tokens rows of the activations
   * @throws KernelException if the activations of a single token do not fit
   */
  public static StreamedProduct of(Wafer wafer, Occupancy weight, double tokens, Stream stream) {
    Occupancy guess = weight.atRandom();
    long most = Math.min(weight.inputs(), wafer.coreCount());
    StreamedProduct best = null;
    for (long length = 1; best == null || best.blocks > 1 && length < 2 * weight.inputs(); length = longer(length)) {
      long blocks = Math.clamp(Math.ceilDiv(weight.inputs(), length), 1, most);
      StreamedProduct candidate = of(wafer, guess, tokens, stream, blocks);
      best = best == null || candidate.seconds < best.seconds ? candidate : best;
    }
    if (best.seconds == Double.POSITIVE_INFINITY) {
      throw new KernelException(
          "weight [%d, %d]: the activations of one token do not fit the %.3g bytes that '%s' has for them"
              .formatted(weight.outputs(), weight.inputs(), wafer.activationBytes(), wafer.name()));
    }
    return of(wafer, weight, tokens, stream, best.blocks);
  }

  /** Powers of two and the lengths halfway between them: around its least value the time is flat. */
  private static long longer(long length) {
    return length == 1 ? 2 : Long.bitCount(length) == 1 ? length / 2 * 3 : length / 3 * 4;
  }

  private static StreamedProduct of(Wafer wafer, Occupancy weight, double tokens, Stream stream, long blocks) {
    long slices = Math.clamp((long) Math.ceil(tokens), 1, wafer.coreCount() / blocks);
    double tokensOfCore = Math.ceil(tokens / slices);
    double valueBytes = wafer.weights().valueBytes().value();
    double needed = (Math.ceilDiv(weight.inputs(), blocks) + Math.ceilDiv(weight.outputs(), blocks)) * tokensOfCore
        * valueBytes;
    double passes = Math.max(1, Math.ceil(needed * wafer.coreCount() / wafer.activationBytes()));

    double sumBytes = wafer.fabric().sumBytes().value();
    double sumsThatFit = wafer.sumBytesOfCore() / (Math.ceil(tokensOfCore / passes) * sumBytes);
    double slowest = weight.slowest(blocks, (long) Math.clamp(sumsThatFit, 1, wafer.fabric().rowsInFlight().value()));
    double work = slowest * tokensOfCore * 2 / wafer.coreFlopsPerSecond();
    double compute = weight.nonZeros() * tokens * 2 / wafer.flopsPerSecond();
    double memory =
        slowest * tokensOfCore * wafer.memory().bytesPerMultiplyAdd().value() / wafer.coreMemoryBytesPerSecond();
    double indexBytes = weight.density() < 1 ? wafer.weights().indexBytes().value() : 0;
    boolean isWeight = stream == Stream.WEIGHT;
    double alongSlices = slowest * (isWeight ? valueBytes + indexBytes : sumBytes) * passes;
    double alongBlocks = blocks == 1 ? 0 : weight.outputs() * tokensOfCore * (isWeight ? sumBytes : valueBytes);
    double fabric = Math.max(alongSlices, alongBlocks) / wafer.hopBytesPerSecond();
    double link = weight.nonZeros() * (valueBytes + (isWeight ? indexBytes : 0)) * passes
        / wafer.weights().bytesPerSecond().value();
    double fill = wafer.crossingSeconds() * passes;

    double longest = Math.max(Math.max(work, memory), Math.max(fabric, link));
    double seconds = passes > tokensOfCore ? Double.POSITIVE_INFINITY : longest + fill;
    Bound bound = bound(longest, compute, work, memory, fabric, link, fill, passes);
    return new StreamedProduct(seconds, bound, blocks, slices, (long) passes, compute, work - compute, memory, fabric,
        link, fill);
  }

  private static Bound bound(double longest, double compute, double work, double memory, double fabric, double link,
      double fill, double passes) {
    if (fill > longest) {
      return Bound.FILL;
    }
    if (link == longest) {
      return link / passes < Math.max(work, Math.max(memory, fabric)) ? Bound.MEMORY : Bound.LINK;
    }
    if (fabric == longest) {
      return Bound.FABRIC;
    }
    if (work > 2 * compute) {
      return Bound.IMBALANCE;
    }
    return memory > work * (1 + 1e-9) ? Bound.MEMORY : Bound.COMPUTE;
  }

  /** Share of the wafer's arithmetic that is used. */
  public double utilisation() {
    return compute / seconds;
  }
}
