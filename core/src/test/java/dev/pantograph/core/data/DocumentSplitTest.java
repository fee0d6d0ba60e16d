package dev.pantograph.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentSplitTest {
  private static final List<Document> DOCUMENTS =
      IntStream.range(0, 2000).mapToObj(index -> Texts.document(index, "text " + index)).toList();

  @Test
  void everyDocumentIsOnExactlyOneSide() {
    DocumentSplit split = DocumentSplit.of(DOCUMENTS, 1, 0.05);

    assertThat(Stream.concat(split.train().stream(), split.validation().stream()))
        .containsExactlyInAnyOrderElementsOf(DOCUMENTS);
    assertThat(split.validation()).hasSizeBetween(60, 140);
  }

  @Test
  void theSameSeedGivesTheSameSplitAndAnotherAnother() {
    DocumentSplit split = DocumentSplit.of(DOCUMENTS, 1, 0.05);

    assertThat(DocumentSplit.of(DOCUMENTS, 1, 0.05)).isEqualTo(split);
    assertThat(DocumentSplit.of(DOCUMENTS, 2, 0.05)).isNotEqualTo(split);
  }

  @Test
  void aDocumentKeepsItsSideWhateverOthersAreTaken() {
    List<Document> some = DOCUMENTS.stream().filter(document -> document.index() % 3 == 0).toList();

    DocumentSplit all = DocumentSplit.of(DOCUMENTS, 1, 0.05);
    DocumentSplit part = DocumentSplit.of(some, 1, 0.05);

    assertThat(all.train()).containsAll(part.train());
    assertThat(all.validation()).containsAll(part.validation());
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-9, 0.5, 1 - 1e-9})
  void twoDocumentsFillBothSides(double fraction) {
    for (int seed = 0; seed < 20; seed++) {
      DocumentSplit split = DocumentSplit.of(DOCUMENTS.subList(0, 2), seed, fraction);

      assertThat(split.train()).hasSize(1);
      assertThat(split.validation()).hasSize(1).doesNotContainAnyElementsOf(split.train());
    }
  }

  @Test
  void aSingleDocumentIsCutByPosition() {
    DocumentSplit split = DocumentSplit.of(List.of(Texts.document(0, "0123456789")), 1, 0.2);

    assertThat(split.train()).extracting(Texts::text).containsExactly("01234567");
    assertThat(split.validation()).extracting(Texts::text).containsExactly("89");
  }

  @Test
  void aSingleShortDocumentLeavesBothSidesSomething() {
    DocumentSplit split = DocumentSplit.of(List.of(Texts.document(0, "ab")), 1, 0.05);

    assertThat(split.train()).extracting(Texts::text).containsExactly("a");
    assertThat(split.validation()).extracting(Texts::text).containsExactly("b");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -0.1, Double.NaN})
  void aFractionThatLeavesASideEmptyIsRefused(double fraction) {
    assertThatThrownBy(() -> DocumentSplit.of(DOCUMENTS, 1, fraction))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needed a number above 0 and below 1");
  }
}
