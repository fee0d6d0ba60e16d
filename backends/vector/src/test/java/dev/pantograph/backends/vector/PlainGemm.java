package dev.pantograph.backends.vector;

import dev.pantograph.spi.DType;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;

/** A library of three loops, which counts its calls and may be watched during each. */
final class PlainGemm implements Gemm {
  final AtomicInteger calls = new AtomicInteger();
  volatile Runnable meanwhile = () -> { };

  @Override
  public boolean multiplies(DType factors, DType result) {
    return factors == DType.F32 && result == DType.F32;
  }

  @Override
  public void multiply(int worker, int m, int n, int k, double alpha, Matrix a, Matrix b, double beta, Matrix out) {
    calls.getAndIncrement();
    meanwhile.run();
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = beta == 0 ? 0 : beta * get(out, i, j);
        for (int l = 0; l < k; l++) {
          sum += alpha * get(a, i, l) * get(b, l, j);
        }
        out.memory().set(ValueLayout.JAVA_FLOAT, position(out, i, j), (float) sum);
      }
    }
  }

  private static float get(Matrix matrix, int row, int column) {
    return matrix.memory().get(ValueLayout.JAVA_FLOAT, position(matrix, row, column));
  }

  private static long position(Matrix matrix, int row, int column) {
    return matrix.offset() + (row * matrix.rowStride() + column * matrix.columnStride()) * Float.BYTES;
  }

  @Override
  public void close() {
    // It holds nothing.
  }
}
