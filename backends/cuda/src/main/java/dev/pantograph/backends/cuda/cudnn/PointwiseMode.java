package dev.pantograph.backends.cuda.cudnn;

import dev.pantograph.backends.cuda.binding.HeaderConstant;

/** Functions of one element, or of elements at the same place of several tensors ({@code cudnnPointwiseMode_t}). */
public enum PointwiseMode implements HeaderConstant {
  ADD(0),
  MUL(1),
  DIV(6),
  SUB(9),
  EXP(13),
  LOG(15),
  IDENTITY(21),
  /** Whether the first is at least the second. */
  CMP_GE(303),
  /** The place along an axis. */
  GEN_INDEX(501),
  /** The first where the third is true, else the second. */
  BINARY_SELECT(601);

  private final int code;

  PointwiseMode(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String header() {
    return "CUDNN_POINTWISE_" + name();
  }
}
