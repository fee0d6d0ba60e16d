package dev.pantograph.backends.cuda.driver;

import dev.pantograph.backends.cuda.binding.HeaderConstant;

/** The results of the driver API ({@code CUresult}) that mean something particular here. */
public enum DriverStatus implements HeaderConstant {
  OUT_OF_MEMORY(2),
  NOT_INITIALIZED(3),
  /** The driver is being torn down with the process: what was to be freed is. */
  DEINITIALIZED(4),
  /** The library is the one that programs are linked with, not a driver. */
  STUB_LIBRARY(34),
  NO_DEVICE(100),
  INVALID_DEVICE(101),
  /** Not yet done: no failure. */
  NOT_READY(600),
  ILLEGAL_ADDRESS(700),
  LAUNCH_OUT_OF_RESOURCES(701),
  LAUNCH_TIMEOUT(702),
  ASSERT(710),
  HARDWARE_STACK_ERROR(714),
  ILLEGAL_INSTRUCTION(715),
  MISALIGNED_ADDRESS(716),
  INVALID_ADDRESS_SPACE(717),
  INVALID_PC(718),
  LAUNCH_FAILED(719),
  /** The library is older or newer than the driver in the kernel. */
  SYSTEM_DRIVER_MISMATCH(803),
  /** A graph that was recorded again is of another shape. */
  GRAPH_EXEC_UPDATE_FAILURE(910);

  private final int code;

  DriverStatus(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String header() {
    return "CUDA_ERROR_" + name();
  }

  /** Whether a context that has met this status meets it for ever. */
  static boolean fatal(int status) {
    return status == ILLEGAL_ADDRESS.code || status == LAUNCH_TIMEOUT.code
        || (status >= ASSERT.code && status <= LAUNCH_FAILED.code);
  }
}
