package dev.pantograph.backends.cuda.driver;

import static dev.pantograph.backends.cuda.driver.DriverFunction.DEVICE_GET;
import static dev.pantograph.backends.cuda.driver.DriverFunction.DEVICE_GET_ATTRIBUTE;
import static dev.pantograph.backends.cuda.driver.DriverFunction.DEVICE_GET_COUNT;
import static dev.pantograph.backends.cuda.driver.DriverFunction.DEVICE_GET_NAME;
import static dev.pantograph.backends.cuda.driver.DriverFunction.DEVICE_GET_UUID;
import static dev.pantograph.backends.cuda.driver.DriverFunction.DEVICE_TOTAL_MEM;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.HexFormat;

/** Which devices there are, and of what kind. Needs no context. */
public final class Devices {
  private static final int NAME_BYTES = 256;
  private static final int UUID_BYTES = 16;

  private static final class Handles {
    static final MethodHandle COUNT = DEVICE_GET_COUNT.handle();
    static final MethodHandle GET = DEVICE_GET.handle();
    static final MethodHandle NAME = DEVICE_GET_NAME.handle();
    static final MethodHandle UUID = DEVICE_GET_UUID.handle();
    static final MethodHandle ATTRIBUTE = DEVICE_GET_ATTRIBUTE.handle();
    static final MethodHandle TOTAL_MEMORY = DEVICE_TOTAL_MEM.handle();
  }

  private final BoundLibrary<DriverFunction> library;

  Devices(BoundLibrary<DriverFunction> library) {
    this.library = library;
  }

  public int count() {
    return library.queryInt(DEVICE_GET_COUNT,
        (function, result) -> (int) Handles.COUNT.invokeExact(function, result));
  }

  /** The device of an index below {@link #count}. */
  public int get(int index) {
    return library.queryInt(DEVICE_GET,
        (function, result) -> (int) Handles.GET.invokeExact(function, result, index), "index", index);
  }

  /** Such as {@code NVIDIA H200}. */
  public String name(int device) {
    return library.queryText(DEVICE_GET_NAME, NAME_BYTES,
        (function, result) -> (int) Handles.NAME.invokeExact(function, result, NAME_BYTES, device), "device", device);
  }

  /** Sixteen bytes in hexadecimal, by which this device is known from all others. */
  public String uuid(int device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment uuid = arena.allocate(UUID_BYTES);
      library.call(DEVICE_GET_UUID,
          function -> (int) Handles.UUID.invokeExact(function, uuid, device), "device", device);
      return HexFormat.of().formatHex(uuid.toArray(JAVA_BYTE));
    }
  }

  public int attribute(DeviceAttribute attribute, int device) {
    int code = attribute.code();
    return library.queryInt(DEVICE_GET_ATTRIBUTE,
        (function, result) -> (int) Handles.ATTRIBUTE.invokeExact(function, result, code, device),
        "attribute", attribute, "device", device);
  }

  /** In bytes. */
  public long totalMemory(int device) {
    return library.query(DEVICE_TOTAL_MEM,
        (function, result) -> (int) Handles.TOTAL_MEMORY.invokeExact(function, result, device), "device", device);
  }

  /** What kernels are compiled for: 90 for compute capability 9.0. */
  public int architecture(int device) {
    return 10 * attribute(DeviceAttribute.COMPUTE_CAPABILITY_MAJOR, device)
        + attribute(DeviceAttribute.COMPUTE_CAPABILITY_MINOR, device);
  }
}
