package dev.pantograph.core.data;

import dev.pantograph.spi.Philox;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Documents divided into those to train on and those to validate with.
 *
 * <p>A document's side depends on {@code (seed, index)} alone: it stays where it is when a limit takes fewer or more of
 * the corpus. Two cases need an exception. If all documents fall on one side, the one nearest to the other side goes
 * there. A document that is alone is cut in two by position.
 *
 * @param train the training documents, in the given order
 * @param validation the validation documents, in the given order
 */
public record DocumentSplit(List<Document> train, List<Document> validation) {
  /** Share of documents that validate when nothing else is asked for. */
  public static final double VALIDATION_FRACTION = 0.05;

  private static final long STREAM = 0x73706c6974L; // "split"

  public DocumentSplit {
    train = List.copyOf(train);
    validation = List.copyOf(validation);
  }

  /**
   * Divides documents.
   *
   * @param validationFraction share of documents expected on the validation side, above 0 and below 1
   */
  public static DocumentSplit of(List<Document> documents, long seed, double validationFraction) {
    if (!(validationFraction > 0 && validationFraction < 1)) {
      throw new IllegalArgumentException(
          "validation fraction %s: needed a number above 0 and below 1".formatted(validationFraction));
    }
    if (documents.size() == 1) {
      return cut(documents.getFirst(), validationFraction);
    }
    List<Document> train = new ArrayList<>();
    List<Document> validation = new ArrayList<>();
    for (Document document : documents) {
      (score(seed, document) < validationFraction ? validation : train).add(document);
    }
    Comparator<Document> byScore = Comparator.comparingDouble(document -> score(seed, document));
    if (validation.isEmpty() && !train.isEmpty()) {
      move(train.stream().min(byScore).orElseThrow(), train, validation);
    } else if (train.isEmpty() && !validation.isEmpty()) {
      move(validation.stream().max(byScore).orElseThrow(), validation, train);
    }
    return new DocumentSplit(train, validation);
  }

  private static double score(long seed, Document document) {
    return Philox.uniform(seed, STREAM, document.index());
  }

  private static void move(Document document, List<Document> from, List<Document> to) {
    from.remove(document);
    to.add(document);
  }

  private static DocumentSplit cut(Document document, double validationFraction) {
    long bytes = document.bytes();
    if (bytes < 2) {
      return new DocumentSplit(List.of(document), List.of());
    }
    long position = Math.clamp(Math.round(bytes * (1 - validationFraction)), 1, bytes - 1);
    return new DocumentSplit(
        List.of(new Document(document.index(), document.name(), document.text().asSlice(0, position))),
        List.of(new Document(document.index(), document.name(), document.text().asSlice(position))));
  }
}
