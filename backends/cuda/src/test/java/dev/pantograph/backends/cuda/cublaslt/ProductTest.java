package dev.pantograph.backends.cuda.cublaslt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ProductTest {
  private static final ElementType BF16 = ElementType.R_16BF;

  @Test
  void sizesMustFit() {
    assertThatThrownBy(() -> Product.of(ComputeType.COMPUTE_32F, Matrix.of(BF16, 2, 3), false,
        Matrix.of(BF16, 4, 5), false, Matrix.of(BF16, 2, 5)))
        .hasMessageContaining("[2, 3] and [4, 5] into [2, 5]");
    assertThat(Product.of(ComputeType.COMPUTE_32F, Matrix.of(BF16, 3, 2), true,
        Matrix.of(BF16, 5, 3), true, Matrix.of(BF16, 2, 5)).out().columns()).isEqualTo(5);
  }

  @Test
  void theMatrixOfAnEpilogueHasRowsOfEights() {
    Product product = Product.of(ComputeType.COMPUTE_32F, Matrix.of(BF16, 2, 3), false,
        Matrix.of(BF16, 3, 5), false, Matrix.of(BF16, 2, 5));
    assertThatThrownBy(() -> product.with(Epilogue.GELU_AUX, BF16)).hasMessageContaining("multiple of 8");
  }

  @Test
  void rowsDoNotOverlap() {
    assertThatThrownBy(() -> new Matrix(BF16, 2, 8, 7, 0)).hasMessageContaining("overlap");
  }

  @Test
  void anAlgorithmIsSixtyFourBytes() {
    assertThatThrownBy(() -> new MatmulAlgorithm("00ff", 0, 1)).hasMessageContaining("expected: 128");
  }
}
