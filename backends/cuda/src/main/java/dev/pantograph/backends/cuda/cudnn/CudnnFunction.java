package dev.pantograph.backends.cuda.cudnn;

import static dev.pantograph.backends.cuda.binding.Kind.HANDLE;
import static dev.pantograph.backends.cuda.binding.Kind.INT;
import static dev.pantograph.backends.cuda.binding.Kind.LONG;
import static dev.pantograph.backends.cuda.binding.Kind.NOTHING;
import static dev.pantograph.backends.cuda.binding.Kind.POINTER;
import static dev.pantograph.backends.cuda.binding.Signature.returning;
import static dev.pantograph.backends.cuda.binding.Signature.status;

import dev.pantograph.backends.cuda.binding.ForeignFunction;
import dev.pantograph.backends.cuda.binding.Signature;

/** The functions of the backend interface of cuDNN 9 ({@code cudnn_graph.h}) that are used. */
public enum CudnnFunction implements ForeignFunction {
  GET_VERSION(returning(LONG, "cudnnGetVersion")),
  GET_CUDART_VERSION(returning(LONG, "cudnnGetCudartVersion")),
  GET_ERROR_STRING(returning(POINTER, "cudnnGetErrorString", INT)),
  GET_LAST_ERROR_STRING(returning(NOTHING, "cudnnGetLastErrorString", POINTER, LONG)),
  CREATE(status("cudnnCreate", POINTER)),
  DESTROY(status("cudnnDestroy", HANDLE)),
  SET_STREAM(status("cudnnSetStream", HANDLE, HANDLE)),
  BACKEND_CREATE_DESCRIPTOR(status("cudnnBackendCreateDescriptor", INT, POINTER)),
  BACKEND_DESTROY_DESCRIPTOR(status("cudnnBackendDestroyDescriptor", HANDLE)),
  BACKEND_SET_ATTRIBUTE(status("cudnnBackendSetAttribute", HANDLE, INT, INT, LONG, POINTER)),
  BACKEND_GET_ATTRIBUTE(status("cudnnBackendGetAttribute", HANDLE, INT, INT, LONG, POINTER, POINTER)),
  BACKEND_FINALIZE(status("cudnnBackendFinalize", HANDLE)),
  BACKEND_EXECUTE(status("cudnnBackendExecute", HANDLE, HANDLE, HANDLE));

  private final Signature signature;

  CudnnFunction(Signature signature) {
    this.signature = signature;
  }

  @Override
  public Signature signature() {
    return signature;
  }
}
