package dev.pantograph.backends.cuda;

import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Refuses token indices outside their vocabulary. Tokens that were looked at while they were uploaded cost nothing; the
 * first use of a buffer asks the device, and from then on it is looked at.
 */
final class TokenCheck {
  private static final long NONE = -1;

  private final Launcher launcher;
  private final Transfers transfers;
  private final Scratch scratch;

  TokenCheck(Launcher launcher, Transfers transfers, Scratch scratch) {
    this.launcher = launcher;
    this.transfers = transfers;
    this.scratch = scratch;
  }

  /**
   * @param operand name of the operand in the kernel's formula
   * @throws KernelException if an index is outside; names the first
   */
  void require(Kernel kernel, String operand, View tokens, long vocabulary) {
    DeviceBuffer buffer = (DeviceBuffer) tokens.buffer();
    TokenBounds bounds = buffer.tokens();
    if (tokens.elements() == 0
        || (bounds != null && bounds.prove(tokens.byteOffset(), tokens.endByte(), vocabulary))) {
      return;
    }
    long place = firstOutside(tokens, vocabulary);
    if (place != NONE) {
      int found = (int) read(DeviceBuffer.address(tokens) + place * Integer.BYTES, Integer.BYTES);
      throw KernelException.outsideVocabulary(kernel, operand, tokens, place, found, vocabulary);
    }
    buffer.setTokens(new TokenBounds(
        tokens.byteOffset(), tokens.endByte(), 0, (int) Math.min(vocabulary - 1, Integer.MAX_VALUE)));
  }

  private long firstOutside(View tokens, long vocabulary) {
    long place = scratch.of(Long.BYTES);
    launcher.fill(place, (byte) NONE, Long.BYTES);
    launcher.begin(Source.TOKENS, "first_outside").add(place).view(tokens).add(vocabulary).add(tokens.elements())
        .overThreads(tokens.elements());
    return read(place, Long.BYTES);
  }

  private long read(long address, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(ValueLayout.JAVA_LONG);
      transfers.download(address, result.asSlice(0, bytes));
      return bytes == Long.BYTES ? result.get(ValueLayout.JAVA_LONG, 0) : result.get(ValueLayout.JAVA_INT, 0);
    }
  }
}
