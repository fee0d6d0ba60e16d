package dev.pantograph.backends.reference;

import dev.pantograph.spi.Copy;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.LinearCombination;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.Randomize;

/** Kernels whose element i depends on the operands' elements i alone. */
final class ReferenceElementwise {
  private ReferenceElementwise() {}

  static void run(LinearCombination kernel) {
    Elements out = Elements.of(kernel.out());
    Elements x = Elements.of(kernel.x());
    Elements y = Elements.ofNullable(kernel.y());
    for (long i = 0; i < kernel.out().elements(); i++) {
      double addend = y == null ? 0 : kernel.beta() * y.get(i);
      out.set(i, kernel.alpha() * x.get(i) + addend);
    }
  }

  static void run(Product kernel) {
    Elements out = Elements.of(kernel.out());
    Elements x = Elements.of(kernel.x());
    Elements y = Elements.of(kernel.y());
    for (long i = 0; i < kernel.out().elements(); i++) {
      double product = x.get(i) * y.get(i);
      out.set(i, kernel.accumulate() ? out.get(i) + product : product);
    }
  }

  static void run(Fill kernel) {
    Elements out = Elements.of(kernel.out());
    for (long i = 0; i < kernel.out().elements(); i++) {
      out.set(i, kernel.value());
    }
  }

  static void run(Copy kernel) {
    Elements out = Elements.of(kernel.out());
    Elements x = Elements.of(kernel.x());
    for (long i = 0; i < kernel.out().elements(); i++) {
      out.set(i, x.get(i));
    }
  }

  static void run(Randomize kernel) {
    Elements out = Elements.of(kernel.out());
    for (long i = 0; i < kernel.out().elements(); i++) {
      out.set(i, kernel.distribution().sample(kernel.seed(), kernel.stream(), i));
    }
  }
}
