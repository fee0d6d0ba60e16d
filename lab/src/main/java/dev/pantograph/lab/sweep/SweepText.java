package dev.pantograph.lab.sweep;

import dev.pantograph.core.data.Corpus;
import dev.pantograph.core.data.DocumentSplit;
import dev.pantograph.core.data.TokenStream;

/**
 * The text of a sweep, parted once by document, so that all trials train on the same and none on what it is tested on.
 *
 * @param description of the corpus, for reports
 * @param train what trials learn from
 * @param validation what their losses are measured on
 */
public record SweepText(String description, TokenStream train, TokenStream validation) implements AutoCloseable {
  private static final long SPLIT_SEED = 0;

  /**
   * Reads and parts it.
   *
   * @throws dev.pantograph.core.data.DataException if there is no such text
   */
  public static SweepText read(TextConfig config, SweepProgress progress) {
    progress.phase("reading " + (config.corpus().isEmpty() ? "the JDK's sources" : config.corpus()));
    Corpus corpus = Corpus.open(config.corpus(), config.limitBytes());
    DocumentSplit split = DocumentSplit.of(corpus.documents(), SPLIT_SEED, DocumentSplit.VALIDATION_FRACTION);
    TokenStream train = TokenStream.of(split.train());
    try {
      return new SweepText(corpus.description(), train, TokenStream.of(split.validation()));
    } catch (RuntimeException | Error e) {
      train.close();
      throw e;
    }
  }

  /** Releases both streams. */
  @Override
  public void close() {
    train.close();
    validation.close();
  }
}
