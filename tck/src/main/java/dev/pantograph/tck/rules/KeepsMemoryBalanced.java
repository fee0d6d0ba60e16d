package dev.pantograph.tck.rules;

import com.sun.management.OperatingSystemMXBean;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.tck.Outcome;
import dev.pantograph.tck.kernels.Conditions;
import dev.pantograph.tck.kernels.Dice;
import dev.pantograph.tck.kernels.Instance;
import dev.pantograph.tck.kernels.Sizes;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

/**
 * A closed buffer gives its memory back and is forgotten, and a kernel run again takes no more. Memory outside the heap
 * is that of the process; what a device holds is not seen, except that it would run out.
 */
record KeepsMemoryBalanced(int number, String title) implements BackendRule {
  private static final long BUFFER = 8L << 20;
  private static final int BUFFERS = 48;
  private static final int REPEATS = 64;
  private static final int WARM_UP = 4;
  /** A fourth of what all the buffers would take, and about half of what copies of all operands would. */
  private static final long MOST_GROWTH = 96L << 20;
  private static final int FORGOTTEN = 64;
  /** A backend may remember the last few kernels it ran. */
  private static final int REMEMBERED = 8;
  private static final int COLLECTIONS = 50;

  @Override
  public Outcome check(Subject subject) {
    try (Backend tested = subject.open()) {
      requireNoGrowth("buffers of %d bytes allocated and closed".formatted(BUFFER), BUFFERS,
          () -> allocateAndClose(tested));
      requireKernelsBalanced(subject, tested);
      requireForgotten(subject, tested);
    }
    return new Outcome.Passed();
  }

  private static void allocateAndClose(Backend tested) {
    try (Buffer buffer = tested.allocate("passing", BUFFER)) {
      tested.upload(MemorySegment.ofArray(new byte[1]), buffer, 0);
    }
  }

  private static void requireKernelsBalanced(Subject subject, Backend tested) {
    List<Instance> instances = new ArrayList<>();
    try (Backend oracle = Subject.oracle()) {
      for (Subject.Served served : subject.served()) {
        try (Instance expected = Instance.onOracle(
            served.kernel().sample(new Dice(1, Sizes.LARGE)), oracle, served.type(), 1, Conditions.PLAIN)) {
          instances.add(expected.on(tested, Conditions.PLAIN));
        }
      }
      requireNoGrowth("the same kernels submitted again", REPEATS, () -> instances.forEach(Instance::submit));
    } finally {
      instances.forEach(Instance::close);
    }
  }

  private static void requireNoGrowth(String what, int repeats, Runnable action) {
    for (int i = 0; i < WARM_UP; i++) {
      action.run();
    }
    long before = processMemory();
    for (int i = 0; i < repeats; i++) {
      action.run();
    }
    long growth = processMemory() - before;
    if (growth > MOST_GROWTH) {
      throw new AssertionError("%s: after %d times the process has %d MiB more, expected none"
          .formatted(what, repeats, growth >> 20));
    }
  }

  /** Bytes of address space, the heap's being reserved from the start; −1 where the JVM does not know. */
  private static long processMemory() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getCommittedVirtualMemorySize();
  }

  private static void requireForgotten(Subject subject, Backend tested) {
    List<WeakReference<Buffer>> closed = new ArrayList<>();
    Subject.Served served = subject.served().getFirst();
    try (Backend oracle = Subject.oracle();
        Instance expected = Instance.onOracle(
            served.kernel().sample(new Dice(1, Sizes.SMALL)), oracle, served.type(), 1, Conditions.PLAIN)) {
      for (int i = 0; i < FORGOTTEN; i++) {
        try (Instance actual = expected.on(tested, Conditions.PLAIN)) {
          actual.submit();
          closed.add(new WeakReference<>(actual.written().getFirst().view().buffer()));
        }
      }
    }
    for (int i = 0; i < COLLECTIONS && remembered(closed) > REMEMBERED; i++) {
      System.gc();
    }
    if (remembered(closed) > REMEMBERED) {
      throw new AssertionError("%d of %d closed buffers are still reachable, expected at most %d"
          .formatted(remembered(closed), FORGOTTEN, REMEMBERED));
    }
  }

  private static long remembered(List<WeakReference<Buffer>> closed) {
    return closed.stream().filter(reference -> reference.get() != null).count();
  }
}
