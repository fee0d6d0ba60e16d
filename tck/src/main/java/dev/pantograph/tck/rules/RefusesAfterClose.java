package dev.pantograph.tck.rules;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.tck.Outcome;
import dev.pantograph.tck.kernels.Conditions;
import dev.pantograph.tck.kernels.Dice;
import dev.pantograph.tck.kernels.Instance;
import dev.pantograph.tck.kernels.Sizes;
import java.lang.foreign.MemorySegment;

/** Whatever is done with a closed buffer or a closed backend is an {@link IllegalStateException} that names it. */
record RefusesAfterClose(int number, String title) implements BackendRule {

  @Override
  public Outcome check(Subject subject) {
    requireClosedBufferRefused(subject);
    requireClosedBackendRefused(subject);
    return new Outcome.Passed();
  }

  private static void requireClosedBufferRefused(Subject subject) {
    MemorySegment memory = MemorySegment.ofArray(new byte[8]);
    try (Backend tested = subject.open()) {
      Buffer lost = tested.allocate("lost", memory.byteSize());
      lost.close();
      requireRefusal("upload to a closed buffer", "lost", () -> tested.upload(memory, lost, 0));
      requireRefusal("download from a closed buffer", "lost", () -> tested.download(lost, 0, memory));
      requireRefusal("a buffer is closed twice", "lost", lost::close);
    }
  }

  private static void requireClosedBackendRefused(Subject subject) {
    MemorySegment memory = MemorySegment.ofArray(new byte[1]);
    String id = subject.provider().id();
    Subject.Served served = subject.served().getFirst();
    try (Backend oracle = Subject.oracle();
        Instance expected = Instance.onOracle(
            served.kernel().sample(new Dice(1, Sizes.SMALL)), oracle, served.type(), 1, Conditions.PLAIN)) {
      Backend tested = subject.open();
      try (Instance actual = expected.on(tested, Conditions.PLAIN)) {
        tested.close();
        Buffer buffer = actual.written().getFirst().view().buffer();
        requireRefusal("allocate on a closed backend", id, () -> tested.allocate("late", 8).close());
        requireRefusal("submit to a closed backend", id, actual::submit);
        requireRefusal("upload through a closed backend", id, () -> tested.upload(memory, buffer, 0));
        requireRefusal("download through a closed backend", id, () -> tested.download(buffer, 0, memory));
      }
    }
  }

  private static void requireRefusal(String circumstances, String name, Runnable refused) {
    Findings.requireText(circumstances,
        Findings.requireRefusal(circumstances, IllegalStateException.class, refused), name);
  }
}
