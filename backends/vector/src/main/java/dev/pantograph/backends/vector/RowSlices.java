package dev.pantograph.backends.vector;

import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.CrossEntropy;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.GeluGradient;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.LinearCombination;
import dev.pantograph.spi.Norm;
import dev.pantograph.spi.NormGradient;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.SwiGlu;
import dev.pantograph.spi.SwiGluGradient;
import dev.pantograph.spi.View;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A kernel that works on each row, element or sequence alone, as the same kernel on some of them at a time. The cut
 * depends on the shape alone.
 *
 * @param rows rows of the operands: elements, rows of the last dimension, or sequences
 * @param perSlice rows of a slice but the last
 */
record RowSlices(Kernel kernel, long rows, long perSlice) {
  /** Elements of a slice: float32 copies of its operands, 4 MiB each, stay in a last-level cache. */
  static final long ELEMENTS = 1 << 20;

  static RowSlices of(Kernel kernel) {
    View result = kernel.operands().getFirst().view();
    long rows = switch (kernel) {
      case Gelu _, GeluGradient _, LinearCombination _, Product _ -> result.elements();
      case Norm _, NormGradient _, SwiGlu _, SwiGluGradient _ -> result.shape().rows();
      case CrossEntropy k -> k.logits().size(0);
      case Sum k -> k.x().elements() / Math.max(1, k.out().elements());
      case Attention _, AttentionGradient _ -> result.size(0);
      default -> 1;
    };
    long elements = switch (kernel) {
      case CrossEntropy k -> k.logits().elements();
      case Sum k -> k.x().elements();
      default -> result.elements();
    };
    return new RowSlices(kernel, rows, Math.max(1, ELEMENTS / Math.max(1, elements / Math.max(1, rows))));
  }

  void forEach(Consumer<Kernel> action) {
    if (rows <= perSlice) {
      action.accept(kernel);
      return;
    }
    for (long first = 0; first < rows; first += perSlice) {
      action.accept(slice(first, Math.min(perSlice, rows - first)));
    }
  }

  private Kernel slice(long first, long count) {
    Part part = new Part(first, count, rows);
    return switch (kernel) {
      case Gelu k -> new Gelu(part.row(k.out()), part.row(k.x()), k.form());
      case GeluGradient k ->
          new GeluGradient(part.row(k.dx()), part.row(k.dOut()), part.row(k.x()), k.form(), k.accumulate());
      case LinearCombination k ->
          new LinearCombination(part.row(k.out()), k.alpha(), part.row(k.x()), k.beta(), part.rowOrNull(k.y()));
      case Product k -> new Product(part.row(k.out()), part.row(k.x()), part.row(k.y()), k.accumulate());
      case Sum k -> new Sum(k.out(), part.rowsOf(k.x(), k.out()), k.scale(), first > 0 || k.accumulate());
      case Norm k -> new Norm(part.row(k.out()), part.ofOrNull(k.mean()), part.of(k.inverseStd()), part.row(k.x()),
          k.gain(), k.bias(), k.epsilon());
      case NormGradient k -> new NormGradient(part.row(k.dx()), k.dGain(), k.dBias(), part.row(k.dOut()),
          part.row(k.x()), part.ofOrNull(k.mean()), part.of(k.inverseStd()), k.gain(), k.accumulate());
      case SwiGlu k -> new SwiGlu(part.of(k.out()), part.of(k.gate()), part.of(k.up()));
      case SwiGluGradient k -> new SwiGluGradient(part.of(k.dGate()), part.of(k.dUp()), part.of(k.dOut()),
          part.of(k.gate()), part.of(k.up()), k.accumulate());
      case CrossEntropy k -> new CrossEntropy(part.of(k.losses()), part.ofOrNull(k.dLogits()), part.of(k.logits()),
          part.of(k.targets()), k.gradientScale());
      case Attention k -> new Attention(part.of(k.out()), part.of(k.logSumExp()), part.of(k.q()), part.of(k.k()),
          part.of(k.v()), k.slopes(), k.scale());
      case AttentionGradient k -> new AttentionGradient(part.of(k.dq()), part.of(k.dk()), part.of(k.dv()),
          part.of(k.dOut()), part.of(k.out()), part.of(k.logSumExp()), part.of(k.q()), part.of(k.k()), part.of(k.v()),
          k.slopes(), k.scale());
      default -> throw new AssertionError(kernel.name() + " is not cut");
    };
  }

  /** Some rows of every operand. */
  private record Part(long first, long count, long rows) {
    /** Of the first dimension. */
    View of(View view) {
      return view.slice(0, first, count);
    }

    /** Of a contiguous operand whose leading dimensions together are the rows. */
    View row(View view) {
      return of(view.reshape(Shape.of(rows, view.elements() / rows)));
    }

    /** Of a contiguous operand whose rows have the shape of another. */
    View rowsOf(View view, View one) {
      long[] sizes = new long[one.rank() + 1];
      System.arraycopy(one.shape().toArray(), 0, sizes, 1, one.rank());
      sizes[0] = count;
      return row(view).reshape(Shape.of(sizes));
    }

    @Nullable View ofOrNull(@Nullable View view) {
      return view == null ? null : of(view);
    }

    @Nullable View rowOrNull(@Nullable View view) {
      return view == null ? null : row(view);
    }
  }
}
