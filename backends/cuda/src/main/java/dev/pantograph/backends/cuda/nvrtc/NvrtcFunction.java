package dev.pantograph.backends.cuda.nvrtc;

import static dev.pantograph.backends.cuda.binding.Kind.HANDLE;
import static dev.pantograph.backends.cuda.binding.Kind.INT;
import static dev.pantograph.backends.cuda.binding.Kind.POINTER;
import static dev.pantograph.backends.cuda.binding.Signature.returning;
import static dev.pantograph.backends.cuda.binding.Signature.status;

import dev.pantograph.backends.cuda.binding.ForeignFunction;
import dev.pantograph.backends.cuda.binding.Signature;

/** The functions of the compiler ({@code nvrtc.h}) that are used, as CUDA 13 has them. */
public enum NvrtcFunction implements ForeignFunction {
  VERSION(status("nvrtcVersion", POINTER, POINTER)),
  GET_ERROR_STRING(returning(POINTER, "nvrtcGetErrorString", INT)),
  CREATE_PROGRAM(status("nvrtcCreateProgram", POINTER, POINTER, POINTER, INT, POINTER, POINTER)),
  COMPILE_PROGRAM(status("nvrtcCompileProgram", HANDLE, INT, POINTER)),
  DESTROY_PROGRAM(status("nvrtcDestroyProgram", POINTER)),
  GET_PROGRAM_LOG_SIZE(status("nvrtcGetProgramLogSize", HANDLE, POINTER)),
  GET_PROGRAM_LOG(status("nvrtcGetProgramLog", HANDLE, POINTER)),
  GET_CUBIN_SIZE(status("nvrtcGetCUBINSize", HANDLE, POINTER)),
  GET_CUBIN(status("nvrtcGetCUBIN", HANDLE, POINTER)),
  GET_NUM_SUPPORTED_ARCHS(status("nvrtcGetNumSupportedArchs", POINTER)),
  GET_SUPPORTED_ARCHS(status("nvrtcGetSupportedArchs", POINTER));

  private final Signature signature;

  NvrtcFunction(Signature signature) {
    this.signature = signature;
  }

  @Override
  public Signature signature() {
    return signature;
  }
}
