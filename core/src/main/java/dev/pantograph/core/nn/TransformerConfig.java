package dev.pantograph.core.nn;

import dev.pantograph.core.scaling.Role;
import dev.pantograph.core.scaling.Scale;
import dev.pantograph.core.sparse.Sparsity;
import dev.pantograph.spi.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * The shape of a GPT-2-style decoder: a norm before every part of a block, causal attention, a feed-forward part, and
 * learned positions unless it says otherwise (Radford et al. 2019); with RMSNorm and SwiGLU, the blocks of Llama
 * (Touvron et al. 2023).
 *
 * @param vocabulary V, number of token kinds
 * @param context longest sequence T
 * @param layers L, number of blocks
 * @param heads H, attention heads; divides the width
 * @param width C, model width d_model
 * @param feedForward F, hidden width of the feed-forward part; with SwiGLU that of gate and up each
 * @param biases whether linear layers and layer norms have biases; RMSNorm has none
 * @param tiedHead whether the head shares the token table
 * @param normalization kind of all norms
 * @param activation of the feed-forward part
 * @param normEpsilon added to the variance, or mean square, in the norms
 * @param density ρ, share of hidden weights that are not zero for good
 * @param positions how the order of tokens is known
 * @param sparsity which weights these are and how they are held; without effect at density 1
 */
public record TransformerConfig(
    int vocabulary, int context, int layers, int heads, int width, int feedForward, boolean biases, boolean tiedHead,
    Normalization normalization, FeedForwardActivation activation, double normEpsilon, double density,
    Positions positions, Sparsity sparsity) {

  /** GPT-2's own norm epsilon. */
  public static final double NORM_EPSILON = 1e-5;

  public TransformerConfig {
    requirePositive("vocabulary", vocabulary);
    requirePositive("context", context);
    requirePositive("layers", layers);
    requirePositive("heads", heads);
    requirePositive("width", width);
    requirePositive("feedForward", feedForward);
    if (width % heads != 0) {
      throw new IllegalArgumentException(
          "model: width %d is not divisible by %d heads; choose a multiple of %d or another number of heads"
              .formatted(width, heads, heads));
    }
    if (!(density > 0 && density <= 1)) {
      throw new IllegalArgumentException("model: density is %s (expected: above 0, at most 1)".formatted(density));
    }
    if (!(normEpsilon > 0)) {
      throw new IllegalArgumentException("model: normEpsilon is %s (expected: above 0)".formatted(normEpsilon));
    }
  }

  /** With learned positions and the usual sparsity. */
  public TransformerConfig(
      int vocabulary, int context, int layers, int heads, int width, int feedForward, boolean biases, boolean tiedHead,
      Normalization normalization, FeedForwardActivation activation, double normEpsilon, double density) {
    this(vocabulary, context, layers, heads, width, feedForward, biases, tiedHead, normalization, activation,
        normEpsilon, density, Positions.LEARNED, Sparsity.defaults());
  }

  /** A dense decoder with feed-forward width 4C, no biases, tied head, exact GELU and learned positions. */
  public static TransformerConfig gpt(int vocabulary, int context, int layers, int heads, int width) {
    return new TransformerConfig(
        vocabulary, context, layers, heads, width, 4 * width, false, true, Normalization.LAYER,
        FeedForwardActivation.GELU, NORM_EPSILON, 1);
  }

  private static void requirePositive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException("model: %s is %d (expected: at least 1)".formatted(name, value));
    }
  }

  /** The same with another density. */
  public TransformerConfig density(double other) {
    return new TransformerConfig(
        vocabulary, context, layers, heads, width, feedForward, biases, tiedHead, normalization, activation,
        normEpsilon, other, positions, sparsity);
  }

  /** The same with biases or without. */
  public TransformerConfig biases(boolean other) {
    return new TransformerConfig(
        vocabulary, context, layers, heads, width, feedForward, other, tiedHead, normalization, activation,
        normEpsilon, density, positions, sparsity);
  }

  /** The same with the head tied to the token table or with one of its own. */
  public TransformerConfig tiedHead(boolean other) {
    return new TransformerConfig(
        vocabulary, context, layers, heads, width, feedForward, biases, other, normalization, activation,
        normEpsilon, density, positions, sparsity);
  }

  /** The same with another kind of norm. */
  public TransformerConfig normalization(Normalization other) {
    return new TransformerConfig(
        vocabulary, context, layers, heads, width, feedForward, biases, tiedHead, other, activation,
        normEpsilon, density, positions, sparsity);
  }

  /** The same with another activation, and the same feed-forward width. */
  public TransformerConfig activation(FeedForwardActivation other) {
    return new TransformerConfig(
        vocabulary, context, layers, heads, width, feedForward, biases, tiedHead, normalization, other,
        normEpsilon, density, positions, sparsity);
  }

  /** The same with other positions. */
  public TransformerConfig positions(Positions other) {
    return new TransformerConfig(
        vocabulary, context, layers, heads, width, feedForward, biases, tiedHead, normalization, activation,
        normEpsilon, density, other, sparsity);
  }

  /** The same with hidden weights sparse in another way. */
  public TransformerConfig sparsity(Sparsity other) {
    return new TransformerConfig(
        vocabulary, context, layers, heads, width, feedForward, biases, tiedHead, normalization, activation,
        normEpsilon, density, positions, other);
  }

  /** Rows of the first feed-forward matrix: F, or 2·F where a gate stands beside it. */
  public int feedForwardRows() {
    return activation.isGated() ? Math.multiplyExact(2, feedForward) : feedForward;
  }

  /** Shape {@code [fan-out, fan-in]} of a block's weight. */
  private Shape shape(Role role) {
    return switch (role) {
      case QUERY_KEY_VALUE -> Shape.of(3L * width, width);
      case ATTENTION_OUTPUT -> Shape.of(width, width);
      case FEED_FORWARD_IN -> Shape.of(feedForwardRows(), width);
      case FEED_FORWARD_OUT -> Shape.of(width, feedForward);
      case TOKEN_EMBEDDING, POSITION_EMBEDDING, BLOCK_BIAS, BLOCK_NORM, FINAL_NORM, UNEMBEDDING ->
          throw new IllegalArgumentException(role + " is not a weight of a block");
    };
  }

  /** The density of a block's weight of that role when all have {@code model} together. */
  public double layerDensity(Role role, double model) {
    List<Role> hidden = Arrays.stream(Role.values()).filter(Role::isHiddenWeight).toList();
    return sparsity.distribution().densities(hidden.stream().map(this::shape).toList(), model)[hidden.indexOf(role)];
  }

  /** Number of the blocks' weights, zeros included: those that can be sparse. */
  public long hiddenWeights() {
    return layers * Arrays.stream(Role.values()).filter(Role::isHiddenWeight)
        .mapToLong(role -> shape(role).elements()).sum();
  }

  /** Whether norms have a bias beside their gain. */
  boolean hasNormBiases() {
    return biases && normalization == Normalization.LAYER;
  }

  /** Head dimension D = C / H. */
  public int headDim() {
    return width / heads;
  }

  /** This model's size relative to a base. */
  public Scale relativeTo(TransformerConfig base) {
    return new Scale((double) width / base.width, (double) feedForward / base.feedForward,
        (double) layers / base.layers,
        density / base.density, headDim(), base.headDim());
  }

  /** Number of parameters without the position table, zeros included: the N of 6·N FLOPs per token. */
  public long parameters() {
    long c = width;
    long norms = (2L * layers + 1) * (hasNormBiases() ? 2 : 1) * c;
    long block = 3 * c * c + c * c + c * feedForwardRows() + c * feedForward;
    long blockBiases = biases ? 3 * c + c + feedForwardRows() + c : 0;
    long head = tiedHead ? 0 : (long) vocabulary * width;
    return (long) vocabulary * c + layers * (block + blockBiases) + norms + head;
  }

  /**
   * FLOPs of one training token, forward and backward: {@code 6·N + 12·L·C·T}. Zeros count as work; the attention term
   * is the full square, the usual convention of model FLOPs.
   */
  public long trainingFlopsPerToken(int time) {
    return 6 * parameters() + 12L * layers * width * time;
  }
}
