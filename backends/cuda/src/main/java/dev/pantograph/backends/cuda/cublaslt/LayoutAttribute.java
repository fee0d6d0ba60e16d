package dev.pantograph.backends.cuda.cublaslt;

import dev.pantograph.backends.cuda.binding.HeaderConstant;

/** What is said of a matrix ({@code cublasLtMatrixLayoutAttribute_t}) beyond type, sizes and leading dimension. */
public enum LayoutAttribute implements HeaderConstant {
  BATCH_COUNT(5),
  STRIDED_BATCH_OFFSET(6);

  private final int code;

  LayoutAttribute(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String header() {
    return "CUBLASLT_MATRIX_LAYOUT_" + name();
  }
}
