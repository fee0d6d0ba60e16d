package dev.pantograph.backends.cuda.cublaslt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.backends.cuda.Requirement;
import dev.pantograph.backends.cuda.binding.CudaException;
import dev.pantograph.backends.foreign.SharedLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Products described to cuBLASLt, where it is installed; computing one takes a device. */
class MatmulPlanTest {
  private static final ElementType BF16 = ElementType.R_16BF;

  /** {@code cublasLtMatmulDescGetAttribute}. */
  private static final MethodHandle GET = SharedLibrary.downcall(FunctionDescriptor.of(ValueLayout.JAVA_INT,
      ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));

  private static CublasLt cublasLt;

  @BeforeAll
  static void find() {
    cublasLt = Requirement.cublasLt();
  }

  @Test
  void theFactorsAndTheirTranspositionsChangePlaces() throws Throwable {
    Product product = Product.of(ComputeType.COMPUTE_32F, Matrix.of(BF16, 32, 64), false,
        Matrix.of(BF16, 48, 64), true, Matrix.of(BF16, 32, 48));
    try (MatmulPlan plan = cublasLt.plan(product)) {
      assertThat(attribute(plan, MatmulAttribute.TRANSA, 4)).isEqualTo(1);
      assertThat(attribute(plan, MatmulAttribute.TRANSB, 4)).isZero();
      assertThat(attribute(plan, MatmulAttribute.EPILOGUE, 4)).isEqualTo(Epilogue.DEFAULT.code());
    }
  }

  @Test
  void theEpilogueHasItsVectorAndItsMatrix() throws Throwable {
    Product product = Product.of(ComputeType.COMPUTE_32F, Matrix.of(BF16, 32, 64), false,
        Matrix.of(BF16, 48, 64), true, Matrix.of(BF16, 32, 48)).with(Epilogue.GELU_AUX_BIAS, BF16);
    try (MatmulPlan plan = cublasLt.plan(product)) {
      plan.bias(0x1000);
      plan.auxiliary(0x2000);
      assertThat(attribute(plan, MatmulAttribute.EPILOGUE, 4)).isEqualTo(Epilogue.GELU_AUX_BIAS.code());
      assertThat(attribute(plan, MatmulAttribute.BIAS_POINTER, 8)).isEqualTo(0x1000);
      assertThat(attribute(plan, MatmulAttribute.EPILOGUE_AUX_POINTER, 8)).isEqualTo(0x2000);
      assertThat(attribute(plan, MatmulAttribute.EPILOGUE_AUX_LD, 8)).isEqualTo(48);
      assertThat(attribute(plan, MatmulAttribute.BIAS_DATA_TYPE, 4)).isEqualTo(BF16.code());
    }
  }

  @Test
  void batchesAreTaken() {
    Matrix matrix = Matrix.of(ElementType.R_32F, 16, 16);
    cublasLt.plan(Product.of(ComputeType.COMPUTE_32F_FAST_TF32, matrix, false, matrix, false, matrix).times(3)).close();
  }

  @Test
  void withoutADeviceThereIsNoHandle() {
    try {
      cublasLt.destroy(cublasLt.create());
    } catch (CudaException e) {
      assertThat(e.code()).isEqualTo(CublasStatus.NOT_INITIALIZED.code());
      assertThat(e).hasMessageContainingAll("cublasLtCreate", "CUBLAS_STATUS_NOT_INITIALIZED");
    }
  }

  @Test
  void withoutAnAlgorithmNothingRuns() {
    Matrix matrix = Matrix.of(BF16, 16, 16);
    try (MatmulPlan plan =
        cublasLt.plan(Product.of(ComputeType.COMPUTE_32F, matrix, false, matrix, false, matrix))) {
      assertThatThrownBy(() -> plan.run(0, 1, 0, 0, 0, 0, 0, 0, 0)).hasMessageContaining("no algorithm");
    }
  }

  private static long attribute(MatmulPlan plan, MatmulAttribute attribute, long bytes) throws Throwable {
    MemorySegment function = cublasLt.library().require("cublasLtMatmulDescGetAttribute");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
      int status = (int) GET.invokeExact(
          function, plan.description(), attribute.code(), value, bytes, MemorySegment.NULL);
      assertThat(status).isZero();
      return value.get(ValueLayout.JAVA_LONG, 0);
    }
  }
}
