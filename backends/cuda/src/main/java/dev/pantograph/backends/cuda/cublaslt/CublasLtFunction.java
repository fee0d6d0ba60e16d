package dev.pantograph.backends.cuda.cublaslt;

import static dev.pantograph.backends.cuda.binding.Kind.HANDLE;
import static dev.pantograph.backends.cuda.binding.Kind.INT;
import static dev.pantograph.backends.cuda.binding.Kind.LONG;
import static dev.pantograph.backends.cuda.binding.Kind.POINTER;
import static dev.pantograph.backends.cuda.binding.Signature.returning;
import static dev.pantograph.backends.cuda.binding.Signature.status;

import dev.pantograph.backends.cuda.binding.ForeignFunction;
import dev.pantograph.backends.cuda.binding.Signature;

/** The functions of cuBLASLt ({@code cublasLt.h}) that are used, as CUDA 13 has them. */
public enum CublasLtFunction implements ForeignFunction {
  GET_VERSION(returning(LONG, "cublasLtGetVersion")),
  GET_CUDART_VERSION(returning(LONG, "cublasLtGetCudartVersion")),
  GET_STATUS_NAME(returning(POINTER, "cublasLtGetStatusName", INT)),
  GET_STATUS_STRING(returning(POINTER, "cublasLtGetStatusString", INT)),
  CREATE(status("cublasLtCreate", POINTER)),
  DESTROY(status("cublasLtDestroy", HANDLE)),
  MATMUL_DESC_CREATE(status("cublasLtMatmulDescCreate", POINTER, INT, INT)),
  MATMUL_DESC_DESTROY(status("cublasLtMatmulDescDestroy", HANDLE)),
  MATMUL_DESC_SET_ATTRIBUTE(status("cublasLtMatmulDescSetAttribute", HANDLE, INT, POINTER, LONG)),
  MATRIX_LAYOUT_CREATE(status("cublasLtMatrixLayoutCreate", POINTER, INT, LONG, LONG, LONG)),
  MATRIX_LAYOUT_DESTROY(status("cublasLtMatrixLayoutDestroy", HANDLE)),
  MATRIX_LAYOUT_SET_ATTRIBUTE(status("cublasLtMatrixLayoutSetAttribute", HANDLE, INT, POINTER, LONG)),
  MATMUL_PREFERENCE_CREATE(status("cublasLtMatmulPreferenceCreate", POINTER)),
  MATMUL_PREFERENCE_DESTROY(status("cublasLtMatmulPreferenceDestroy", HANDLE)),
  MATMUL_PREFERENCE_SET_ATTRIBUTE(status("cublasLtMatmulPreferenceSetAttribute", HANDLE, INT, POINTER, LONG)),
  MATMUL_ALGO_GET_HEURISTIC(status("cublasLtMatmulAlgoGetHeuristic",
      HANDLE, HANDLE, HANDLE, HANDLE, HANDLE, HANDLE, HANDLE, INT, POINTER, POINTER)),
  MATMUL(status("cublasLtMatmul", HANDLE, HANDLE, POINTER, HANDLE, HANDLE, HANDLE, HANDLE, POINTER, HANDLE, HANDLE,
      HANDLE, HANDLE, POINTER, HANDLE, LONG, HANDLE));

  private final Signature signature;

  CublasLtFunction(Signature signature) {
    this.signature = signature;
  }

  @Override
  public Signature signature() {
    return signature;
  }
}
