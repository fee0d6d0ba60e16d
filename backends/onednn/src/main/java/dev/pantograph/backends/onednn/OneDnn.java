package dev.pantograph.backends.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.pantograph.backends.foreign.ForeignCallException;
import dev.pantograph.backends.foreign.SharedLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The functions of oneDNN 3 (C interface, {@code dnnl.h}) that a matrix product takes. Objects of the library are
 * addresses; whoever creates one destroys it.
 */
final class OneDnn {
  /** {@code dnnl_data_type_t}. */
  static final int BF16 = 2;
  static final int F32 = 3;

  /** {@code dnnl_query_t}. */
  private static final int QUERY_IMPLEMENTATION = 8;
  static final int QUERY_SCRATCHPAD = 136;

  private static final int MAJOR = 3;
  private static final int CPU = 1;
  private static final int IN_ORDER = 1;
  private static final int USER_SCRATCHPAD = 1;
  private static final int LINEAR = 0x26;

  /** {@code DNNL_RUNTIME_…}: with which threads the library was built. */
  private static final int SEQUENTIAL = 1;
  private static final int OPENMP = 2;
  private static final int THREADPOOL = 8;

  /** {@code dnnl_version_t}: three numbers, the address of a text, two more numbers. */
  private static final long VERSION_SIZE = 32;
  private static final long VERSION_CPU_RUNTIME = 24;

  private static final String[] STATUS = {
    "success", "out of memory", "invalid arguments", "unimplemented", "last implementation reached", "runtime error"
  };

  private static final MethodHandle GIVE_ADDRESS = SharedLibrary.downcall(FunctionDescriptor.of(ADDRESS));
  private static final MethodHandle GIVE_INT = SharedLibrary.downcall(FunctionDescriptor.of(JAVA_INT));
  private static final MethodHandle TAKE_INT = SharedLibrary.downcall(FunctionDescriptor.ofVoid(JAVA_INT));
  private static final MethodHandle SIZE_OF = SharedLibrary.downcall(FunctionDescriptor.of(JAVA_LONG, ADDRESS));
  private static final MethodHandle ONE = SharedLibrary.downcall(FunctionDescriptor.of(JAVA_INT, ADDRESS));
  private static final MethodHandle TWO = SharedLibrary.downcall(FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle PLACE =
      SharedLibrary.downcall(FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle FOUR =
      SharedLibrary.downcall(FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle WITH_INT =
      SharedLibrary.downcall(FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle NEW_ENGINE =
      SharedLibrary.downcall(FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG));
  private static final MethodHandle NEW_STREAM =
      SharedLibrary.downcall(FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle NEW_LAYOUT = SharedLibrary.downcall(
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
  private static final MethodHandle APPEND_SUM =
      SharedLibrary.downcall(FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_FLOAT, JAVA_INT, JAVA_INT));
  private static final MethodHandle APPEND_ELTWISE =
      SharedLibrary.downcall(FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_FLOAT, JAVA_FLOAT));
  private static final MethodHandle NEW_MATMUL = SharedLibrary.downcall(
      FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle QUERY =
      SharedLibrary.downcall(FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle QUERY_LAYOUT =
      SharedLibrary.downcall(FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT, JAVA_INT));
  private static final MethodHandle EXECUTE =
      SharedLibrary.downcall(FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS));

  private final SharedLibrary library;
  private final MemorySegment setHandle;
  private final MemorySegment execute;
  private final MemorySegment await;
  private final Optional<MemorySegment> getOpenMpThreads;
  private final Optional<MemorySegment> setOpenMpThreads;

  /** A library that {@link #refusal} finds nothing wrong with. */
  OneDnn(SharedLibrary library) {
    this.library = library;
    this.setHandle = library.require("dnnl_memory_set_data_handle");
    this.execute = library.require("dnnl_primitive_execute");
    this.await = library.require("dnnl_stream_wait");
    boolean openMp = cpuRuntime(library) == OPENMP;
    this.getOpenMpThreads = openMp ? library.find("omp_get_max_threads") : Optional.empty();
    this.setOpenMpThreads = openMp ? library.find("omp_set_num_threads") : Optional.empty();
  }

  /** Why a library cannot be used; empty if it can. */
  static Optional<String> refusal(SharedLibrary library) {
    if (library.find("dnnl_version").isEmpty()) {
      return Optional.of("it exports no dnnl_version: not oneDNN");
    }
    int major = versionStructure(library).get(JAVA_INT, 0);
    if (major != MAJOR) {
      return Optional.of("it is oneDNN %s, whose interface is not that of version %d".formatted(
          version(library), MAJOR));
    }
    return switch (cpuRuntime(library)) {
      case SEQUENTIAL, THREADPOOL -> Optional.empty();
      case OPENMP -> library.find("omp_set_num_threads").isPresent() ? Optional.empty()
          : Optional.of("it was built with OpenMP, but omp_set_num_threads is not to be found");
      default -> Optional.of("it was built with threads that cannot be kept to one a call (TBB or SYCL); "
          + "a build with OpenMP or without threads is needed");
    };
  }

  private static MemorySegment versionStructure(SharedLibrary library) {
    try {
      return SharedLibrary.memory(
          (MemorySegment) GIVE_ADDRESS.invokeExact(library.require("dnnl_version")), VERSION_SIZE);
    } catch (Throwable e) {
      throw ForeignCallException.of("dnnl_version", e);
    }
  }

  private static int cpuRuntime(SharedLibrary library) {
    return versionStructure(library).get(JAVA_INT, VERSION_CPU_RUNTIME);
  }

  private static String version(SharedLibrary library) {
    MemorySegment numbers = versionStructure(library);
    return "%d.%d.%d".formatted(numbers.get(JAVA_INT, 0), numbers.get(JAVA_INT, 4), numbers.get(JAVA_INT, 8));
  }

  SharedLibrary library() {
    return library;
  }

  /** Version, and with what threads it was built. */
  String version() {
    return "oneDNN " + version(library) + switch (cpuRuntime(library)) {
      case OPENMP -> ", OpenMP";
      case THREADPOOL -> ", thread pool";
      default -> ", without threads";
    };
  }

  /** Which instructions it has found on this processor, as {@code dnnl_cpu_isa_t} names them. */
  String instructions() {
    int isa;
    try {
      isa = (int) GIVE_INT.invokeExact(library.require("dnnl_get_effective_cpu_isa"));
    } catch (Throwable e) {
      throw ForeignCallException.of("dnnl_get_effective_cpu_isa", e);
    }
    return switch (isa) {
      case 0x1 -> "SSE 4.1";
      case 0x3 -> "AVX";
      case 0x7 -> "AVX2";
      case 0xf, 0x1f -> "AVX2 with VNNI";
      case 0x27 -> "AVX-512";
      case 0x67 -> "AVX-512 with VNNI";
      case 0xe7 -> "AVX-512 with bfloat16";
      case 0x1ef -> "AVX10.1";
      case 0xfef, 0x1fef -> "AVX10.1 with AMX";
      default -> "0x" + Integer.toHexString(isa);
    };
  }

  /**
   * Keeps the library's calls from this thread on this thread.
   *
   * @return what to give to {@link #restoreThreads}
   */
  int useOneThread() {
    if (getOpenMpThreads.isEmpty()) {
      return 1;
    }
    try {
      int before = (int) GIVE_INT.invokeExact(getOpenMpThreads.get());
      if (before != 1) {
        TAKE_INT.invokeExact(setOpenMpThreads.orElseThrow(), 1);
      }
      return before;
    } catch (Throwable e) {
      throw ForeignCallException.of("omp_set_num_threads", e);
    }
  }

  /** The thread may be the caller's own, whose other uses of OpenMP are not ours to change. */
  void restoreThreads(int before) {
    if (before != 1) {
      try {
        TAKE_INT.invokeExact(setOpenMpThreads.orElseThrow(), before);
      } catch (Throwable e) {
        throw ForeignCallException.of("omp_set_num_threads", e);
      }
    }
  }

  MemorySegment newEngine() {
    return create("dnnl_engine_create",
        (function, result) -> (int) NEW_ENGINE.invokeExact(function, result, CPU, 0L));
  }

  MemorySegment newStream(MemorySegment engine) {
    return create("dnnl_stream_create",
        (function, result) -> (int) NEW_STREAM.invokeExact(function, result, engine, IN_ORDER));
  }

  /** How a matrix lies in memory; strides in elements. */
  MemorySegment newLayout(int type, long rows, long columns, long rowStride, long columnStride) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment sizes = arena.allocateFrom(JAVA_LONG, rows, columns);
      MemorySegment strides = arena.allocateFrom(JAVA_LONG, rowStride, columnStride);
      return create("dnnl_memory_desc_create_with_strides",
          (function, result) -> (int) NEW_LAYOUT.invokeExact(function, result, 2, sizes, type, strides));
    }
  }

  /** Bytes that memory of this layout takes. */
  long bytes(MemorySegment layout) {
    try {
      return (long) SIZE_OF.invokeExact(library.require("dnnl_memory_desc_get_size"), layout);
    } catch (Throwable e) {
      throw ForeignCallException.of("dnnl_memory_desc_get_size", e);
    }
  }

  /** Memory of this layout that lies nowhere yet. */
  MemorySegment newMemory(MemorySegment layout, MemorySegment engine) {
    return create("dnnl_memory_create", (function, result) ->
        (int) FOUR.invokeExact(function, result, layout, engine, MemorySegment.NULL));
  }

  /** Attributes: scratch memory is the caller's; what follows the sums is {@code alpha·sum + beta·old}. */
  MemorySegment newAttributes(float alpha, float beta, int type) {
    MemorySegment attributes =
        create("dnnl_primitive_attr_create", (function, result) -> (int) ONE.invokeExact(function, result));
    call("dnnl_primitive_attr_set_scratchpad_mode",
        function -> (int) WITH_INT.invokeExact(function, attributes, USER_SCRATCHPAD));
    MemorySegment operations =
        create("dnnl_post_ops_create", (function, result) -> (int) ONE.invokeExact(function, result));
    if (alpha != 1) {
      call("dnnl_post_ops_append_eltwise",
          function -> (int) APPEND_ELTWISE.invokeExact(function, operations, LINEAR, alpha, 0f));
    }
    if (beta != 0) {
      call("dnnl_post_ops_append_sum",
          function -> (int) APPEND_SUM.invokeExact(function, operations, beta, 0, type));
    }
    call("dnnl_primitive_attr_set_post_ops", function -> (int) TWO.invokeExact(function, attributes, operations));
    destroy("dnnl_post_ops_destroy", operations);
    return attributes;
  }

  /**
   * Describes a product for layouts.
   *
   * @throws ForeignCallException if the library has none on this processor
   */
  MemorySegment newMatMulDescription(
      MemorySegment engine, MemorySegment a, MemorySegment b, MemorySegment out, MemorySegment attributes) {
    return create("dnnl_matmul_primitive_desc_create", (function, result) ->
        (int) NEW_MATMUL.invokeExact(function, result, engine, a, b, MemorySegment.NULL, out, attributes));
  }

  /** By which of its kernels the library would compute what is described. */
  String implementation(MemorySegment description) {
    return SharedLibrary.string(create("dnnl_primitive_desc_query", (function, result) ->
        (int) QUERY.invokeExact(function, description, QUERY_IMPLEMENTATION, 0, result)));
  }

  /** The layout of the scratch memory of what is described; belongs to the description. */
  MemorySegment scratchLayout(MemorySegment description) {
    try {
      return (MemorySegment) QUERY_LAYOUT.invokeExact(
          library.require("dnnl_primitive_desc_query_md"), description, QUERY_SCRATCHPAD, 0);
    } catch (Throwable e) {
      throw ForeignCallException.of("dnnl_primitive_desc_query_md", e);
    }
  }

  /** What was described, ready to be executed. */
  MemorySegment newPrimitive(MemorySegment description) {
    return create("dnnl_primitive_create", (function, result) -> (int) TWO.invokeExact(function, result, description));
  }

  /** Says where memory lies. The caller sees to it that no thread releases it before what uses it has been executed. */
  void place(MemorySegment memory, long at) {
    try {
      check("dnnl_memory_set_data_handle", (int) PLACE.invokeExact(setHandle, memory, at));
    } catch (Throwable e) {
      throw ForeignCallException.of("dnnl_memory_set_data_handle", e);
    }
  }

  /** Computes, and returns when it is done. */
  void execute(MemorySegment primitive, MemorySegment stream, int count, MemorySegment arguments) {
    try {
      check("dnnl_primitive_execute", (int) EXECUTE.invokeExact(execute, primitive, stream, count, arguments));
      check("dnnl_stream_wait", (int) ONE.invokeExact(await, stream));
    } catch (Throwable e) {
      throw ForeignCallException.of("dnnl_primitive_execute", e);
    }
  }

  /** Destroys an object by the function that is meant for it. */
  void destroy(String function, MemorySegment object) {
    call(function, address -> (int) ONE.invokeExact(address, object));
  }

  /** A call of a function that returns a status. */
  private interface Call {
    int of(MemorySegment function) throws Throwable;
  }

  /** A call that also writes the address of a new object. */
  private interface Creation {
    int of(MemorySegment function, MemorySegment result) throws Throwable;
  }

  private void call(String name, Call call) {
    try {
      check(name, call.of(library.require(name)));
    } catch (Throwable e) {
      throw ForeignCallException.of(name, e);
    }
  }

  private MemorySegment create(String name, Creation creation) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(ADDRESS);
      call(name, function -> creation.of(function, result));
      return result.get(ADDRESS, 0);
    }
  }

  private static void check(String function, int status) {
    if (status != 0) {
      throw new ForeignCallException("%s: %s".formatted(
          function, status < STATUS.length ? STATUS[status] : "status " + status));
    }
  }
}
