package dev.pantograph.backends.cuda.driver;

import static dev.pantograph.backends.cuda.driver.DriverFunction.FUNC_GET_ATTRIBUTE;
import static dev.pantograph.backends.cuda.driver.DriverFunction.FUNC_LOAD;
import static dev.pantograph.backends.cuda.driver.DriverFunction.FUNC_SET_ATTRIBUTE;
import static dev.pantograph.backends.cuda.driver.DriverFunction.LAUNCH_COOPERATIVE_KERNEL;
import static dev.pantograph.backends.cuda.driver.DriverFunction.LAUNCH_KERNEL;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MODULE_GET_FUNCTION;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MODULE_LOAD_DATA;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MODULE_UNLOAD;
import static dev.pantograph.backends.cuda.driver.DriverFunction.OCCUPANCY_MAX_ACTIVE_BLOCKS;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import dev.pantograph.backends.foreign.ForeignCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Compiled code on the device, its kernels, and their launch. */
public final class Modules {
  private static final class Handles {
    static final MethodHandle LOAD = MODULE_LOAD_DATA.handle();
    static final MethodHandle UNLOAD = MODULE_UNLOAD.handle();
    static final MethodHandle KERNEL = MODULE_GET_FUNCTION.handle();
    static final MethodHandle LOAD_KERNEL = FUNC_LOAD.handle();
    static final MethodHandle SET_ATTRIBUTE = FUNC_SET_ATTRIBUTE.handle();
    static final MethodHandle GET_ATTRIBUTE = FUNC_GET_ATTRIBUTE.handle();
    static final MethodHandle ACTIVE_BLOCKS = OCCUPANCY_MAX_ACTIVE_BLOCKS.handle();
    static final MethodHandle LAUNCH = LAUNCH_KERNEL.handle();
    static final MethodHandle LAUNCH_COOPERATIVE = LAUNCH_COOPERATIVE_KERNEL.handle();
  }

  private final BoundLibrary<DriverFunction> library;
  private final MemorySegment launch;

  Modules(BoundLibrary<DriverFunction> library) {
    this.library = library;
    this.launch = library.address(LAUNCH_KERNEL);
  }

  /** Loads compiled code into the current context. */
  public long load(byte[] cubin) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment image = arena.allocateFrom(ValueLayout.JAVA_BYTE, cubin);
      return library.query(MODULE_LOAD_DATA,
          (function, result) -> (int) Handles.LOAD.invokeExact(function, result, image), "bytes", cubin.length);
    }
  }

  public void unload(long module) {
    Release.of(library, MODULE_UNLOAD, function -> (int) Handles.UNLOAD.invokeExact(function, module));
  }

  /** A kernel by its name, loaded now: what is loaded at its first launch cannot be recorded into a graph. */
  public long kernel(long module, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment symbol = arena.allocateFrom(name);
      long kernel = library.query(MODULE_GET_FUNCTION,
          (function, result) -> (int) Handles.KERNEL.invokeExact(function, result, module, symbol), "kernel", name);
      library.call(FUNC_LOAD, function -> (int) Handles.LOAD_KERNEL.invokeExact(function, kernel), "kernel", name);
      return kernel;
    }
  }

  public int attribute(FunctionAttribute attribute, long kernel) {
    int code = attribute.code();
    return library.queryInt(FUNC_GET_ATTRIBUTE,
        (function, result) -> (int) Handles.GET_ATTRIBUTE.invokeExact(function, result, code, kernel),
        "attribute", attribute);
  }

  public void setAttribute(FunctionAttribute attribute, long kernel, int value) {
    int code = attribute.code();
    library.call(FUNC_SET_ATTRIBUTE,
        function -> (int) Handles.SET_ATTRIBUTE.invokeExact(function, kernel, code, value),
        "attribute", attribute, "value", value);
  }

  /** How many blocks of a kernel a multiprocessor holds at once. */
  public int activeBlocks(long kernel, int blockThreads, long sharedBytes) {
    return library.queryInt(OCCUPANCY_MAX_ACTIVE_BLOCKS, (function, result) ->
        (int) Handles.ACTIVE_BLOCKS.invokeExact(function, result, kernel, blockThreads, sharedBytes),
        "threads", blockThreads, "shared bytes", sharedBytes);
  }

  /**
   * Queues a kernel.
   *
   * @throws dev.pantograph.backends.cuda.binding.CudaException if it cannot be queued, or something before it failed
   */
  public void launch(long kernel, LaunchShape shape, long stream, KernelArguments arguments) {
    int status;
    try {
      status = (int) Handles.LAUNCH.invokeExact(launch, kernel, shape.gridX(), shape.gridY(), shape.gridZ(),
          shape.blockX(), shape.blockY(), shape.blockZ(), shape.sharedBytes(), stream, arguments.pointers(),
          MemorySegment.NULL);
    } catch (Throwable e) {
      throw ForeignCallException.of(LAUNCH_KERNEL.signature().symbol(), e);
    }
    if (status != 0) {
      throw library.failure(LAUNCH_KERNEL, status, "shape", shape);
    }
  }

  /** Queues a kernel whose blocks wait for each other: all of them must fit on the device at once. */
  public void launchCooperative(long kernel, LaunchShape shape, long stream, KernelArguments arguments) {
    library.call(LAUNCH_COOPERATIVE_KERNEL, function -> (int) Handles.LAUNCH_COOPERATIVE.invokeExact(
        function, kernel, shape.gridX(), shape.gridY(), shape.gridZ(), shape.blockX(), shape.blockY(),
        shape.blockZ(), shape.sharedBytes(), stream, arguments.pointers()), "shape", shape);
  }
}
