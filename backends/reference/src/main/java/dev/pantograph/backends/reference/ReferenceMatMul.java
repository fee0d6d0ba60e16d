package dev.pantograph.backends.reference;

import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.View;

/**
 * {@code z[m, n] = α·(Σ_k a[m, k]·b[k, n] + bias[n]) + β·c[m, n]} for each batch element, stored as the epilogue says.
 */
final class ReferenceMatMul {
  private ReferenceMatMul() {}

  static void run(MatMul kernel) {
    long batches = 1;
    for (int d = 0; d < kernel.out().rank() - 2; d++) {
      batches *= kernel.out().size(d);
    }
    for (long batch = 0; batch < batches; batch++) {
      multiply(kernel, batch);
      if (kernel.epilogue() instanceof MatMul.Epilogue.RowSums sums) {
        sumRows(kernel, sums, batch);
      }
    }
  }

  private static void sumRows(MatMul kernel, MatMul.Epilogue.RowSums epilogue, long batch) {
    Elements a = Elements.of(kernel.a()).matrix(batch);
    Elements sums = Elements.of(epilogue.sums());
    for (long m = 0; m < kernel.m(); m++) {
      double sum = 0;
      for (long k = 0; k < kernel.k(); k++) {
        sum += a.get(m, k);
      }
      long i = batch * kernel.m() + m;
      sums.set(i, kernel.alpha() * sum + (epilogue.accumulate() ? sums.get(i) : 0));
    }
  }

  private static void multiply(MatMul kernel, long batch) {
    Elements out = Elements.of(kernel.out()).matrix(batch);
    Elements a = Elements.of(kernel.a()).matrix(batch);
    Elements b = Elements.of(kernel.b()).matrix(batch);
    Elements bias = Elements.ofNullable(kernel.bias());
    Elements c = kernel.c() == null ? null : Elements.of(kernel.c()).matrix(batch);
    long depth = kernel.k();
    for (long m = 0; m < kernel.m(); m++) {
      for (long n = 0; n < kernel.n(); n++) {
        double sum = bias == null ? 0 : bias.get(n);
        for (long k = 0; k < depth; k++) {
          sum += a.get(m, k) * b.get(k, n);
        }
        double old = c == null ? 0 : kernel.beta() * c.get(m, n);
        double z = kernel.alpha() * sum + old;
        switch (kernel.epilogue()) {
          case MatMul.Epilogue.None _, MatMul.Epilogue.RowSums _ -> out.set(m, n, z);
          case MatMul.Epilogue.Activation(View preActivation, Gelu.Form form) -> {
            Elements.of(preActivation).matrix(batch).set(m, n, z);
            out.set(m, n, ReferenceGelu.value(form, z));
          }
          case MatMul.Epilogue.ActivationGradient(View preActivation, Gelu.Form form) ->
              out.set(m, n, z * ReferenceGelu.slope(form, Elements.of(preActivation).matrix(batch).get(m, n)));
        }
      }
    }
  }
}
