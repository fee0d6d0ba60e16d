package dev.pantograph.core.kernel;

import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Kernel.Access;
import dev.pantograph.spi.Kernel.Operand;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.SparseMatMul;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.View;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** What a kernel computes and how much of it, in a few characters: kernels of one label do the same work. */
public final class KernelLabel {
  private KernelLabel() {}

  public static String of(Kernel kernel) {
    return kernel.name() + " " + switch (kernel) {
      case MatMul product -> product(product);
      case SparseMatMul product -> product(product);
      case SampledMatMul product -> sizes(product.pattern().rows(), product.pattern().columns(), product.tokens()) + " "
          + density(product.pattern()) + (product.accumulate() ? " +=" : "");
      case AdamW update -> tensors(update.slots().stream().map(AdamW.Slot::value).toList());
      case SquaredNorm norm -> tensors(norm.inputs());
      default -> sizes(kernel.operands().stream().map(Operand::view)
          .max(Comparator.comparingLong(View::elements)).map(view -> view.shape().toArray()).orElse(new long[0]));
    };
  }

  /** As {@code 4096×768×256 NT}, M×N×K with a leading batch, then what is done with the product. */
  private static String product(MatMul product) {
    long[] out = product.out().shape().toArray();
    LongStream sizes = LongStream.concat(LongStream.of(out), LongStream.of(product.k()));
    boolean updated = updates(product);
    return sizes(sizes.toArray()) + " " + order(product.a()) + order(product.b())
        + (product.bias() == null ? "" : " +bias") + (product.c() == null || updated ? "" : " +c")
        + switch (product.epilogue()) {
          case MatMul.Epilogue.None _ -> "";
          case MatMul.Epilogue.Activation _ -> " gelu";
          case MatMul.Epilogue.ActivationGradient _ -> " gelu'";
          case MatMul.Epilogue.RowSums _ -> " sums";
        } + (updated ? " +=" : "");
  }

  /** As {@code 4096×768×256 T 12.5%}, M×N×K, whether the weight is transposed, and its density. */
  private static String product(SparseMatMul product) {
    boolean updated = updates(product);
    return sizes(product.tokens(), product.out().size(1), product.x().size(1))
        + (product.transposed() ? " T " : " N ") + density(product.pattern())
        + (product.bias() == null ? "" : " +bias") + (product.c() == null || updated ? "" : " +c")
        + (updated ? " +=" : "");
  }

  /** As BLAS says it: N for a matrix stored by rows, T for one stored by columns. */
  private static char order(View matrix) {
    return matrix.stride(-1) == 1 ? 'N' : 'T';
  }

  private static String tensors(List<View> views) {
    return "%d in %d tensors".formatted(views.stream().mapToLong(View::elements).sum(), views.size());
  }

  /** Of a sparse weight, as {@code 12.5%}. */
  private static String density(SparsePattern pattern) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * pattern.density());
  }

  private static boolean updates(Kernel kernel) {
    return kernel.operands().getFirst().access() == Access.UPDATE;
  }

  private static String sizes(long... sizes) {
    return LongStream.of(sizes).mapToObj(Long::toString).collect(Collectors.joining("×"));
  }
}
