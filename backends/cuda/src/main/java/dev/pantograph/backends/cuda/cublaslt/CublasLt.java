package dev.pantograph.backends.cuda.cublaslt;

import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.CREATE;
import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.DESTROY;
import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.GET_CUDART_VERSION;
import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.GET_STATUS_NAME;
import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.GET_STATUS_STRING;
import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.GET_VERSION;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import dev.pantograph.backends.cuda.binding.StatusText;
import dev.pantograph.backends.foreign.SharedLibrary;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** Matrix products with what follows them, by cuBLASLt. */
public final class CublasLt {
  private static final class Handles {
    static final MethodHandle CREATE_HANDLE = CREATE.handle();
    static final MethodHandle DESTROY_HANDLE = DESTROY.handle();
  }

  private final BoundLibrary<CublasLtFunction> library;

  private CublasLt(BoundLibrary<CublasLtFunction> library) {
    this.library = library;
  }

  /** A library that {@link #refusal} finds nothing wrong with. */
  public static CublasLt of(SharedLibrary library) {
    StatusText name = StatusText.of(library, GET_STATUS_NAME);
    StatusText text = StatusText.of(library, GET_STATUS_STRING);
    return new CublasLt(BoundLibrary.of(
        library, CublasLtFunction.class, status -> name.text(status) + ", " + text.text(status)));
  }

  /** Why a library cannot be used; empty if it can. */
  public static Optional<String> refusal(SharedLibrary library) {
    return BoundLibrary.refusal(library, CublasLtFunction.class);
  }

  /** The same, for a device: failures name it. */
  public CublasLt on(String device) {
    return new CublasLt(library.on(device));
  }

  public SharedLibrary library() {
    return library.library();
  }

  /** 130101 for 13.1.1. */
  public long version() {
    return library.number(GET_VERSION);
  }

  /** The CUDA that it was built with: 13000 for 13.0. */
  public long cudaVersion() {
    return library.number(GET_CUDART_VERSION);
  }

  /** What products are queued with, on the device of the context that is current. */
  public long create() {
    return library.query(CREATE, (function, result) -> (int) Handles.CREATE_HANDLE.invokeExact(function, result));
  }

  public void destroy(long handle) {
    library.call(DESTROY, function -> (int) Handles.DESTROY_HANDLE.invokeExact(function, handle));
  }

  /** Describes a product, which takes no device. */
  public MatmulPlan plan(Product product) {
    return new MatmulPlan(library, product);
  }
}
