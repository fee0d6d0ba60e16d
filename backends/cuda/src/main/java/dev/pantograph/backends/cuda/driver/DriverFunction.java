package dev.pantograph.backends.cuda.driver;

import static dev.pantograph.backends.cuda.binding.Kind.BYTE;
import static dev.pantograph.backends.cuda.binding.Kind.HANDLE;
import static dev.pantograph.backends.cuda.binding.Kind.INT;
import static dev.pantograph.backends.cuda.binding.Kind.LONG;
import static dev.pantograph.backends.cuda.binding.Kind.POINTER;
import static dev.pantograph.backends.cuda.binding.Kind.SHORT;

import dev.pantograph.backends.cuda.binding.ForeignFunction;
import dev.pantograph.backends.cuda.binding.Kind;
import dev.pantograph.backends.cuda.binding.Signature;

/** The functions of the driver API ({@code cuda.h}) that are used, as CUDA 13 has them. */
public enum DriverFunction implements ForeignFunction {
  INIT("cuInit", INT),
  DRIVER_GET_VERSION("cuDriverGetVersion", POINTER),
  GET_ERROR_NAME("cuGetErrorName", INT, POINTER),
  GET_ERROR_STRING("cuGetErrorString", INT, POINTER),

  DEVICE_GET_COUNT("cuDeviceGetCount", POINTER),
  DEVICE_GET("cuDeviceGet", POINTER, INT),
  DEVICE_GET_NAME("cuDeviceGetName", POINTER, INT, INT),
  DEVICE_GET_UUID("cuDeviceGetUuid_v2", POINTER, INT),
  DEVICE_GET_ATTRIBUTE("cuDeviceGetAttribute", POINTER, INT, INT),
  DEVICE_TOTAL_MEM("cuDeviceTotalMem_v2", POINTER, INT),

  DEVICE_PRIMARY_CTX_SET_FLAGS("cuDevicePrimaryCtxSetFlags_v2", INT, INT),
  DEVICE_PRIMARY_CTX_RETAIN("cuDevicePrimaryCtxRetain", POINTER, INT),
  DEVICE_PRIMARY_CTX_RELEASE("cuDevicePrimaryCtxRelease_v2", INT),
  CTX_SET_CURRENT("cuCtxSetCurrent", HANDLE),
  CTX_GET_CURRENT("cuCtxGetCurrent", POINTER),
  CTX_SYNCHRONIZE("cuCtxSynchronize"),
  CTX_GET_STREAM_PRIORITY_RANGE("cuCtxGetStreamPriorityRange", POINTER, POINTER),

  MEM_GET_INFO("cuMemGetInfo_v2", POINTER, POINTER),
  MEM_ALLOC("cuMemAlloc_v2", POINTER, LONG),
  MEM_FREE("cuMemFree_v2", LONG),
  MEM_ALLOC_ASYNC("cuMemAllocAsync", POINTER, LONG, HANDLE),
  MEM_FREE_ASYNC("cuMemFreeAsync", LONG, HANDLE),
  DEVICE_GET_DEFAULT_MEM_POOL("cuDeviceGetDefaultMemPool", POINTER, INT),
  MEM_POOL_SET_ATTRIBUTE("cuMemPoolSetAttribute", HANDLE, INT, POINTER),
  MEM_HOST_ALLOC("cuMemHostAlloc", POINTER, LONG, INT),
  MEM_FREE_HOST("cuMemFreeHost", POINTER),
  MEM_HOST_REGISTER("cuMemHostRegister_v2", POINTER, LONG, INT),
  MEM_HOST_UNREGISTER("cuMemHostUnregister", POINTER),
  MEMCPY_H_TO_D("cuMemcpyHtoD_v2", LONG, POINTER, LONG),
  MEMCPY_D_TO_H("cuMemcpyDtoH_v2", POINTER, LONG, LONG),
  MEMCPY_H_TO_D_ASYNC("cuMemcpyHtoDAsync_v2", LONG, POINTER, LONG, HANDLE),
  MEMCPY_D_TO_H_ASYNC("cuMemcpyDtoHAsync_v2", POINTER, LONG, LONG, HANDLE),
  MEMCPY_D_TO_D_ASYNC("cuMemcpyDtoDAsync_v2", LONG, LONG, LONG, HANDLE),
  MEMSET_D8_ASYNC("cuMemsetD8Async", LONG, BYTE, LONG, HANDLE),
  MEMSET_D16_ASYNC("cuMemsetD16Async", LONG, SHORT, LONG, HANDLE),
  MEMSET_D32_ASYNC("cuMemsetD32Async", LONG, INT, LONG, HANDLE),

  STREAM_CREATE_WITH_PRIORITY("cuStreamCreateWithPriority", POINTER, INT, INT),
  STREAM_DESTROY("cuStreamDestroy_v2", HANDLE),
  STREAM_SYNCHRONIZE("cuStreamSynchronize", HANDLE),
  STREAM_QUERY("cuStreamQuery", HANDLE),
  STREAM_WAIT_EVENT("cuStreamWaitEvent", HANDLE, HANDLE, INT),
  EVENT_CREATE("cuEventCreate", POINTER, INT),
  EVENT_DESTROY("cuEventDestroy_v2", HANDLE),
  EVENT_RECORD("cuEventRecord", HANDLE, HANDLE),
  EVENT_SYNCHRONIZE("cuEventSynchronize", HANDLE),
  EVENT_QUERY("cuEventQuery", HANDLE),
  EVENT_ELAPSED_TIME("cuEventElapsedTime_v2", POINTER, HANDLE, HANDLE),

  MODULE_LOAD_DATA("cuModuleLoadData", POINTER, POINTER),
  MODULE_UNLOAD("cuModuleUnload", HANDLE),
  MODULE_GET_FUNCTION("cuModuleGetFunction", POINTER, HANDLE, POINTER),
  FUNC_LOAD("cuFuncLoad", HANDLE),
  FUNC_SET_ATTRIBUTE("cuFuncSetAttribute", HANDLE, INT, INT),
  FUNC_GET_ATTRIBUTE("cuFuncGetAttribute", POINTER, INT, HANDLE),
  OCCUPANCY_MAX_ACTIVE_BLOCKS("cuOccupancyMaxActiveBlocksPerMultiprocessor", POINTER, HANDLE, INT, LONG),
  LAUNCH_KERNEL("cuLaunchKernel", HANDLE, INT, INT, INT, INT, INT, INT, INT, HANDLE, POINTER, POINTER),
  LAUNCH_COOPERATIVE_KERNEL("cuLaunchCooperativeKernel", HANDLE, INT, INT, INT, INT, INT, INT, INT, HANDLE, POINTER),

  STREAM_BEGIN_CAPTURE("cuStreamBeginCapture_v2", HANDLE, INT),
  STREAM_END_CAPTURE("cuStreamEndCapture", HANDLE, POINTER),
  STREAM_IS_CAPTURING("cuStreamIsCapturing", HANDLE, POINTER),
  GRAPH_INSTANTIATE_WITH_FLAGS("cuGraphInstantiateWithFlags", POINTER, HANDLE, LONG),
  GRAPH_EXEC_UPDATE("cuGraphExecUpdate_v2", HANDLE, HANDLE, POINTER),
  GRAPH_UPLOAD("cuGraphUpload", HANDLE, HANDLE),
  GRAPH_LAUNCH("cuGraphLaunch", HANDLE, HANDLE),
  GRAPH_EXEC_DESTROY("cuGraphExecDestroy", HANDLE),
  GRAPH_DESTROY("cuGraphDestroy", HANDLE),
  GRAPH_GET_NODES("cuGraphGetNodes", HANDLE, POINTER, POINTER),
  GRAPH_DEBUG_DOT_PRINT("cuGraphDebugDotPrint", HANDLE, POINTER, INT);

  private final Signature signature;

  DriverFunction(String symbol, Kind... parameters) {
    this.signature = Signature.status(symbol, parameters);
  }

  @Override
  public Signature signature() {
    return signature;
  }
}
