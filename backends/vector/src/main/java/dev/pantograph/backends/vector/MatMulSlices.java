package dev.pantograph.backends.vector;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.View;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A product of two matrices as products of parts of them: cut along its longest dimension, so that little is read
 * twice. The cut depends on the shape alone.
 *
 * @param side the dimension that is cut
 * @param length of that dimension
 * @param perSlice of that dimension in each slice but the last
 */
record MatMulSlices(MatMul product, Side side, long length, long perSlice) {
  /** A dimension of a product. */
  enum Side {
    /** M: rows of the result and of the left factor. */
    ROWS,
    /** N: columns of the result and of the right factor. */
    COLUMNS,
    /** K: the inner products, which are added up. */
    DEPTH
  }

  static MatMulSlices of(MatMul product) {
    long m = product.m();
    long n = product.n();
    long k = product.k();
    if (product.out().rank() == 2 && k > Math.max(m, n) && canBeSummed(product)) {
      return new MatMulSlices(product, Side.DEPTH, k, perSlice(Math.max(m, n)));
    }
    if (product.out().rank() == 2 && n > m) {
      return new MatMulSlices(product, Side.COLUMNS, n, perSlice(Math.max(m, k)));
    }
    return new MatMulSlices(product, Side.ROWS, m, product.out().rank() == 2 ? perSlice(Math.max(n, k)) : m);
  }

  private static long perSlice(long width) {
    return Math.max(1, RowSlices.ELEMENTS / Math.max(1, width));
  }

  /** Whether sums over parts of the depth can be kept in the result: not rounded, and as they are. */
  private static boolean canBeSummed(MatMul product) {
    return product.out().type() == DType.F32 && switch (product.epilogue()) {
      case MatMul.Epilogue.None _, MatMul.Epilogue.RowSums _ -> true;
      case MatMul.Epilogue.Activation _, MatMul.Epilogue.ActivationGradient _ -> false;
    };
  }

  void forEach(Consumer<MatMul> action) {
    if (length <= perSlice) {
      action.accept(product);
      return;
    }
    for (long first = 0; first < length; first += perSlice) {
      long count = Math.min(perSlice, length - first);
      action.accept(switch (side) {
        case ROWS -> rows(first, count);
        case COLUMNS -> columns(first, count);
        case DEPTH -> depth(first, count);
      });
    }
  }

  private MatMul rows(long first, long count) {
    MatMul p = product;
    return new MatMul(p.out().slice(0, first, count), p.a().slice(0, first, count), p.b(), p.alpha(), p.bias(),
        p.beta(), part(p.c(), 0, first, count), switch (p.epilogue()) {
          case MatMul.Epilogue.RowSums(View sums, boolean accumulate) ->
              new MatMul.Epilogue.RowSums(sums.slice(0, first, count), accumulate);
          case MatMul.Epilogue other -> part(other, 0, first, count);
        });
  }

  private MatMul columns(long first, long count) {
    MatMul p = product;
    return new MatMul(p.out().slice(1, first, count), p.a(), p.b().slice(1, first, count), p.alpha(),
        part(p.bias(), 0, first, count), p.beta(), part(p.c(), 1, first, count), switch (p.epilogue()) {
          case MatMul.Epilogue.RowSums sums -> first == 0 ? sums : MatMul.Epilogue.NONE;
          case MatMul.Epilogue other -> part(other, 1, first, count);
        });
  }

  private MatMul depth(long first, long count) {
    MatMul p = product;
    View a = p.a().slice(1, first, count);
    View b = p.b().slice(0, first, count);
    if (first == 0) {
      return new MatMul(p.out(), a, b, p.alpha(), p.bias(), p.beta(), p.c(), p.epilogue());
    }
    return new MatMul(p.out(), a, b, p.alpha(), null, 1, p.out(),
        p.epilogue() instanceof MatMul.Epilogue.RowSums(View sums, var _)
            ? new MatMul.Epilogue.RowSums(sums, true) : MatMul.Epilogue.NONE);
  }

  private static MatMul.Epilogue part(MatMul.Epilogue epilogue, int dimension, long first, long count) {
    return switch (epilogue) {
      case MatMul.Epilogue.Activation(View z, var form) ->
          new MatMul.Epilogue.Activation(z.slice(dimension, first, count), form);
      case MatMul.Epilogue.ActivationGradient(View z, var form) ->
          new MatMul.Epilogue.ActivationGradient(z.slice(dimension, first, count), form);
      case MatMul.Epilogue.None _, MatMul.Epilogue.RowSums _ -> epilogue;
    };
  }

  private static @Nullable View part(@Nullable View view, int dimension, long first, long count) {
    return view == null ? null : view.slice(dimension, first, count);
  }
}
