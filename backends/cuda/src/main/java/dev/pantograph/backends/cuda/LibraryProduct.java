package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.cublaslt.ComputeType;
import dev.pantograph.backends.cuda.cublaslt.ElementType;
import dev.pantograph.backends.cuda.cublaslt.Epilogue;
import dev.pantograph.backends.cuda.cublaslt.Matrix;
import dev.pantograph.backends.cuda.cublaslt.Product;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.View;

/** What of a {@link MatMul} cuBLASLt can be asked for. */
final class LibraryProduct {
  /** Bytes that addresses and distances of rows must be multiples of for the library's fast kernels. */
  static final int ALIGNMENT = 16;

  private static final long AUXILIARY_COLUMNS = 8;

  private LibraryProduct() {}

  /** Why a product is left to our own kernel; empty if it is not. */
  static String refusal(MatMul k, Batches batches) {
    if (k.out().type().computed() != DType.F32) {
      return "float64";
    }
    if (k.out().elements() == 0 || k.k() == 0) {
      return "an operand is empty";
    }
    if (k.a().type() != k.b().type()) {
      return "factors of different types";
    }
    if (k.alpha() == 0 || (k.c() != null && k.beta() == 0)) {
      return "a factor of zero, for which the library reads nothing, not even a NaN";
    }
    if (!batches.areOne() || batches.count() > Integer.MAX_VALUE) {
      return "a batch in unequal steps";
    }
    if (!aligned(k.a(), batches) || !aligned(k.b(), batches)) {
      return "a factor is not aligned to %d bytes".formatted(ALIGNMENT);
    }
    return "";
  }

  /** Why the library does not do all of the kernel, but a product in float32 without what follows; empty if it does. */
  static String rest(MatMul k, Batches batches, boolean roundedBias) {
    View c = k.c();
    View pre = OwnMatMul.preActivation(k);
    if (k.a().type() == DType.F32 && k.out().type() != DType.F32) {
      return "result in bfloat16 of factors in float32";
    }
    if (!aligned(k.out(), batches)) {
      return "the result is not aligned to %d bytes".formatted(ALIGNMENT);
    }
    if (c != null && (c.type() != k.out().type() || !aligned(c, batches) || row(c) != row(k.out())
        || batches.stride(c) != batches.stride(k.out()))) {
      return "an addend that lies in another way than the result";
    }
    if (k.bias() != null && k.alpha() != 1) {
      return "a bias with a factor";
    }
    if (k.bias() != null && k.out().type() == DType.BF16 && !roundedBias) {
      return "a bias in float32 beside a result in bfloat16; setting rounded-bias=true fuses it";
    }
    if (pre != null && (pre.type() != k.out().type() || batches.count() > 1 || row(pre) % AUXILIARY_COLUMNS != 0
        || !aligned(pre, batches))) {
      return "an activation that lies in another way than the library's";
    }
    return switch (k.epilogue()) {
      case MatMul.Epilogue.Activation(View _, Gelu.Form form) when form != Gelu.Form.TANH -> "the exact form of GELU";
      case MatMul.Epilogue.ActivationGradient(View _, Gelu.Form form) when form != Gelu.Form.TANH ->
          "the exact form of GELU";
      case MatMul.Epilogue.ActivationGradient _ when k.bias() != null -> "a bias before the gradient of an activation";
      default -> "";
    };
  }

  private static boolean aligned(View view, Batches batches) {
    long bytes = view.type().bytes();
    return DeviceBuffer.address(view) % ALIGNMENT == 0 && row(view) * bytes % ALIGNMENT == 0
        && batches.stride(view) * bytes % ALIGNMENT == 0;
  }

  /** Whether a factor lies column after column. */
  private static boolean transposed(View view) {
    return view.stride(-1) != 1 && view.size(-1) > 1;
  }

  /** Elements from one row to the next, or from one column to the next of a transposed matrix. */
  private static long row(View view) {
    boolean transposed = transposed(view);
    long rows = view.size(transposed ? -1 : -2);
    long columns = view.size(transposed ? -2 : -1);
    return rows == 1 ? columns : view.stride(transposed ? -1 : -2);
  }

  private static Matrix matrix(View view, Batches batches) {
    boolean transposed = transposed(view);
    return new Matrix(type(view.type()), view.size(transposed ? -1 : -2), view.size(transposed ? -2 : -1), row(view),
        batches.stride(view));
  }

  private static ElementType type(DType type) {
    return type == DType.BF16 ? ElementType.R_16BF : ElementType.R_32F;
  }

  /** The whole kernel but its row sums. */
  static Product whole(MatMul k, Batches batches, boolean tf32) {
    View pre = OwnMatMul.preActivation(k);
    Epilogue epilogue = switch (k.epilogue()) {
      case MatMul.Epilogue.Activation _ -> k.bias() == null ? Epilogue.GELU_AUX : Epilogue.GELU_AUX_BIAS;
      case MatMul.Epilogue.ActivationGradient _ -> Epilogue.DGELU;
      case MatMul.Epilogue.None _, MatMul.Epilogue.RowSums _ -> k.bias() == null ? Epilogue.DEFAULT : Epilogue.BIAS;
    };
    return product(k, batches, tf32, matrix(k.out(), batches), epilogue, pre == null ? 0 : row(pre));
  }

  /** The product alone, into float32 without gaps. */
  static Product sums(MatMul k, Batches batches, boolean tf32) {
    Matrix out = Matrix.of(ElementType.R_32F, k.m(), k.n());
    return product(k, batches, tf32, out, Epilogue.DEFAULT, 0);
  }

  private static Product product(
      MatMul k, Batches batches, boolean tf32, Matrix out, Epilogue epilogue, long auxiliaryStride) {
    ComputeType compute =
        tf32 && k.a().type() == DType.F32 ? ComputeType.COMPUTE_32F_FAST_TF32 : ComputeType.COMPUTE_32F;
    return new Product(compute, matrix(k.a(), batches), transposed(k.a()), matrix(k.b(), batches), transposed(k.b()),
        out, (int) batches.count(), epilogue, out.type(), auxiliaryStride);
  }
}
