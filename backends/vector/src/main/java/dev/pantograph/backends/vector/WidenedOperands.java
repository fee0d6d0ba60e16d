package dev.pantograph.backends.vector;

import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.Copy;
import dev.pantograph.spi.CrossEntropy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Embedding;
import dev.pantograph.spi.EmbeddingGradient;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.GeluGradient;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.LinearCombination;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Norm;
import dev.pantograph.spi.NormGradient;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.SparseMatMul;
import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.SwiGlu;
import dev.pantograph.spi.SwiGluGradient;
import dev.pantograph.spi.View;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a kernel whose operands are stored in BF16 as the same kernel on float32 copies of them: widened before, rounded
 * after. {@linkplain RowSlices Kernels that work by rows} and {@linkplain MatMulSlices products} are run a part at a
 * time, so that the copies never leave the cache and memory sees bfloat16 alone. The copies' memory is kept for the
 * next kernel.
 */
final class WidenedOperands {
  private final Consumer<Kernel> backend;
  private final List<HostBuffer> memory = new ArrayList<>();
  private final List<Widened> widened = new ArrayList<>();

  private record Widened(View stored, View copy) {}

  /** For kernels that this backend runs in float32, and copies between types. */
  WidenedOperands(Consumer<Kernel> backend) {
    this.backend = backend;
  }

  /** Whether some operand that may be stored in BF16 is. Asked of every kernel, so it makes no list of operands. */
  static boolean has(Kernel kernel) {
    return switch (kernel) {
      case MatMul k -> any(k.out(), k.a(), k.b(), k.c()) || switch (k.epilogue()) {
        case MatMul.Epilogue.Activation(View z, var _) -> isStored(z);
        case MatMul.Epilogue.ActivationGradient(View z, var _) -> isStored(z);
        case MatMul.Epilogue.None _, MatMul.Epilogue.RowSums _ -> false;
      };
      case Attention k -> any(k.out(), k.q(), k.k(), k.v());
      case AttentionGradient k -> any(k.dq(), k.dk(), k.dv(), k.dOut()) || any(k.out(), k.q(), k.k(), k.v());
      case Norm k -> any(k.out(), k.x(), null, null);
      case NormGradient k -> any(k.dx(), k.dOut(), k.x(), null);
      case Gelu k -> any(k.out(), k.x(), null, null);
      case GeluGradient k -> any(k.dx(), k.dOut(), k.x(), null);
      case SwiGlu k -> any(k.out(), k.gate(), k.up(), null);
      case SwiGluGradient k -> any(k.dGate(), k.dUp(), k.dOut(), null) || any(k.gate(), k.up(), null, null);
      case Embedding k -> any(k.out(), k.table(), k.positions(), null);
      case EmbeddingGradient k -> isStored(k.dOut());
      case CrossEntropy k -> any(k.dLogits(), k.logits(), null, null);
      case LinearCombination k -> any(k.out(), k.x(), k.y(), null);
      case Product k -> any(k.out(), k.x(), k.y(), null);
      case Sum k -> isStored(k.x()) && k.out().elements() == 1;
      case SparseMatMul _, SampledMatMul _, Copy _, Fill _, Randomize _, AdamW _, SquaredNorm _ -> false;
    };
  }

  private static boolean any(@Nullable View first, @Nullable View second, @Nullable View third, @Nullable View fourth) {
    return isStored(first) || isStored(second) || isStored(third) || isStored(fourth);
  }

  private static boolean isStored(@Nullable View view) {
    return view != null && view.type() == DType.BF16;
  }

  void run(Kernel kernel) {
    begin(kernel);
    if (kernel instanceof MatMul product) {
      MatMulSlices.of(product).forEach(slice -> runSlice(slice, withCopies(slice)));
    } else {
      RowSlices.of(kernel).forEach(slice -> runSlice(slice, withCopies(slice)));
    }
  }

  /** Refuses what the kernel itself would only refuse once something is written. */
  private void begin(Kernel kernel) {
    // What a kernel that failed may have left.
    widened.clear();
    for (Kernel.Operand operand : kernel.operands()) {
      HostBuffer.segmentOf(operand.view());
    }
    if (kernel instanceof CrossEntropy k) {
      new TokenIndices(k.targets()).requireBelow(k.logits().size(1), k, "targets");
    }
  }

  /** Runs a kernel as the same one on the copies just made. */
  private void runSlice(Kernel kernel, Kernel exact) {
    List<Kernel.Operand> operands = kernel.operands();
    for (Kernel.Operand operand : operands) {
      View copy = existingCopy(operand.view());
      if (copy != null && operand.access() != Kernel.Access.WRITE) {
        backend.accept(new Copy(copy, operand.view()));
      }
    }
    backend.accept(exact);
    for (Kernel.Operand operand : operands) {
      View copy = existingCopy(operand.view());
      if (copy != null && operand.access() != Kernel.Access.READ) {
        backend.accept(new Copy(operand.view(), copy));
      }
    }
    widened.clear();
  }

  /** The operand itself, or its copy, which is the same for the same elements. */
  private View copy(View view) {
    if (view.type() != DType.BF16) {
      return view;
    }
    View copy = existingCopy(view);
    if (copy == null) {
      copy = allocate(view);
      widened.add(new Widened(view, copy));
    }
    return copy;
  }

  private @Nullable View existingCopy(View view) {
    for (Widened each : widened) {
      if (each.stored().sameElementsAs(view)) {
        return each.copy();
      }
    }
    return null;
  }

  /** Contiguous, but by columns if the operand is. */
  private View allocate(View view) {
    if (view.rank() >= 2 && view.stride(-1) != 1 && view.stride(-2) == 1) {
      return allocate(view.transpose()).transpose();
    }
    int slot = widened.size();
    long bytes = Math.multiplyExact(view.elements(), Float.BYTES);
    if (slot == memory.size()) {
      memory.add(new HostBuffer("float32 copy", bytes));
    } else if (memory.get(slot).byteSize() < bytes) {
      memory.get(slot).close();
      memory.set(slot, new HostBuffer("float32 copy", bytes));
    }
    return View.of(memory.get(slot), DType.F32, 0, view.shape());
  }

  private @Nullable View copyOrNull(@Nullable View view) {
    return view == null ? null : copy(view);
  }

  private Kernel withCopies(Kernel kernel) {
    return switch (kernel) {
      case MatMul k -> new MatMul(copy(k.out()), copy(k.a()), copy(k.b()), k.alpha(), k.bias(), k.beta(),
          copyOrNull(k.c()), withCopies(k.epilogue()));
      case Attention k -> new Attention(copy(k.out()), k.logSumExp(), copy(k.q()), copy(k.k()), copy(k.v()),
          k.slopes(), k.scale());
      case AttentionGradient k -> new AttentionGradient(copy(k.dq()), copy(k.dk()), copy(k.dv()), copy(k.dOut()),
          copy(k.out()), k.logSumExp(), copy(k.q()), copy(k.k()), copy(k.v()), k.slopes(), k.scale());
      case Norm k -> new Norm(copy(k.out()), k.mean(), k.inverseStd(), copy(k.x()), k.gain(), k.bias(), k.epsilon());
      case NormGradient k -> new NormGradient(copy(k.dx()), k.dGain(), k.dBias(), copy(k.dOut()), copy(k.x()),
          k.mean(), k.inverseStd(), k.gain(), k.accumulate());
      case Gelu k -> new Gelu(copy(k.out()), copy(k.x()), k.form());
      case GeluGradient k -> new GeluGradient(copy(k.dx()), copy(k.dOut()), copy(k.x()), k.form(), k.accumulate());
      case SwiGlu k -> new SwiGlu(copy(k.out()), copy(k.gate()), copy(k.up()));
      case SwiGluGradient k -> new SwiGluGradient(copy(k.dGate()), copy(k.dUp()), copy(k.dOut()), copy(k.gate()),
          copy(k.up()), k.accumulate());
      case Embedding k -> new Embedding(copy(k.out()), k.tokens(), copy(k.table()), copyOrNull(k.positions()),
          k.scale());
      case EmbeddingGradient k -> new EmbeddingGradient(k.dTable(), k.dPositions(), copy(k.dOut()), k.tokens(),
          k.scale());
      case CrossEntropy k -> new CrossEntropy(k.losses(), copyOrNull(k.dLogits()), copy(k.logits()), k.targets(),
          k.gradientScale());
      case LinearCombination k -> new LinearCombination(copy(k.out()), k.alpha(), copy(k.x()), k.beta(),
          copyOrNull(k.y()));
      case Product k -> new Product(copy(k.out()), copy(k.x()), copy(k.y()), k.accumulate());
      case Sum k -> new Sum(k.out(), copy(k.x()), k.scale(), k.accumulate());
      default -> throw new AssertionError(kernel.name() + " has no operand that is widened");
    };
  }

  private MatMul.Epilogue withCopies(MatMul.Epilogue epilogue) {
    return switch (epilogue) {
      case MatMul.Epilogue.None none -> none;
      case MatMul.Epilogue.Activation(View z, var form) -> new MatMul.Epilogue.Activation(copy(z), form);
      case MatMul.Epilogue.ActivationGradient(View z, var form) ->
          new MatMul.Epilogue.ActivationGradient(copy(z), form);
      case MatMul.Epilogue.RowSums sums -> sums;
    };
  }

  void close() {
    memory.forEach(HostBuffer::close);
    memory.clear();
  }
}
