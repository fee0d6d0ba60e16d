package dev.pantograph.backends.cuda.cudnn;

import dev.pantograph.backends.cuda.binding.HeaderConstant;

/** Types of elements ({@code cudnnDataType_t}). */
public enum TensorType implements HeaderConstant {
  FLOAT(0),
  HALF(2),
  INT32(4),
  BFLOAT16(9),
  BOOLEAN(11);

  private final int code;

  TensorType(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String header() {
    return "CUDNN_DATA_" + name();
  }
}
