package dev.pantograph.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class LimitationTest {

  @Test
  void aMissingTypeRefusesAllKernelsButTheExceptions() {
    Limitation limitation = new Limitation.NoType(DType.F64, Set.of(Copy.class), "vectors of float32 only");

    assertThat(limitation.refuses(MatMul.class, DType.F64)).isTrue();
    assertThat(limitation.refuses(Copy.class, DType.F64)).isFalse();
    assertThat(limitation.refuses(MatMul.class, DType.F32)).isFalse();
  }

  @Test
  void aMissingKernelIsRefusedInItsTypesAlone() {
    Limitation limitation = new Limitation.NoKernel(Gelu.class, Set.of(DType.BF16), "not in the library");

    assertThat(limitation.refuses(Gelu.class, DType.BF16)).isTrue();
    assertThat(limitation.refuses(Gelu.class, DType.F32)).isFalse();
    assertThat(limitation.refuses(GeluGradient.class, DType.BF16)).isFalse();
  }

  @Test
  void otherBitsUnderOtherThreadsRefuseNothing() {
    assertThat(new Limitation.ThreadsShowInBits("the library's own").refuses(MatMul.class, DType.F32)).isFalse();
  }

  @Test
  void saysWhatIsLacking() {
    assertThat(new Limitation.NoType(DType.F64, Set.of(), "none").what()).isEqualTo("kernels in F64");
    assertThat(new Limitation.NoType(DType.F64, Set.of(Fill.class, Copy.class), "none").what())
        .isEqualTo("kernels in F64, except Copy and Fill");
    assertThat(new Limitation.NoKernel(Product.class, Set.of(DType.F32, DType.BF16), "none").what())
        .isEqualTo("Product in BF16 and F32");
    assertThat(new Limitation.ThreadsShowInBits("atomics").what()).isEqualTo("the same bits for any number of threads");
  }
}
