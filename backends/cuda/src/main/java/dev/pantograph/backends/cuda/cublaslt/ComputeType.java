package dev.pantograph.backends.cuda.cublaslt;

import dev.pantograph.backends.cuda.binding.HeaderConstant;

/** How products are multiplied and summed ({@code cublasComputeType_t}). */
public enum ComputeType implements HeaderConstant {
  /** Sums in float32. */
  COMPUTE_32F(68),
  /** The same; float32 factors are first rounded to 10 bits after the binary point. */
  COMPUTE_32F_FAST_TF32(77);

  private final int code;

  ComputeType(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String header() {
    return "CUBLAS_" + name();
  }
}
