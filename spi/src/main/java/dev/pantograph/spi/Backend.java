package dev.pantograph.spi;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A device that holds {@link Buffer}s and runs {@link Kernel}s, one after another in the order of submission. Whatever
 * must see all work (profiling, tracing, validation) is a decorator around {@link #submit}.
 *
 * <p>One thread at a time may call a backend; how many threads a kernel runs on is the backend's affair.
 */
public interface Backend extends AutoCloseable {
  /** The id of the provider that opened this backend. */
  String id();

  /**
   * Allocates memory; its content is unspecified.
   *
   * @param name what the buffer is for, as shown in error messages
   * @param byteSize size in bytes
   */
  Buffer allocate(String name, long byteSize);

  /**
   * Runs a kernel. Its writes are visible to every kernel submitted later and to {@link #download}.
   *
   * @throws KernelException if this backend cannot run it; nothing has been written then
   * @throws IllegalStateException if an operand's buffer, or the backend, is closed
   */
  void submit(Kernel kernel);

  /**
   * Kernels that will run many times in this order, and have run once. A backend whose device takes them in one piece
   * overrides this; by itself it submits them one by one, so that a decorator sees each.
   */
  default Replay replay(List<Kernel> kernels) {
    List<Kernel> all = List.copyOf(kernels);
    return new Replay() {
      @Override
      public void run() {
        all.forEach(Backend.this::submit);
      }

      @Override
      public void close() {}
    };
  }

  /**
   * Which of several ways this backend takes to run a kernel, and why: a clause for profiles and reports. Empty where
   * it has only one.
   */
  default String explain(Kernel kernel) {
    return "";
  }

  /** Copies all bytes of {@code source}, host memory, to {@code target} from {@code targetOffset} (bytes) on. */
  void upload(MemorySegment source, Buffer target, long targetOffset);

  /** Fills {@code target}, host memory, with the bytes of {@code source} from {@code sourceOffset} (bytes) on. */
  void download(Buffer source, long sourceOffset, MemorySegment target);

  /**
   * Begins a {@link #download} and returns before it is done, if the backend can: the device goes on with what is
   * submitted next while the bytes come. They are those at this place in the order of submission, whatever is written
   * to the buffer later, and also if it is closed. A backend that has done everything when {@link #submit} returns has
   * nothing to wait for, and need not override this. Any number may be under way.
   *
   * @param target filled when {@link Readback#await} returns; must live, and not be touched, until then
   */
  default Readback readBack(Buffer source, long sourceOffset, MemorySegment target) {
    download(source, sourceOffset, target);
    return Readback.DONE;
  }

  /**
   * Measures, within about a second, what the device can do at best with the threads this backend has: the backend alone
   * knows the instructions and the memory that set the limits. Null where it has no measure of its own.
   */
  default @Nullable Ceilings measureCeilings() {
    return null;
  }

  /** The device this backend only models: results are real, times predicted. Null where it is what it computes on. */
  default @Nullable DeviceModel deviceModel() {
    return null;
  }

  /** Ends the backend's threads and contexts. Buffers are closed by their owners. */
  @Override
  void close();
}
