package dev.pantograph.backends.cuda.cudnn;

import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.GET_CUDART_VERSION;
import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.GET_ERROR_STRING;
import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.GET_LAST_ERROR_STRING;
import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.GET_VERSION;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import dev.pantograph.backends.cuda.binding.StatusText;
import dev.pantograph.backends.foreign.ForeignCallException;
import dev.pantograph.backends.foreign.SharedLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** cuDNN 9. */
public final class Cudnn {
  private static final int LAST_ERROR_BYTES = 2048;

  private static final class Handles {
    static final MethodHandle LAST_ERROR = GET_LAST_ERROR_STRING.handle();
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
}
