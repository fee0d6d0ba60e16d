package dev.pantograph.spi;

import java.util.List;

/**
 * A unit of work: a record of operands and options that has checked itself when it exists. A backend runs kernels by
 * one exhaustive {@code switch}. This list is everything a backend can be asked to do.
 *
 * <p>Letters: B batch, T time, C channels (model width), H heads, D head dim, F feed-forward width, V vocabulary, M N K
 * matrix dimensions. Every kernel computes in the element type of its floating operands, which is the same for all of
 * them unless it says otherwise. What a kernel allows to be stored in BF16 may be, operand by operand, wherever it
 * computes in F32: it is widened when read and rounded to nearest, ties to even, when written. Operands that are
 * written must not overlap others unless the kernel allows it.
 */
public sealed interface Kernel
    permits
        // matrix products
        MatMul, SparseMatMul, SampledMatMul,
        // attention
        Attention, AttentionGradient,
        // norms and activations
        Norm, NormGradient, Gelu, GeluGradient, SwiGlu, SwiGluGradient,
        // ends of the model
        Embedding, EmbeddingGradient, CrossEntropy,
        // optimizer
        AdamW, SquaredNorm,
        // everything else is composed of these
        LinearCombination, Product, Sum, Fill, Copy, Randomize {

  /** How a kernel uses an operand. */
  enum Access {
    /** Read only. */
    READ,
    /** Every element is written; what was there before does not matter. */
    WRITE,
    /** Read and written: the result is added to, or computed from, what was there. */
    UPDATE
  }

  /** One operand with its name in the kernel's formula. */
  record Operand(String name, View view, Access access) {
    static Operand read(String name, View view) {
      return new Operand(name, view, Access.READ);
    }

    static Operand write(String name, View view) {
      return new Operand(name, view, Access.WRITE);
    }

    static Operand update(String name, View view) {
      return new Operand(name, view, Access.UPDATE);
    }

    static Operand output(String name, View view, boolean accumulate) {
      return accumulate ? update(name, view) : write(name, view);
    }
  }

  /** The kernel's name, as in error messages and profiles. */
  default String name() {
    return getClass().getSimpleName();
  }

  /** All operands, outputs first. */
  List<Operand> operands();

  /** Arithmetic operations, a multiply-add counted as two. */
  long flops();

  /** Bytes that must cross the memory bus at least once: each operand read once, written once. */
  default long bytes() {
    long bytes = 0;
    for (Operand operand : operands()) {
      bytes += operand.view().bytes() * (operand.access() == Access.UPDATE ? 2 : 1);
    }
    return bytes;
  }
}
