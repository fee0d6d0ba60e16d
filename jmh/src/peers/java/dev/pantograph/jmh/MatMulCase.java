package dev.pantograph.jmh;

/**
 * One product to be timed, {@code C[M, N] = op(A)·op(B)}. Operands are row-major and without gaps; a transposed one is
 * stored as its transpose, {@code A} as {@code [K, M]} and {@code B} as {@code [N, K]}.
 *
 * @param name which product of which model
 * @param threads every contestant uses
 */
record MatMulCase(String name, int threads, int m, int n, int k, boolean transposeA, boolean transposeB) {

  /** 1024³, the usual yardstick. */
  static MatMulCase square(int threads) {
    return new MatMulCase("square", threads, 1024, 1024, 1024, false, false);
  }

  double flops() {
    return 2.0 * m * n * k;
  }

  /** Such as {@code small qkv y NT 4096×768×256 2 threads}, which is M×N×K. */
  String subject() {
    return "%s %s%s %d×%d×%d %d thread%s".formatted(name, transposeA ? "T" : "N", transposeB ? "T" : "N", m, n, k,
        threads, threads == 1 ? "" : "s");
  }
}
