package dev.pantograph.jmh;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;

/** Our own products, by the backend {@code vector}. */
final class VectorMatMul implements MatMulPeer {

  @Override
  public String name() {
    return "ours";
  }

  @Override
  public String details() {
    return "backend vector, Java " + Runtime.version();
  }

  @Override
  public Prepared prepare(MatMulOperands operands) {
    MatMulCase product = operands.product();
    MatMul kernel = MatMul.product(
        View.of(operands.c(), DType.F32, 0, Shape.of(product.m(), product.n())),
        stored(operands.a(), product.m(), product.k(), product.transposeA()),
        stored(operands.b(), product.k(), product.n(), product.transposeB()));
    Backend backend = Backends.discover().open("vector", BackendOptions.threads(product.threads()));
    return new Prepared() {
      @Override
      public void multiply() {
        backend.submit(kernel);
      }

      @Override
      public void storeResult() {
        // The kernel writes there.
      }

      @Override
      public void close() {
        backend.close();
      }
    };
  }

  private static View stored(HostBuffer buffer, int rows, int columns, boolean transposed) {
    return transposed
        ? View.of(buffer, DType.F32, 0, Shape.of(columns, rows)).transpose()
        : View.of(buffer, DType.F32, 0, Shape.of(rows, columns));
  }

  @Override
  public void close() {
    // A backend lives as long as the product it was opened for.
  }
}
