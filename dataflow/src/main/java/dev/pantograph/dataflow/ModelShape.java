package dev.pantograph.dataflow;

import java.util.List;
import java.util.Locale;

/**
 * A GPT in numbers. FLOPs are counted as in the papers on sparse pre-training (Thangarasa et al., arXiv 2303.10464): of
 * a token in the forward pass 24·layers·width² in the linear layers, 4·layers·context·width in attention, which is not
 * halved for being causal, and 2·vocabulary·width in the head; three times that in training. Sparse are the linear
 * layers alone.
 *
 * @param name as a user types it
 * @param layers number of blocks
 * @param width of the model; the feed-forward part is four times as wide
 * @param context tokens of a sequence
 * @param vocabulary tokens there are
 */
public record ModelShape(String name, int layers, int width, int context, int vocabulary) {
  private static final int GPT_CONTEXT = 2048;
  private static final int GPT_VOCABULARY = 50257;

  /** The shapes of GPT-3 (Brown et al., arXiv 2005.14165, table 2.1). Of 13B the width is 40 heads of 128. */
  public static final List<ModelShape> PUBLISHED = List.of(
      gpt("125m", 12, 768), gpt("1.3b", 24, 2048), gpt("6.7b", 32, 4096), gpt("13b", 40, 5120), gpt("175b", 96, 12288));

  private static ModelShape gpt(String name, int layers, int width) {
    return new ModelShape(name, layers, width, GPT_CONTEXT, GPT_VOCABULARY);
  }

  /**
   * A published shape.
   *
   * @throws IllegalArgumentException if none has the name
   */
  public static ModelShape named(String name) {
    return PUBLISHED.stream().filter(shape -> shape.name.equals(name.toLowerCase(Locale.ROOT))).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no model '%s' (expected: %s)"
            .formatted(name, String.join(", ", PUBLISHED.stream().map(ModelShape::name).toList()))));
  }

  /** Forward FLOPs of a token in the linear layers, were they dense. */
  public double linearFlops() {
    return 24.0 * layers * width * width;
  }

  /** Forward FLOPs of a token in attention. */
  public double attentionFlops() {
    return 4.0 * layers * context * width;
  }

  /** Forward FLOPs of a token in the head. */
  public double headFlops() {
    return 2.0 * vocabulary * width;
  }

  /** By what FLOPs are fewer at this density: {@code 1 / ((1 − f) + f·density)}, f the linear layers' share. */
  public double flopReduction(double density) {
    double rest = attentionFlops() + headFlops();
    return (linearFlops() + rest) / (linearFlops() * density + rest);
  }
}
