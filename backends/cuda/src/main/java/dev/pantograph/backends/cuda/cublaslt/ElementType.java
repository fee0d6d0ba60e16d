package dev.pantograph.backends.cuda.cublaslt;

import dev.pantograph.backends.cuda.binding.HeaderConstant;

/** Types of elements ({@code cudaDataType_t}). */
public enum ElementType implements HeaderConstant {
  R_32F(0),
  R_16BF(14),
  R_8F_E4M3(28),
  R_8F_E5M2(29);

  private final int code;

  ElementType(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String header() {
    return "CUDA_" + name();
  }
}
