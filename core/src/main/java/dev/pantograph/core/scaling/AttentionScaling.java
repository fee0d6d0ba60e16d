package dev.pantograph.core.scaling;

/** How attention logits q·k are scaled, d_h being the head dimension. */
public enum AttentionScaling {
  /** {@code √d_h / d_h = 1/√d_h}: standard. */
  INVERSE_ROOT("√d_h/d_h") {
    @Override
    public double at(Scale scale) {
      return Math.sqrt(scale.headDim()) / scale.headDim();
    }
  },
  /** {@code √d_h,base / d_h}: µP's 1/d_h, equal to the standard at the base head dimension (TP-V, appendix B.1). */
  BASE_ROOT_OVER_DIM("√d_h,base/d_h") {
    @Override
    public double at(Scale scale) {
      return Math.sqrt(scale.baseHeadDim()) / scale.headDim();
    }
  },
  /** {@code 1 / d_h}: µP as published code has it, not equal to the standard anywhere but at d_h = 1. */
  INVERSE("1/d_h") {
    @Override
    public double at(Scale scale) {
      return 1 / scale.headDim();
    }
  };

  private final String formula;

  AttentionScaling(String formula) {
    this.formula = formula;
  }

  public String formula() {
    return formula;
  }

  /** The factor on q·k for a model of this scale. */
  public abstract double at(Scale scale);
}
