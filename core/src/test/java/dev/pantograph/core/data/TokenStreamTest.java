package dev.pantograph.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TokenStreamTest {

  @Test
  void everyDocumentIsFollowedByItsEnd() {
    try (TokenStream stream = TokenStream.of(List.of(Texts.document(0, "ab"), Texts.document(1, "c")))) {
      assertThat(tokens(stream)).containsExactly('a', 'b', 256, 'c', 256);
    }
  }

  @Test
  void bytesAreUnsigned() {
    Document document = new Document(0, "bytes", MemorySegment.ofArray(new byte[] {(byte) 0xFF, (byte) 0x80, 0x7F}));

    try (TokenStream stream = TokenStream.of(List.of(document))) {
      assertThat(tokens(stream)).containsExactly(255, 128, 127, TokenStream.END_OF_DOCUMENT);
      assertThat(IntStream.of(tokens(stream))).allMatch(token -> token < TokenStream.VOCABULARY);
    }
  }

  @Test
  void tokensAreCopiedAsInt32() {
    int[] copied = new int[5];

    try (TokenStream stream = TokenStream.of(List.of(Texts.document(0, "abcdef")))) {
      stream.copy(2, 3, MemorySegment.ofArray(copied), 1);
    }

    assertThat(copied).containsExactly(0, 'c', 'd', 'e', 0);
  }

  @Test
  void rangesOutsideAreRefused() {
    try (TokenStream stream = TokenStream.of(List.of(Texts.document(0, "ab")))) {
      MemorySegment destination = MemorySegment.ofArray(new int[8]);
      assertThatThrownBy(() -> stream.token(3)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> stream.copy(1, 3, destination, 0)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> stream.copy(0, 3, destination, 6)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void noDocumentsMakeAnEmptyStream() {
    try (TokenStream stream = TokenStream.of(List.of())) {
      assertThat(stream.size()).isZero();
    }
  }

  private static int[] tokens(TokenStream stream) {
    return LongStream.range(0, stream.size()).mapToInt(stream::token).toArray();
  }
}
