package dev.pantograph.jmh;

import dev.pantograph.core.data.BatchSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The one batch every contestant trains on, again and again: a stream of B·T + 1 tokens, of which inputs are all but
 * the last and targets all but the first.
 */
record PeerBatch(PeerModel model) implements BatchSource {

  /** Token {@code i} of the stream, by multiplicative hashing: easily the same in every language. */
  int token(long i) {
    return (int) (((i * 2654435761L) >> 8) % model.config().vocabulary());
  }

  @Override
  public int batch() {
    return model.batch();
  }

  @Override
  public int time() {
    return model.time();
  }

  @Override
  public int microBatches() {
    return 1;
  }

  @Override
  public void fill(long step, int micro, MemorySegment inputs, MemorySegment targets) {
    for (int i = 0; i < model.tokensPerStep(); i++) {
      inputs.setAtIndex(ValueLayout.JAVA_INT, i, token(i));
      targets.setAtIndex(ValueLayout.JAVA_INT, i, token(i + 1));
    }
  }
}
