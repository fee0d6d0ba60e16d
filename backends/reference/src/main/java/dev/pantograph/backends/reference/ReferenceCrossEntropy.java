package dev.pantograph.backends.reference;

import dev.pantograph.spi.CrossEntropy;

/** Negative log-likelihood of each row's target under the softmax of its logits, and the gradient. */
final class ReferenceCrossEntropy {
  private ReferenceCrossEntropy() {}

  static void run(CrossEntropy kernel) {
    long rows = kernel.logits().size(0);
    int vocabulary = Math.toIntExact(kernel.logits().size(1));
    new Vocabulary(kernel, vocabulary).requireAll("targets", kernel.targets());
    Elements losses = Elements.of(kernel.losses());
    Elements targets = Elements.of(kernel.targets());
    Elements logits = Elements.of(kernel.logits());
    Elements dLogits = Elements.ofNullable(kernel.dLogits());
    for (long row = 0; row < rows; row++) {
      int target = (int) targets.get(row);
      double[] z = new double[vocabulary];
      for (int v = 0; v < vocabulary; v++) {
        z[v] = logits.get(row, v);
      }
      double logSumExp = LogSumExp.of(z);
      losses.set(row, logSumExp - z[target]);
      if (dLogits != null) {
        for (int v = 0; v < vocabulary; v++) {
          double softmax = Math.exp(z[v] - logSumExp);
          dLogits.set(row, v, kernel.gradientScale() * (softmax - (v == target ? 1 : 0)));
        }
      }
    }
  }
}
