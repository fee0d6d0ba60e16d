package dev.pantograph.tck.rules;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import dev.pantograph.tck.Outcome;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.stream.Stream;

/** A buffer of some other backend's is refused by name: as operand, and in a transfer. */
record RefusesForeignBuffers(int number, String title) implements BackendRule {
  private static final int SIZE = 64;

  /** Memory nobody has. */
  private record Elsewhere() implements Buffer {
    @Override
    public String name() {
      return "elsewhere";
    }

    @Override
    public long byteSize() {
      return SIZE;
    }

    @Override
    public void close() {}
  }

  @Override
  public Outcome check(Subject subject) {
    MemorySegment memory = MemorySegment.ofArray(new byte[SIZE]);
    try (Backend tested = subject.open(); Buffer foreign = new Elsewhere()) {
      requireRefusal("upload", () -> tested.upload(memory, foreign, 0));
      requireRefusal("download", () -> tested.download(foreign, 0, memory));
      Optional<DType> served = Stream.of(DType.values())
          .filter(type -> subject.refusal(Fill.class, type).isEmpty()).findFirst();
      served.ifPresent(type -> requireRefusal("Fill",
          () -> tested.submit(new Fill(View.of(foreign, type, 0, Shape.of(SIZE / type.bytes())), 1))));
    }
    return new Outcome.Passed();
  }

  private static void requireRefusal(String what, Runnable refused) {
    String circumstances = what + " with another backend's buffer";
    Findings.requireText(circumstances,
        Findings.requireRefusal(circumstances, IllegalArgumentException.class, refused), "elsewhere");
  }
}
