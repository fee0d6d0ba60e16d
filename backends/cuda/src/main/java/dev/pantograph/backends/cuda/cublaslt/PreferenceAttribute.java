package dev.pantograph.backends.cuda.cublaslt;

import dev.pantograph.backends.cuda.binding.HeaderConstant;

/** What an algorithm may count on ({@code cublasLtMatmulPreferenceAttributes_t}). */
public enum PreferenceAttribute implements HeaderConstant {
  MAX_WORKSPACE_BYTES(1),
  MIN_ALIGNMENT_A_BYTES(5),
  MIN_ALIGNMENT_B_BYTES(6),
  MIN_ALIGNMENT_C_BYTES(7),
  MIN_ALIGNMENT_D_BYTES(8);

  private final int code;

  PreferenceAttribute(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String header() {
    return "CUBLASLT_MATMUL_PREF_" + name();
  }
}
