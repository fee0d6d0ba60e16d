package dev.pantograph.core.data;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Documents for tests. */
final class Texts {
  private Texts() {}

  static Document document(int index, String text) {
    return new Document(index, "d" + index, MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)));
  }

  static String text(Document document) {
    return new String(document.text().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }
}
