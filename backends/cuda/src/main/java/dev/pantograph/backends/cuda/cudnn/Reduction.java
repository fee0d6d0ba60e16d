package dev.pantograph.backends.cuda.cudnn;

import dev.pantograph.backends.cuda.binding.HeaderConstant;

/** What becomes of the elements along an axis ({@code cudnnReduceTensorOp_t}). */
public enum Reduction implements HeaderConstant {
  ADD(0),
  MAX(3);

  private final int code;

  Reduction(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String header() {
    return "CUDNN_REDUCE_TENSOR_" + name();
  }
}
