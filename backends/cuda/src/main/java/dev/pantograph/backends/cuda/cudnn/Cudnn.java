package dev.pantograph.backends.cuda.cudnn;

import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.CREATE;
import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.DESTROY;
import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.GET_CUDART_VERSION;
import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.GET_ERROR_STRING;
import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.GET_LAST_ERROR_STRING;
import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.GET_VERSION;
import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.SET_STREAM;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import dev.pantograph.backends.cuda.binding.CudaException;
import dev.pantograph.backends.cuda.binding.StatusText;
import dev.pantograph.backends.cuda.cudnn.AttentionShape.Strides;
import dev.pantograph.backends.foreign.ForeignCallException;
import dev.pantograph.backends.foreign.SharedLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Attention, by the backend interface of cuDNN 9. */
public final class Cudnn {
  private static final int LAST_ERROR_BYTES = 2048;

  /** {@code CUDNN_STATUS_NOT_SUPPORTED}; the numbers of its reasons follow it. */
  private static final int NOT_SUPPORTED = 3000;

  private static final int STATUS_KIND = 1000;

  /** From this version on masked logits may be infinite. */
  private static final int INFINITE_MASK_VERSION = 91_000;

  private static final class Handles {
    static final MethodHandle LAST_ERROR = GET_LAST_ERROR_STRING.handle();
    static final MethodHandle CREATE_HANDLE = CREATE.handle();
    static final MethodHandle DESTROY_HANDLE = DESTROY.handle();
    static final MethodHandle SET_HANDLE_STREAM = SET_STREAM.handle();
  }

  private final BoundLibrary<CudnnFunction> library;

  private Cudnn(BoundLibrary<CudnnFunction> library) {
    this.library = library;
  }

  /** A library that {@link #refusal} finds nothing wrong with. */
  public static Cudnn of(SharedLibrary library) {
    StatusText text = StatusText.of(library, GET_ERROR_STRING);
    MemorySegment lastError = library.require(GET_LAST_ERROR_STRING.signature().symbol());
    return new Cudnn(BoundLibrary.of(library, CudnnFunction.class,
        status -> (text.text(status) + " " + lastError(lastError)).strip()));
  }

  /** What the last call on this thread that failed had to say; reading it clears it. */
  private static String lastError(MemorySegment function) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = arena.allocate(LAST_ERROR_BYTES);
      Handles.LAST_ERROR.invokeExact(function, message, (long) LAST_ERROR_BYTES);
      return message.getString(0).strip();
    } catch (Throwable e) {
      throw ForeignCallException.of(GET_LAST_ERROR_STRING.signature().symbol(), e);
    }
  }

  /** Why a library cannot be used; empty if it can. */
  public static Optional<String> refusal(SharedLibrary library) {
    return BoundLibrary.refusal(library, CudnnFunction.class);
  }

  /** The same, for a device: failures name it. */
  public Cudnn on(String device) {
    return new Cudnn(library.on(device));
  }

  public SharedLibrary library() {
    return library.library();
  }

  /** 92400 for 9.24.0. */
  public long version() {
    return library.number(GET_VERSION);
  }

  /** The CUDA that it was built with: 13000 for 13.0. */
  public long cudaVersion() {
    return library.number(GET_CUDART_VERSION);
  }

  /** What plans run with, on the device of the context that is current. Belongs to one thread. */
  public long create() {
    return library.query(CREATE, (function, result) -> (int) Handles.CREATE_HANDLE.invokeExact(function, result));
  }

  public void destroy(long handle) {
    library.call(DESTROY, function -> (int) Handles.DESTROY_HANDLE.invokeExact(function, handle));
  }

  /** Where what runs with a handle is queued. */
  public void setStream(long handle, long stream) {
    library.call(SET_STREAM, function -> (int) Handles.SET_HANDLE_STREAM.invokeExact(function, handle, stream));
  }

  /**
   * A plan for causal attention.
   *
   * @throws UnsupportedGraphException if the library has no kernel for it
   */
  public AttentionForward attention(
      CudnnTarget target, AttentionShape shape, Strides q, Strides k, Strides v, Strides out) {
    return plan(graph -> AttentionForward.plan(graph, target, shape, q, k, v, out, masked()));
  }

  /**
   * A plan for the gradient of causal attention.
   *
   * @throws UnsupportedGraphException if the library has no kernel for it
   */
  public AttentionBackward attentionGradient(
      CudnnTarget target, AttentionShape shape, AttentionBackward.Layout layout, AttentionBackward.Order order) {
    return plan(graph -> AttentionBackward.plan(graph, target, shape, layout, order, masked()));
  }

  /** A graph can be refused while it is written down, too. */
  private <T> T plan(Function<Graph, T> writing) {
    try (Graph graph = new Graph(library)) {
      return writing.apply(graph);
    } catch (CudaException e) {
      if (e.code() / STATUS_KIND == NOT_SUPPORTED / STATUS_KIND) {
        throw new UnsupportedGraphException(List.of(String.valueOf(e.getMessage())));
      }
      throw e;
    }
  }

  private float masked() {
    return version() >= INFINITE_MASK_VERSION ? Float.NEGATIVE_INFINITY : -Float.MAX_VALUE;
  }
}
