package dev.pantograph.backends.reference;

import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.View;

/** The token indices a kernel accepts: {@code [0, size)}. */
record Vocabulary(Kernel kernel, long size) {

  /**
   * Checks every index, so that a kernel can refuse before it writes.
   *
   * @throws KernelException naming the first index outside and its place
   */
  void requireAll(String operand, View tokens) {
    Elements elements = Elements.of(tokens);
    for (long i = 0; i < tokens.elements(); i++) {
      int index = (int) elements.get(i);
      if (index < 0 || index >= size) {
        throw KernelException.outsideVocabulary(kernel, operand, tokens, i, index, size);
      }
    }
  }
}
