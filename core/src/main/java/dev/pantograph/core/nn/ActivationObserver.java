package dev.pantograph.core.nn;

import dev.pantograph.core.tensor.Tensor;

/** Sees activations of a {@link Transformer} as the forward pass makes them. */
public interface ActivationObserver {

  /** Which activation. */
  enum Activation {
    /** Embeddings after their multiplier, {@code [B, T, C]}. */
    EMBEDDING("embedding"),
    /** Queries, keys and values, {@code [B, T, 3C]}. */
    QUERY_KEY_VALUE("query, key, value"),
    /** What the attention branch computes, before the branch multiplier, {@code [B, T, C]}. */
    ATTENTION_OUT("attention out"),
    /** Feed-forward pre-activations, {@code [B, T, F]}. */
    FEED_FORWARD_IN("feed-forward in"),
    /** What the feed-forward branch computes, before the branch multiplier, {@code [B, T, C]}. */
    FEED_FORWARD_OUT("feed-forward out"),
    /** The residual stream after a block, {@code [B, T, C]}. */
    RESIDUAL("residual stream"),
    /** Logits after their multiplier, {@code [B, T, V]}. */
    LOGITS("logits");

    private final String label;

    Activation(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  /**
   * Called once for each activation of each forward pass.
   *
   * @param block number of the block, from 0; −1 outside the blocks
   * @param value valid during the call only
   */
  void observe(Activation activation, int block, Tensor value);
}
