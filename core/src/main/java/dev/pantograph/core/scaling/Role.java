package dev.pantograph.core.scaling;

/** What a parameter does in a transformer, as far as parameterizations tell parameters apart. */
public enum Role {
  /** Token table {@code [V, C]}; with a tied head also the unembedding. */
  TOKEN_EMBEDDING("token embedding"),
  /** Learned positions {@code [T, C]}. */
  POSITION_EMBEDDING("position embedding"),
  /** Query, key and value weights {@code [3C, C]}. */
  QUERY_KEY_VALUE("query, key, value"),
  /** Attention output projection {@code [C, C]}. */
  ATTENTION_OUTPUT("attention output"),
  /** First feed-forward matrix {@code [F, C]}, or gate and up in one, {@code [2F, C]}: the fan-in of both is C. */
  FEED_FORWARD_IN("feed-forward in"),
  /** Second feed-forward matrix {@code [C, F]}: the one whose fan-in is F. */
  FEED_FORWARD_OUT("feed-forward out"),
  /** Biases of the four hidden matrices. */
  BLOCK_BIAS("block biases"),
  /** Gains and biases of the norms inside the blocks. */
  BLOCK_NORM("block norms"),
  /** Gain and bias of the norm before the head. */
  FINAL_NORM("final norm"),
  /** Head weights {@code [V, C]} when not tied to the token table. */
  UNEMBEDDING("unembedding");

  private final String label;

  Role(String label) {
    this.label = label;
  }

  /** The role in words. */
  public String label() {
    return label;
  }

  /** Whether the parameter has two dimensions that grow with width. These, and only these, can be sparse. */
  public boolean isHiddenWeight() {
    return switch (this) {
      case QUERY_KEY_VALUE, ATTENTION_OUTPUT, FEED_FORWARD_IN, FEED_FORWARD_OUT -> true;
      case TOKEN_EMBEDDING, POSITION_EMBEDDING, BLOCK_BIAS, BLOCK_NORM, FINAL_NORM, UNEMBEDDING -> false;
    };
  }

  /** Whether the parameter is a gain or a bias: initialised to a constant and never decayed. */
  public boolean isVector() {
    return switch (this) {
      case BLOCK_BIAS, BLOCK_NORM, FINAL_NORM -> true;
      case TOKEN_EMBEDDING, POSITION_EMBEDDING, QUERY_KEY_VALUE, ATTENTION_OUTPUT, FEED_FORWARD_IN, FEED_FORWARD_OUT,
          UNEMBEDDING -> false;
    };
  }
}
