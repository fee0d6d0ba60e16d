package dev.pantograph.backends.cuda.driver;

import static dev.pantograph.backends.cuda.driver.DriverFunction.DEVICE_GET_DEFAULT_MEM_POOL;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEMCPY_D_TO_D_ASYNC;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEMCPY_D_TO_H;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEMCPY_D_TO_H_ASYNC;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEMCPY_H_TO_D;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEMCPY_H_TO_D_ASYNC;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEMSET_D16_ASYNC;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEMSET_D32_ASYNC;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEMSET_D8_ASYNC;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEM_ALLOC;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEM_ALLOC_ASYNC;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEM_FREE;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEM_FREE_ASYNC;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEM_FREE_HOST;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEM_GET_INFO;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEM_HOST_ALLOC;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEM_HOST_REGISTER;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEM_HOST_UNREGISTER;
import static dev.pantograph.backends.cuda.driver.DriverFunction.MEM_POOL_SET_ATTRIBUTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import dev.pantograph.backends.foreign.SharedLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Memory of the device, by address, and memory of the host that the device can reach. Sizes in bytes. What takes a
 * stream is queued there and returns before it is done; host memory it uses must live, and stay as it is, until then.
 */
public final class Memory {
  /** {@code CU_MEMPOOL_ATTR_RELEASE_THRESHOLD}. */
  private static final int RELEASE_THRESHOLD = 4;

  private static final class Handles {
    static final MethodHandle INFO = MEM_GET_INFO.handle();
    static final MethodHandle ALLOCATE = MEM_ALLOC.handle();
    static final MethodHandle FREE = MEM_FREE.handle();
    static final MethodHandle ALLOCATE_ASYNC = MEM_ALLOC_ASYNC.handle();
    static final MethodHandle FREE_ASYNC = MEM_FREE_ASYNC.handle();
    static final MethodHandle DEFAULT_POOL = DEVICE_GET_DEFAULT_MEM_POOL.handle();
    static final MethodHandle SET_POOL_ATTRIBUTE = MEM_POOL_SET_ATTRIBUTE.handle();
    static final MethodHandle ALLOCATE_HOST = MEM_HOST_ALLOC.handle();
    static final MethodHandle FREE_HOST = MEM_FREE_HOST.handle();
    static final MethodHandle REGISTER_HOST = MEM_HOST_REGISTER.handle();
    static final MethodHandle UNREGISTER_HOST = MEM_HOST_UNREGISTER.handle();
    static final MethodHandle TO_DEVICE = MEMCPY_H_TO_D.handle();
    static final MethodHandle TO_HOST = MEMCPY_D_TO_H.handle();
    static final MethodHandle TO_DEVICE_ASYNC = MEMCPY_H_TO_D_ASYNC.handle();
    static final MethodHandle TO_HOST_ASYNC = MEMCPY_D_TO_H_ASYNC.handle();
    static final MethodHandle WITHIN_ASYNC = MEMCPY_D_TO_D_ASYNC.handle();
    static final MethodHandle FILL_BYTES = MEMSET_D8_ASYNC.handle();
    static final MethodHandle FILL_SHORTS = MEMSET_D16_ASYNC.handle();
    static final MethodHandle FILL_INTS = MEMSET_D32_ASYNC.handle();
  }

  /** What a device has and has left, in bytes. */
  public record Info(long free, long total) {}

  private final BoundLibrary<DriverFunction> library;

  Memory(BoundLibrary<DriverFunction> library) {
    this.library = library;
  }

  public Info info() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment free = arena.allocate(JAVA_LONG);
      MemorySegment total = arena.allocate(JAVA_LONG);
      library.call(MEM_GET_INFO, function -> (int) Handles.INFO.invokeExact(function, free, total));
      return new Info(free.get(JAVA_LONG, 0), total.get(JAVA_LONG, 0));
    }
  }

  /** Memory of the device, aligned to 256 bytes at least; what it holds is not defined. */
  public long allocate(long bytes) {
    return library.query(MEM_ALLOC,
        (function, result) -> (int) Handles.ALLOCATE.invokeExact(function, result, bytes), "bytes", bytes);
  }

  public void free(long address) {
    Release.of(library, MEM_FREE, function -> (int) Handles.FREE.invokeExact(function, address));
  }

  /** Memory from the device's pool, there for what is queued in the stream from now on. */
  public long allocate(long bytes, long stream) {
    return library.query(MEM_ALLOC_ASYNC,
        (function, result) -> (int) Handles.ALLOCATE_ASYNC.invokeExact(function, result, bytes, stream),
        "bytes", bytes);
  }

  /** Gives memory back to the device's pool when the stream gets there. */
  public void free(long address, long stream) {
    Release.of(library, MEM_FREE_ASYNC,
        function -> (int) Handles.FREE_ASYNC.invokeExact(function, address, stream));
  }

  /** How much a device's pool keeps for itself when nobody uses it. */
  public void keepInPool(int device, long bytes) {
    long pool = library.query(DEVICE_GET_DEFAULT_MEM_POOL,
        (function, result) -> (int) Handles.DEFAULT_POOL.invokeExact(function, result, device), "device", device);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocateFrom(JAVA_LONG, bytes);
      library.call(MEM_POOL_SET_ATTRIBUTE, function ->
          (int) Handles.SET_POOL_ATTRIBUTE.invokeExact(function, pool, RELEASE_THRESHOLD, value), "bytes", bytes);
    }
  }

  /** Memory of the host that is never paged out, so that copies of it can run beside other work. */
  public MemorySegment allocateHost(long bytes) {
    long address = library.query(MEM_HOST_ALLOC,
        (function, result) -> (int) Handles.ALLOCATE_HOST.invokeExact(function, result, bytes, 0), "bytes", bytes);
    return SharedLibrary.memory(MemorySegment.ofAddress(address), bytes);
  }

  public void freeHost(MemorySegment memory) {
    Release.of(library, MEM_FREE_HOST, function -> (int) Handles.FREE_HOST.invokeExact(function, memory));
  }

  /** Makes memory of the host, such as a mapped file, like that of {@link #allocateHost}. */
  public void registerHost(MemorySegment memory) {
    library.call(MEM_HOST_REGISTER,
        function -> (int) Handles.REGISTER_HOST.invokeExact(function, memory, memory.byteSize(), 0),
        "bytes", memory.byteSize());
  }

  public void unregisterHost(MemorySegment memory) {
    Release.of(library, MEM_HOST_UNREGISTER, function -> (int) Handles.UNREGISTER_HOST.invokeExact(function, memory));
  }

  /** Copies all of {@code from}, and returns when it may be changed. */
  public void copyToDevice(long to, MemorySegment from) {
    library.call(MEMCPY_H_TO_D,
        function -> (int) Handles.TO_DEVICE.invokeExact(function, to, from, from.byteSize()),
        "bytes", from.byteSize());
  }

  /** Fills all of {@code to}, and returns when it is done. */
  public void copyToHost(MemorySegment to, long from) {
    library.call(MEMCPY_D_TO_H,
        function -> (int) Handles.TO_HOST.invokeExact(function, to, from, to.byteSize()), "bytes", to.byteSize());
  }

  /** Copies all of {@code from}. */
  public void copyToDevice(long to, MemorySegment from, long stream) {
    library.call(MEMCPY_H_TO_D_ASYNC,
        function -> (int) Handles.TO_DEVICE_ASYNC.invokeExact(function, to, from, from.byteSize(), stream),
        "bytes", from.byteSize());
  }

  /** Fills all of {@code to}. */
  public void copyToHost(MemorySegment to, long from, long stream) {
    library.call(MEMCPY_D_TO_H_ASYNC,
        function -> (int) Handles.TO_HOST_ASYNC.invokeExact(function, to, from, to.byteSize(), stream),
        "bytes", to.byteSize());
  }

  public void copyWithinDevice(long to, long from, long bytes, long stream) {
    library.call(MEMCPY_D_TO_D_ASYNC,
        function -> (int) Handles.WITHIN_ASYNC.invokeExact(function, to, from, bytes, stream), "bytes", bytes);
  }

  /** Writes {@code value} so many times. */
  public void fillBytes(long at, byte value, long count, long stream) {
    library.call(MEMSET_D8_ASYNC,
        function -> (int) Handles.FILL_BYTES.invokeExact(function, at, value, count, stream), "count", count);
  }

  /** Writes {@code value} so many times. */
  public void fillShorts(long at, short value, long count, long stream) {
    library.call(MEMSET_D16_ASYNC,
        function -> (int) Handles.FILL_SHORTS.invokeExact(function, at, value, count, stream), "count", count);
  }

  /** Writes {@code value} so many times. */
  public void fillInts(long at, int value, long count, long stream) {
    library.call(MEMSET_D32_ASYNC,
        function -> (int) Handles.FILL_INTS.invokeExact(function, at, value, count, stream), "count", count);
  }
}
