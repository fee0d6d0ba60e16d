package dev.pantograph.core.profile;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.Kernel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Notes when each kernel begins and ends, between {@link #start} and {@link #stop}. Submitting costs two readings of the
 * clock and three stores: what is made of them is made after {@link #stop}. Times are right for backends that have
 * finished when {@link #submit} returns.
 */
public final class ProfilingBackend extends DelegatingBackend {
  private static final int FIRST_CAPACITY = 1024;

  private Kernel[] kernels = new Kernel[FIRST_CAPACITY];
  private long[] begins = new long[FIRST_CAPACITY];
  private long[] ends = new long[FIRST_CAPACITY];
  private int count;
  private boolean recording;
  private long start;

  public ProfilingBackend(Backend backend) {
    super(backend);
  }

  /** Begins a recording; one that was not stopped is dropped. */
  public void start() {
    clear();
    recording = true;
    start = System.nanoTime();
  }

  /**
   * Ends the recording.
   *
   * @throws IllegalStateException if none was begun
   */
  public KernelTimeline stop() {
    long end = System.nanoTime();
    if (!recording) {
      throw new IllegalStateException("no recording to stop: start one first");
    }
    List<TimedKernel> timed = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      timed.add(new TimedKernel(kernels[i], explain(kernels[i]), begins[i], ends[i] - begins[i]));
    }
    clear();
    return new KernelTimeline(start, end - start, timed);
  }

  /** Forgets the kernels too, which hold on to buffers. */
  private void clear() {
    Arrays.fill(kernels, 0, count, null);
    count = 0;
    recording = false;
  }

  @Override
  public void submit(Kernel kernel) {
    if (!recording) {
      super.submit(kernel);
      return;
    }
    long begin = System.nanoTime();
    super.submit(kernel);
    note(kernel, begin, System.nanoTime());
  }

  private void note(Kernel kernel, long begin, long end) {
    if (count == kernels.length) {
      kernels = Arrays.copyOf(kernels, 2 * count);
      begins = Arrays.copyOf(begins, 2 * count);
      ends = Arrays.copyOf(ends, 2 * count);
    }
    kernels[count] = kernel;
    begins[count] = begin;
    ends[count++] = end;
  }
}
