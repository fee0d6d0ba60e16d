package dev.pantograph.backends.cuda.driver;

import static dev.pantograph.backends.cuda.driver.DriverFunction.GRAPH_DEBUG_DOT_PRINT;
import static dev.pantograph.backends.cuda.driver.DriverFunction.GRAPH_DESTROY;
import static dev.pantograph.backends.cuda.driver.DriverFunction.GRAPH_EXEC_DESTROY;
import static dev.pantograph.backends.cuda.driver.DriverFunction.GRAPH_EXEC_UPDATE;
import static dev.pantograph.backends.cuda.driver.DriverFunction.GRAPH_GET_NODES;
import static dev.pantograph.backends.cuda.driver.DriverFunction.GRAPH_INSTANTIATE_WITH_FLAGS;
import static dev.pantograph.backends.cuda.driver.DriverFunction.GRAPH_LAUNCH;
import static dev.pantograph.backends.cuda.driver.DriverFunction.GRAPH_UPLOAD;
import static dev.pantograph.backends.cuda.driver.DriverFunction.STREAM_BEGIN_CAPTURE;
import static dev.pantograph.backends.cuda.driver.DriverFunction.STREAM_END_CAPTURE;
import static dev.pantograph.backends.cuda.driver.DriverFunction.STREAM_IS_CAPTURING;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Work recorded once, made executable, and replayed by one call. */
public final class Graphs {
  /** {@code CU_STREAM_CAPTURE_MODE_THREAD_LOCAL}: other threads may do what cannot be recorded. */
  private static final int THREAD_LOCAL = 1;

  private static final int ACTIVE = 1;

  /** What {@code cuGraphExecUpdate_v2} writes: which node was in the way. */
  public static final StructLayout UPDATE_RESULT = MemoryLayout.structLayout(
      JAVA_INT.withName("result"), MemoryLayout.paddingLayout(4),
      JAVA_LONG.withName("errorNode"), JAVA_LONG.withName("errorFromNode")).withName("CUgraphExecUpdateResultInfo");

  private static final class Handles {
    static final MethodHandle BEGIN = STREAM_BEGIN_CAPTURE.handle();
    static final MethodHandle END = STREAM_END_CAPTURE.handle();
    static final MethodHandle STATE = STREAM_IS_CAPTURING.handle();
    static final MethodHandle INSTANTIATE = GRAPH_INSTANTIATE_WITH_FLAGS.handle();
    static final MethodHandle UPDATE = GRAPH_EXEC_UPDATE.handle();
    static final MethodHandle UPLOAD = GRAPH_UPLOAD.handle();
    static final MethodHandle LAUNCH = GRAPH_LAUNCH.handle();
    static final MethodHandle DESTROY_EXECUTABLE = GRAPH_EXEC_DESTROY.handle();
    static final MethodHandle DESTROY = GRAPH_DESTROY.handle();
    static final MethodHandle NODES = GRAPH_GET_NODES.handle();
    static final MethodHandle PRINT = GRAPH_DEBUG_DOT_PRINT.handle();
  }

  private final BoundLibrary<DriverFunction> library;

  Graphs(BoundLibrary<DriverFunction> library) {
    this.library = library;
  }

  /** From now on what this thread queues in a stream is recorded and not run. */
  public void beginCapture(long stream) {
    library.call(STREAM_BEGIN_CAPTURE,
        function -> (int) Handles.BEGIN.invokeExact(function, stream, THREAD_LOCAL));
  }

  /** The graph that was recorded; the same thread must end that began. */
  public long endCapture(long stream) {
    return library.query(STREAM_END_CAPTURE,
        (function, result) -> (int) Handles.END.invokeExact(function, stream, result));
  }

  /** Whether what is queued in a stream is being recorded. */
  public boolean capturing(long stream) {
    return library.queryInt(STREAM_IS_CAPTURING,
        (function, result) -> (int) Handles.STATE.invokeExact(function, stream, result)) == ACTIVE;
  }

  /** A graph that can be launched. */
  public long instantiate(long graph) {
    return library.query(GRAPH_INSTANTIATE_WITH_FLAGS,
        (function, result) -> (int) Handles.INSTANTIATE.invokeExact(function, result, graph, 0L));
  }

  /** Puts a new recording of the same shape in the place of the old; false if it is of another shape. */
  public boolean update(long executable, long graph) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(UPDATE_RESULT);
      int status = library.status(GRAPH_EXEC_UPDATE,
          function -> (int) Handles.UPDATE.invokeExact(function, executable, graph, result));
      if (status == DriverStatus.GRAPH_EXEC_UPDATE_FAILURE.code()) {
        return false;
      }
      library.check(GRAPH_EXEC_UPDATE, status);
      return true;
    }
  }

  /** Puts a graph onto the device ahead of its first launch. */
  public void upload(long executable, long stream) {
    library.call(GRAPH_UPLOAD, function -> (int) Handles.UPLOAD.invokeExact(function, executable, stream));
  }

  /** Queues all that was recorded. */
  public void launch(long executable, long stream) {
    library.call(GRAPH_LAUNCH, function -> (int) Handles.LAUNCH.invokeExact(function, executable, stream));
  }

  public void destroyExecutable(long executable) {
    Release.of(library, GRAPH_EXEC_DESTROY,
        function -> (int) Handles.DESTROY_EXECUTABLE.invokeExact(function, executable));
  }

  public void destroy(long graph) {
    Release.of(library, GRAPH_DESTROY, function -> (int) Handles.DESTROY.invokeExact(function, graph));
  }

  /** How many kernels, copies and fills were recorded. */
  public long nodes(long graph) {
    return library.query(GRAPH_GET_NODES,
        (function, result) -> (int) Handles.NODES.invokeExact(function, graph, MemorySegment.NULL, result));
  }

  /** Writes a picture of a graph, in the language of Graphviz. */
  public void print(long graph, Path file) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocateFrom(file.toString());
      library.call(GRAPH_DEBUG_DOT_PRINT,
          function -> (int) Handles.PRINT.invokeExact(function, graph, path, 0), "file", file);
    }
  }
}
