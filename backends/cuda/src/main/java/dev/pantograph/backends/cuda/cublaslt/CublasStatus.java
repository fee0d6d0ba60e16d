package dev.pantograph.backends.cuda.cublaslt;

import dev.pantograph.backends.cuda.binding.HeaderConstant;

/** Statuses ({@code cublasStatus_t}) that mean something particular here. */
public enum CublasStatus implements HeaderConstant {
  /** The library has no device to work on. */
  NOT_INITIALIZED(1),
  INVALID_VALUE(7),
  /** There is no algorithm for what was asked. */
  NOT_SUPPORTED(15);

  private final int code;

  CublasStatus(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String header() {
    return "CUBLAS_STATUS_" + name();
  }
}
