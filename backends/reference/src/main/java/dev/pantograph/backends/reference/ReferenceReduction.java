package dev.pantograph.backends.reference;

import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.View;

/** Sums of elements, added one after another in row-major order. */
final class ReferenceReduction {
  private ReferenceReduction() {}

  static void run(Sum kernel) {
    Elements out = Elements.of(kernel.out());
    Elements x = Elements.of(kernel.x());
    long columns = kernel.out().elements();
    for (long j = 0; j < columns; j++) {
      double sum = 0;
      for (long position = j; position < kernel.x().elements(); position += columns) {
        sum += x.get(position);
      }
      double old = kernel.accumulate() ? out.get(j) : 0;
      out.set(j, old + kernel.scale() * sum);
    }
  }

  static void run(SquaredNorm kernel) {
    double sum = 0;
    for (View input : kernel.inputs()) {
      Elements x = Elements.of(input);
      for (long i = 0; i < input.elements(); i++) {
        sum += x.get(i) * x.get(i);
      }
    }
    Elements.of(kernel.out()).set(0, sum);
  }
}
