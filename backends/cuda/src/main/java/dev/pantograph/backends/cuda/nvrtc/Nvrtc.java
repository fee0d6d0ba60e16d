package dev.pantograph.backends.cuda.nvrtc;

import static dev.pantograph.backends.cuda.nvrtc.NvrtcFunction.COMPILE_PROGRAM;
import static dev.pantograph.backends.cuda.nvrtc.NvrtcFunction.CREATE_PROGRAM;
import static dev.pantograph.backends.cuda.nvrtc.NvrtcFunction.DESTROY_PROGRAM;
import static dev.pantograph.backends.cuda.nvrtc.NvrtcFunction.GET_CUBIN;
import static dev.pantograph.backends.cuda.nvrtc.NvrtcFunction.GET_CUBIN_SIZE;
import static dev.pantograph.backends.cuda.nvrtc.NvrtcFunction.GET_ERROR_STRING;
import static dev.pantograph.backends.cuda.nvrtc.NvrtcFunction.GET_NUM_SUPPORTED_ARCHS;
import static dev.pantograph.backends.cuda.nvrtc.NvrtcFunction.GET_PROGRAM_LOG;
import static dev.pantograph.backends.cuda.nvrtc.NvrtcFunction.GET_PROGRAM_LOG_SIZE;
import static dev.pantograph.backends.cuda.nvrtc.NvrtcFunction.GET_SUPPORTED_ARCHS;
import static dev.pantograph.backends.cuda.nvrtc.NvrtcFunction.VERSION;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import dev.pantograph.backends.cuda.binding.StatusText;
import dev.pantograph.backends.foreign.SharedLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The compiler of CUDA C++. It needs no device. */
public final class Nvrtc {
  /** {@code NVRTC_ERROR_COMPILATION}. */
  private static final int NOT_COMPILED = 6;

  private static final class Handles {
    static final MethodHandle GET_VERSION = VERSION.handle();
    static final MethodHandle CREATE = CREATE_PROGRAM.handle();
    static final MethodHandle COMPILE = COMPILE_PROGRAM.handle();
    static final MethodHandle DESTROY = DESTROY_PROGRAM.handle();
    static final MethodHandle LOG_SIZE = GET_PROGRAM_LOG_SIZE.handle();
    static final MethodHandle LOG = GET_PROGRAM_LOG.handle();
    static final MethodHandle CUBIN_SIZE = GET_CUBIN_SIZE.handle();
    static final MethodHandle CUBIN = GET_CUBIN.handle();
    static final MethodHandle ARCHITECTURES_SIZE = GET_NUM_SUPPORTED_ARCHS.handle();
    static final MethodHandle ARCHITECTURES = GET_SUPPORTED_ARCHS.handle();
  }

  private final BoundLibrary<NvrtcFunction> library;

  private Nvrtc(BoundLibrary<NvrtcFunction> library) {
    this.library = library;
  }

  /** A library that {@link #refusal} finds nothing wrong with. */
  public static Nvrtc of(SharedLibrary library) {
    StatusText text = StatusText.of(library, GET_ERROR_STRING);
    return new Nvrtc(BoundLibrary.of(library, NvrtcFunction.class, text::text));
  }

  /** Why a library cannot be used; empty if it can. */
  public static Optional<String> refusal(SharedLibrary library) {
    return BoundLibrary.refusal(library, NvrtcFunction.class);
  }

  public SharedLibrary library() {
    return library.library();
  }

  /** 13000 for 13.0, as the other libraries count. */
  public long version() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment major = arena.allocate(JAVA_INT);
      MemorySegment minor = arena.allocate(JAVA_INT);
      library.call(VERSION, function -> (int) Handles.GET_VERSION.invokeExact(function, major, minor));
      return 1000L * major.get(JAVA_INT, 0) + 10 * minor.get(JAVA_INT, 0);
    }
  }

  /** The architectures it compiles for, ascending: 90 for {@code sm_90}. */
  public List<Integer> architectures() {
    int count = library.queryInt(GET_NUM_SUPPORTED_ARCHS,
        (function, result) -> (int) Handles.ARCHITECTURES_SIZE.invokeExact(function, result));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = arena.allocate(JAVA_INT, count);
      library.call(GET_SUPPORTED_ARCHS, function -> (int) Handles.ARCHITECTURES.invokeExact(function, found));
      return Arrays.stream(found.toArray(JAVA_INT)).boxed().toList();
    }
  }

  /**
   * Compiles. Any number of threads may, at once.
   *
   * @param options the compiler's, such as {@code --gpu-architecture=sm_90a}
   * @throws CudaCompileException if the source is wrong
   * @throws dev.pantograph.backends.cuda.binding.CudaException if an option is, or the compiler fails
   */
  public CompiledSource compile(CudaSource source, List<String> options) {
    try (Arena arena = Arena.ofConfined()) {
      long program = create(source, arena);
      try {
        MemorySegment array = strings(options, arena);
        int status = library.status(COMPILE_PROGRAM,
            function -> (int) Handles.COMPILE.invokeExact(function, program, options.size(), array));
        String log = new String(bytes(program, GET_PROGRAM_LOG_SIZE, Handles.LOG_SIZE, GET_PROGRAM_LOG, Handles.LOG),
            StandardCharsets.UTF_8).replace("\0", "").strip();
        if (status == NOT_COMPILED) {
          throw new CudaCompileException("%s does not compile with %s:%n%s".formatted(
              source.name(), String.join(" ", options), log));
        }
        library.check(COMPILE_PROGRAM, status, "source", source.name(), "options", options, "log", log);
        return new CompiledSource(
            bytes(program, GET_CUBIN_SIZE, Handles.CUBIN_SIZE, GET_CUBIN, Handles.CUBIN), log);
      } finally {
        MemorySegment pointer = arena.allocateFrom(JAVA_LONG, program);
        library.call(DESTROY_PROGRAM, function -> (int) Handles.DESTROY.invokeExact(function, pointer));
      }
    }
  }

  private long create(CudaSource source, Arena arena) {
    MemorySegment text = arena.allocateFrom(source.text());
    MemorySegment name = arena.allocateFrom(source.name());
    MemorySegment headers = strings(source.headers().values(), arena);
    MemorySegment names = strings(source.headers().keySet(), arena);
    int count = source.headers().size();
    return library.query(CREATE_PROGRAM,
        (function, result) -> (int) Handles.CREATE.invokeExact(function, result, text, name, count, headers, names),
        "source", source.name());
  }

  /** Two functions that belong together: one says how many bytes, the other writes them. */
  private byte[] bytes(
      long program, NvrtcFunction size, MethodHandle sizeHandle, NvrtcFunction content, MethodHandle contentHandle) {
    long count = library.query(size, (function, result) -> (int) sizeHandle.invokeExact(function, program, result));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(count);
      library.call(content, function -> (int) contentHandle.invokeExact(function, program, result));
      return result.toArray(JAVA_BYTE);
    }
  }

  private static MemorySegment strings(Collection<String> strings, Arena arena) {
    MemorySegment array = arena.allocate(ADDRESS, strings.size());
    int i = 0;
    for (String string : strings) {
      array.setAtIndex(ADDRESS, i++, arena.allocateFrom(string));
    }
    return array;
  }
}
