package dev.pantograph.tck.rules;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Readback;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import dev.pantograph.tck.Outcome;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/**
 * A read-back has what the buffer held at its place in the order of submission, whatever was submitted before anyone
 * waited: however many are under way, however long each is, in whatever order they are awaited or not at all, and
 * after their buffer was closed.
 */
record ReadsBackInOrder(int number, String title) implements BackendRule {
  /** More than any backend has room for at once. */
  private static final int MANY = 300;
  /** Elements of the buffer: at times a few are read back, at times all. */
  private static final int ELEMENTS = 5000;
  private static final int FEW = 3;
  private static final int ALL_EVERY = 7;
  private static final byte FILLING = 77;

  /**
   * One read-back.
   *
   * @param element the bytes of the value that the buffer was filled with
   * @param from of the first byte that was asked for
   * @param bytes what was asked for
   */
  private record Asked(Readback readback, byte[] element, int from, byte[] bytes) {
    void require(String circumstances) {
      readback.await();
      for (int i = 0; i < bytes.length; i++) {
        byte wanted = element[i % element.length];
        if (bytes[i] != wanted) {
          throw new AssertionError("%s: byte %d of %d from %d on is %d, expected %d as it was when it was asked for"
              .formatted(circumstances, i, bytes.length, from, bytes[i], wanted));
        }
      }
    }

    /** Awaited a second time it leaves the target alone. */
    void requireOnce(String circumstances) {
      Arrays.fill(bytes, FILLING);
      readback.await();
      for (byte each : bytes) {
        if (each != FILLING) {
          throw new AssertionError(circumstances + ": the target was filled a second time, expected once");
        }
      }
    }
  }

  @Override
  public Outcome check(Subject subject) {
    Optional<DType> type = EnumSet.of(DType.F32, DType.F64, DType.BF16).stream()
        .filter(each -> subject.refusal(Fill.class, each).isEmpty()).findFirst();
    if (type.isEmpty()) {
      return new Outcome.NothingToKeep();
    }
    try (Backend tested = subject.open()) {
      requireOldValues(tested, type.get(), 1);
      requireOldValues(tested, type.get(), MANY);
      requireRefusals(tested);
    }
    requireCloseWithoutAwait(subject, type.get());
    return new Outcome.Passed();
  }

  private static void requireOldValues(Backend tested, DType type, int count) {
    List<Asked> asked = new ArrayList<>();
    try (Buffer buffer = allocate(tested, type)) {
      List<byte[]> elements = new ArrayList<>();
      for (int value = 0; value < count; value++) {
        elements.add(element(tested, buffer, type, value));
      }
      for (int value = 0; value < count; value++) {
        fill(tested, buffer, type, value);
        asked.add(ask(tested, buffer, value, elements.get(value)));
      }
      fill(tested, buffer, type, -1);
    }
    Collections.reverse(asked);
    Collections.rotate(asked, count / 2);
    for (int i = 0; i < count; i++) {
      asked.get(i).require("read-back awaited as number %d of %d".formatted(i, count));
      asked.get(i).requireOnce("read-back awaited as number %d of %d".formatted(i, count));
    }
  }

  private static Buffer allocate(Backend tested, DType type) {
    return tested.allocate("read back", (long) ELEMENTS * type.bytes());
  }

  private static void fill(Backend tested, Buffer buffer, DType type, int value) {
    tested.submit(new Fill(View.of(buffer, type, 0, Shape.of(ELEMENTS)), value));
  }

  /** The bytes of a value, as the backend itself stores it. */
  private static byte[] element(Backend tested, Buffer buffer, DType type, int value) {
    fill(tested, buffer, type, value);
    byte[] element = new byte[type.bytes()];
    tested.download(buffer, 0, MemorySegment.ofArray(element));
    return element;
  }

  /** A few elements from somewhere, and sometimes all. */
  private static Asked ask(Backend tested, Buffer buffer, int value, byte[] element) {
    int elements = value % ALL_EVERY == 1 ? ELEMENTS : value % FEW;
    int from = value % (ELEMENTS - elements + 1) * element.length;
    byte[] bytes = new byte[elements * element.length];
    return new Asked(tested.readBack(buffer, from, MemorySegment.ofArray(bytes)), element, from, bytes);
  }

  private static void requireRefusals(Backend tested) {
    MemorySegment memory = MemorySegment.ofArray(new byte[8]);
    Buffer lost = tested.allocate("lost", memory.byteSize() / 2);
    Findings.requireRefusal("read-back of 8 bytes of 4", RuntimeException.class,
        () -> tested.readBack(lost, 0, memory));
    lost.close();
    String circumstances = "read-back of a closed buffer";
    Findings.requireText(circumstances, Findings.requireRefusal(circumstances, IllegalStateException.class,
        () -> tested.readBack(lost, 0, memory)), "lost");
  }

  /** Then it has come, or says that it cannot come any more. */
  private static void requireCloseWithoutAwait(Subject subject, DType type) {
    Backend tested = subject.open();
    Asked asked;
    try (Buffer buffer = allocate(tested, type)) {
      byte[] element = element(tested, buffer, type, FEW - 1);
      asked = ask(tested, buffer, FEW - 1, element);
    }
    tested.close();
    try {
      asked.require("read-back awaited after the backend was closed");
    } catch (IllegalStateException e) {
      Findings.requireText("read-back awaited after the backend was closed", e, subject.provider().id());
    }
  }
}
