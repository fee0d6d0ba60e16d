package dev.pantograph.backends.cuda.nccl;

import static dev.pantograph.backends.cuda.binding.Kind.HANDLE;
import static dev.pantograph.backends.cuda.binding.Kind.INT;
import static dev.pantograph.backends.cuda.binding.Kind.LONG;
import static dev.pantograph.backends.cuda.binding.Kind.POINTER;
import static dev.pantograph.backends.cuda.binding.Kind.UNIQUE_ID;
import static dev.pantograph.backends.cuda.binding.Signature.returning;
import static dev.pantograph.backends.cuda.binding.Signature.status;

import dev.pantograph.backends.cuda.binding.ForeignFunction;
import dev.pantograph.backends.cuda.binding.Signature;

/** The functions of NCCL 2 ({@code nccl.h}) that training on several devices takes: declared, not yet called. */
public enum NcclFunction implements ForeignFunction {
  GET_VERSION(status("ncclGetVersion", POINTER)),
  GET_ERROR_STRING(returning(POINTER, "ncclGetErrorString", INT)),
  GET_LAST_ERROR(returning(POINTER, "ncclGetLastError", HANDLE)),
  GET_UNIQUE_ID(status("ncclGetUniqueId", POINTER)),
  COMM_INIT_RANK(status("ncclCommInitRank", POINTER, INT, UNIQUE_ID, INT)),
  COMM_FINALIZE(status("ncclCommFinalize", HANDLE)),
  COMM_DESTROY(status("ncclCommDestroy", HANDLE)),
  COMM_ABORT(status("ncclCommAbort", HANDLE)),
  COMM_GET_ASYNC_ERROR(status("ncclCommGetAsyncError", HANDLE, POINTER)),
  COMM_COUNT(status("ncclCommCount", HANDLE, POINTER)),
  COMM_USER_RANK(status("ncclCommUserRank", HANDLE, POINTER)),
  GROUP_START(status("ncclGroupStart")),
  GROUP_END(status("ncclGroupEnd")),
  ALL_REDUCE(status("ncclAllReduce", HANDLE, HANDLE, LONG, INT, INT, HANDLE, HANDLE)),
  REDUCE_SCATTER(status("ncclReduceScatter", HANDLE, HANDLE, LONG, INT, INT, HANDLE, HANDLE)),
  ALL_GATHER(status("ncclAllGather", HANDLE, HANDLE, LONG, INT, HANDLE, HANDLE)),
  BROADCAST(status("ncclBroadcast", HANDLE, HANDLE, LONG, INT, INT, HANDLE, HANDLE)),
  SEND(status("ncclSend", HANDLE, LONG, INT, INT, HANDLE, HANDLE)),
  RECV(status("ncclRecv", HANDLE, LONG, INT, INT, HANDLE, HANDLE)),
  MEM_ALLOC(status("ncclMemAlloc", POINTER, LONG)),
  MEM_FREE(status("ncclMemFree", HANDLE)),
  COMM_REGISTER(status("ncclCommRegister", HANDLE, HANDLE, LONG, POINTER)),
  COMM_DEREGISTER(status("ncclCommDeregister", HANDLE, HANDLE));

  private final Signature signature;

  NcclFunction(Signature signature) {
    this.signature = signature;
  }

  @Override
  public Signature signature() {
    return signature;
  }
}
