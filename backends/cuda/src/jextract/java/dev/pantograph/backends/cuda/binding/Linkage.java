package dev.pantograph.backends.cuda.binding;

import dev.pantograph.backends.cuda.cublaslt.CublasLtFunction;
import dev.pantograph.backends.cuda.cudnn.CudnnFunction;
import dev.pantograph.backends.cuda.driver.DriverFunction;
import dev.pantograph.backends.cuda.generated.cublaslt;
import dev.pantograph.backends.cuda.generated.cudnn;
import dev.pantograph.backends.cuda.generated.driver;
import dev.pantograph.backends.cuda.generated.nccl;
import dev.pantograph.backends.cuda.generated.nvrtc;
import dev.pantograph.backends.cuda.nccl.NcclFunction;
import dev.pantograph.backends.cuda.nvrtc.NvrtcFunction;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** Links functions as jextract read them in the vendor's headers: in the profile {@code jextract}, instead of the tables. */
final class Linkage {
  private static final MethodHandle TO_SEGMENT;
  private static final MethodHandle TO_ADDRESS;

  static {
    MethodHandles.Lookup lookup = MethodHandles.publicLookup();
    try {
      TO_SEGMENT = lookup.findStatic(MemorySegment.class, "ofAddress",
          MethodType.methodType(MemorySegment.class, long.class));
      TO_ADDRESS = lookup.findVirtual(MemorySegment.class, "address", MethodType.methodType(long.class));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("MemorySegment has no addresses", e);
    }
  }

  private Linkage() {}

  /**
   * See {@link ForeignFunction#handle}. Every pointer is a segment to jextract; those that are {@link Kind#HANDLE} become
   * numbers.
   */
  static MethodHandle handle(ForeignFunction function) {
    Signature row = function.signature();
    MethodType wanted = row.descriptor().toMethodType().insertParameterTypes(0, MemorySegment.class);
    MethodHandle handle = generated(function, row.symbol());
    for (int i = 0; i < wanted.parameterCount(); i++) {
      if (wanted.parameterType(i) == long.class && handle.type().parameterType(i) == MemorySegment.class) {
        handle = MethodHandles.filterArguments(handle, i, TO_SEGMENT);
      }
    }
    if (wanted.returnType() == long.class && handle.type().returnType() == MemorySegment.class) {
      handle = MethodHandles.filterReturnValue(handle, TO_ADDRESS);
    }
    if (!handle.type().equals(wanted)) {
      throw new LinkageError("%s: the table makes it %s, the header %s".formatted(row.symbol(), wanted, handle.type()));
    }
    return handle;
  }

  private static MethodHandle generated(ForeignFunction function, String symbol) {
    Class<?> header = switch (function) {
      case DriverFunction _ -> driver.class;
      case CublasLtFunction _ -> cublaslt.class;
      case CudnnFunction _ -> cudnn.class;
      case NvrtcFunction _ -> nvrtc.class;
      case NcclFunction _ -> nccl.class;
      default -> throw new LinkageError("no header was read for " + symbol);
    };
    try {
      return (MethodHandle) MethodHandles.lookup()
          .findStatic(header, symbol + "$handle", MethodType.methodType(MethodHandle.class)).invokeExact();
    } catch (Throwable e) {
      throw new LinkageError("%s is not in %s: generate the bindings again".formatted(symbol, header.getName()), e);
    }
  }
}
