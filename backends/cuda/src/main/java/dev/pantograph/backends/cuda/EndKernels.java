package dev.pantograph.backends.cuda;

import dev.pantograph.spi.CrossEntropy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Embedding;
import dev.pantograph.spi.EmbeddingGradient;
import dev.pantograph.spi.View;

/** The two ends of a model, where tokens are: embedding and loss. Their tokens have been checked. */
final class EndKernels {
  private static final int WARP = 32;
  private static final int PLACES_AT_ONCE = 8;
  private static final int COLUMNS = WARP * Launcher.PACK;
  private static final int MOST_THREADS = 1024;
  /** Shared memory of a block of the loss beside the row, in bytes. */
  private static final int RESERVED_BYTES = 2 << 10;

  private final Launcher launcher;
  private final Scratch scratch;

  EndKernels(Launcher launcher, Scratch scratch) {
    this.launcher = launcher;
    this.scratch = scratch;
  }

  void run(Embedding k) {
    View positions = k.positions() == null ? k.table() : k.positions();
    long rows = k.tokens().elements();
    long channels = k.out().size(2);
    launcher.begin(Source.EMBEDDING, "embedding", k.out().type(), k.table().type(), positions.type())
        .view(k.out()).view(k.tokens()).view(k.table()).view(k.positions()).add(k.scale()).add(k.table().size(0))
        .add(rows).add(k.out().size(1)).add(channels).overRows(rows, channels);
  }

  void run(EmbeddingGradient k) {
    long places = k.tokens().elements();
    if (places == 0) {
      return;
    }
    DType type = k.dOut().type();
    long channels = k.dOut().size(2);
    addToRows(k, type, places, k.dTable().size(0), channels);
    View dPositions = k.dPositions();
    if (dPositions != null) {
      long length = k.dOut().size(1);
      launcher.begin(Source.EMBEDDING_GRADIENT, "position_gradient", type)
          .view(dPositions).view(k.dOut()).add(k.scale()).add(k.dOut().size(0)).add(length).add(channels)
          .overElements(length * channels);
    }
  }

  private void addToRows(EmbeddingGradient k, DType type, long places, long vocabulary, long channels) {
    long counts = scratch.of((2 * vocabulary + 1 + 2 * places) * Integer.BYTES);
    long offsets = counts + vocabulary * Integer.BYTES;
    long placed = offsets + (vocabulary + 1) * Integer.BYTES;
    long ordered = placed + places * Integer.BYTES;
    launcher.zero(counts, vocabulary * Integer.BYTES);
    launcher.begin(Source.EMBEDDING_GRADIENT, "count_tokens", type)
        .add(counts).view(k.tokens()).add(vocabulary).add(places).oneThreadEach(places);
    launcher.begin(Source.EMBEDDING_GRADIENT, "offsets_of_counts", type)
        .add(offsets).add(counts).add(vocabulary).blocks(1, MOST_THREADS);
    launcher.begin(Source.EMBEDDING_GRADIENT, "place_tokens", type)
        .add(placed).add(counts).add(offsets).view(k.tokens()).add(vocabulary).add(places).oneThreadEach(places);
    launcher.begin(Source.EMBEDDING_GRADIENT, "order_places", type)
        .add(ordered).add(placed).add(offsets).view(k.tokens()).add(vocabulary).oneThreadEach(places);
    launcher.begin(Source.EMBEDDING_GRADIENT, "embedding_gradient", type)
        .view(k.dTable()).view(k.dOut()).add(ordered).add(offsets).add(k.scale()).add(channels)
        .grid(vocabulary, Math.ceilDiv(channels, COLUMNS), 1, WARP, PLACES_AT_ONCE, 0);
  }

  void run(CrossEntropy k) {
    long rows = k.logits().size(0);
    long vocabulary = k.logits().size(1);
    DType type = k.logits().type();
    View dLogits = k.dLogits() == null ? k.logits() : k.dLogits();
    long kept = kept(vocabulary, type);
    launcher.begin(Source.CROSS_ENTROPY, "cross_entropy", type, dLogits.type())
        .view(k.losses()).view(k.dLogits()).view(k.logits()).view(k.targets()).add(k.gradientScale()).add(vocabulary)
        .add(kept).grid(rows, 1, 1, Launcher.warps(Math.ceilDiv(vocabulary, Launcher.PACK), MOST_THREADS), 1,
            Math.toIntExact(kept * type.bytes()));
  }

  /** Elements of a row that a block keeps in shared memory: all, or none if they do not fit. */
  private long kept(long vocabulary, DType type) {
    // A row may begin in the middle of a pack.
    long all = Math.ceilDiv(vocabulary + Launcher.PACK - 1, Launcher.PACK) * Launcher.PACK;
    return all * type.bytes() + RESERVED_BYTES <= launcher.device().sharedBytes() ? all : 0;
  }
}
