package dev.pantograph.backends.reference;

import dev.pantograph.spi.MatMul;

/** {@code out[m, n] = α·(Σ_k a[m, k]·b[k, n] + bias[n]) + β·c[m, n]} for each batch element. */
final class ReferenceMatMul {
  private ReferenceMatMul() {}

  static void run(MatMul kernel) {
    long batches = 1;
    for (int d = 0; d < kernel.out().rank() - 2; d++) {
      batches *= kernel.out().size(d);
    }
    for (long batch = 0; batch < batches; batch++) {
      multiply(kernel, batch);
    }
  }

  private static void multiply(MatMul kernel, long batch) {
    Elements out = Elements.of(kernel.out()).matrix(batch);
    Elements a = Elements.of(kernel.a()).matrix(batch);
    Elements b = Elements.of(kernel.b()).matrix(batch);
    Elements bias = Elements.ofNullable(kernel.bias());
    Elements c = kernel.c() == null ? null : Elements.of(kernel.c()).matrix(batch);
    for (long m = 0; m < kernel.m(); m++) {
      for (long n = 0; n < kernel.n(); n++) {
        double sum = bias == null ? 0 : bias.get(n);
        for (long k = 0; k < kernel.k(); k++) {
          sum += a.get(m, k) * b.get(k, n);
        }
        double old = c == null ? 0 : kernel.beta() * c.get(m, n);
        out.set(m, n, kernel.alpha() * sum + old);
      }
    }
  }
}
