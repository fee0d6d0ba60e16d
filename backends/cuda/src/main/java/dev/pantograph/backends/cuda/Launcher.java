package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.driver.FunctionAttribute;
import dev.pantograph.backends.cuda.driver.KernelArguments;
import dev.pantograph.backends.cuda.driver.LaunchShape;
import dev.pantograph.backends.cuda.driver.Memory;
import dev.pantograph.backends.cuda.driver.Modules;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.View;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Queues our own kernels: one is begun, gets its arguments in the order of its parameters, and is launched. How many
 * blocks there are follows from shapes alone wherever it could show in the bits of a result.
 */
final class Launcher {
  /** Elements that a thread takes at a time. */
  static final int PACK = 8;

  /** Largest size of a grid in its second and third dimension. */
  static final int MOST_BLOCKS_Y = 65_535;

  private static final int WARP = 32;
  private static final int THREADS = 256;
  private static final int BLOCKS_PER_MULTIPROCESSOR = 16;
  private static final int SHARED_BYTES = 48 << 10;
  private static final int MOST_ARGUMENTS = 40;
  private static final int MOST_WORDS = 512;

  private final Device device;
  private final Modules modules;
  private final Memory memory;
  private final KernelCode code;
  private final long stream;
  private final KernelArguments arguments;
  /** Shared memory that a kernel was allowed so far, where it is more than all may have. */
  private final Map<Long, Integer> sharedBytes = new HashMap<>();
  private long kernel;

  Launcher(Device device, KernelCode code, long stream, Arena arena) {
    this.device = device;
    this.modules = device.driver().modules();
    this.memory = device.driver().memory();
    this.code = code;
    this.stream = stream;
    this.arguments = new KernelArguments(arena, MOST_ARGUMENTS, MOST_WORDS);
  }

  /** A kernel of a source, compiled for these element types. */
  Launcher begin(Source source, String name, DType... types) {
    return begin(KernelCode.Variant.of(source, types), name);
  }

  Launcher begin(KernelCode.Variant variant, String name) {
    kernel = code.kernel(variant, name);
    arguments.clear();
    return this;
  }

  /** The address of a view, or none. */
  Launcher view(@Nullable View view) {
    return add(view == null ? 0 : DeviceBuffer.address(view));
  }

  Launcher add(long value) {
    arguments.add(value);
    return this;
  }

  Launcher add(double value) {
    arguments.add(value);
    return this;
  }

  Launcher add(boolean value) {
    return add(value ? 1L : 0L);
  }

  /** What is added from here on is one argument, a structure. */
  Launcher beginStructure() {
    arguments.beginStructure();
    return this;
  }

  /** @param bytes of the whole structure, of which what was not added is not looked at */
  Launcher endStructure(int bytes) {
    arguments.endStructure(bytes);
    return this;
  }

  /** Over so many elements in packs; the kernel strides over what is left, so the number of blocks does not show. */
  void overElements(long elements) {
    overThreads(Math.ceilDiv(elements, PACK));
  }

  /** Over so many threads, as far as the device holds them at once: the kernel strides. */
  void overThreads(long threads) {
    if (threads > 0) {
      launch(LaunchShape.of((int) Math.min(Math.ceilDiv(threads, THREADS), mostBlocks()), THREADS));
    }
  }

  /** One thread for each, in blocks of 256. */
  void oneThreadEach(long threads) {
    blocks(Math.ceilDiv(threads, THREADS), THREADS);
  }

  /** Over rows, which the second dimension of the grid strides over, in packs. */
  void overRows(long rows, long columns) {
    long packs = Math.ceilDiv(columns, PACK);
    int threads = warps(packs, THREADS);
    grid(Math.ceilDiv(packs, threads), Math.min(rows, MOST_BLOCKS_Y), 1, threads, 1, 0);
  }

  /** Blocks in one dimension; none at all is no launch. */
  void blocks(long blocks, int threads) {
    grid(blocks, 1, 1, threads, 1, 0);
  }

  /** Any grid; an empty one is no launch. */
  void grid(long x, long y, long z, int threadsX, int threadsY, int shared) {
    if (x > 0 && y > 0 && z > 0) {
      launch(new LaunchShape(
          Math.toIntExact(x), Math.toIntExact(y), Math.toIntExact(z), threadsX, threadsY, 1, shared));
    }
  }

  private void launch(LaunchShape shape) {
    if (shape.sharedBytes() > SHARED_BYTES && shape.sharedBytes() > sharedBytes.getOrDefault(kernel, 0)) {
      modules.setAttribute(FunctionAttribute.MAX_DYNAMIC_SHARED_SIZE_BYTES, kernel, shape.sharedBytes());
      sharedBytes.put(kernel, shape.sharedBytes());
    }
    modules.launch(kernel, shape, stream, arguments);
  }

  /** Blocks that are enough to keep the device busy. */
  int mostBlocks() {
    return device.multiprocessors() * BLOCKS_PER_MULTIPROCESSOR;
  }

  Device device() {
    return device;
  }

  /** Sets so many bytes to zero. */
  void zero(long address, long bytes) {
    fill(address, (byte) 0, bytes);
  }

  /** Sets each of so many bytes. */
  void fill(long address, byte value, long bytes) {
    memory.fillBytes(address, value, bytes, stream);
  }

  void copy(long to, long from, long bytes) {
    memory.copyWithinDevice(to, from, bytes, stream);
  }

  /** The fewest threads in whole warps that are at least so many, up to {@code most}. */
  static int warps(long threads, int most) {
    return Math.clamp(Math.ceilDiv(threads, WARP) * WARP, WARP, most);
  }
}
