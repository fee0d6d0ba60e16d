package dev.pantograph.backends.cuda.cublaslt;

import dev.pantograph.backends.cuda.binding.HeaderConstant;

/** What is said of a product ({@code cublasLtMatmulDescAttributes_t}). */
public enum MatmulAttribute implements HeaderConstant {
  TRANSA(3),
  TRANSB(4),
  EPILOGUE(7),
  BIAS_POINTER(8),
  EPILOGUE_AUX_POINTER(11),
  EPILOGUE_AUX_LD(12),
  BIAS_DATA_TYPE(26);

  private final int code;

  MatmulAttribute(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String header() {
    return "CUBLASLT_MATMUL_DESC_" + name();
  }
}
