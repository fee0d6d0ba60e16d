package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.cublaslt.Product;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.View;
import java.util.Optional;

/**
 * Products in one of three ways: by cuBLASLt with all that follows; by cuBLASLt into float32, and what follows by our
 * kernel, which rounds once, as the library does; by our kernel alone.
 */
final class MatMulKernels {
  private final OwnMatMul own;
  private final CublasProducts library;
  private final CopyKernel copies;
  private final Scratch scratch;
  private final CudaSettings settings;

  /** A way to run a kernel. */
  private sealed interface Way {
    /** By the library. */
    record Whole(Product product) implements Way {}

    /** By the library, then by our kernel. */
    record Staged(Product sums, String reason) implements Way {}

    /** By our kernel. */
    record Own(String reason) implements Way {}
  }

  MatMulKernels(
      OwnMatMul own, CublasProducts library, CopyKernel copies, Scratch scratch, CudaSettings settings) {
    this.own = own;
    this.library = library;
    this.copies = copies;
    this.scratch = scratch;
    this.settings = settings;
  }

  void run(MatMul k) {
    switch (way(k)) {
      case Way.Whole(Product product) -> runWhole(k, product);
      case Way.Staged(Product sums, String _) -> runStaged(k, sums);
      case Way.Own _ -> {
        own.run(k);
        return;
      }
    }
    if (k.epilogue() instanceof MatMul.Epilogue.RowSums rows) {
      own.runRowSums(k, rows);
    }
  }

  String explain(MatMul k) {
    return switch (way(k)) {
      case Way.Whole(Product product) -> "cuBLASLt, epilogue " + product.epilogue();
      case Way.Staged(Product _, String reason) -> "cuBLASLt into float32, the rest by a kernel of our own: " + reason;
      case Way.Own(String reason) -> "a kernel of our own: " + reason;
    };
  }

  private Way way(MatMul k) {
    Batches batches = new Batches(k);
    String refusal = LibraryProduct.refusal(k, batches);
    if (!refusal.isEmpty()) {
      return new Way.Own(refusal);
    }
    String rest = LibraryProduct.rest(k, batches, settings.roundedBias());
    if (rest.isEmpty()) {
      Product whole = LibraryProduct.whole(k, batches, settings.tf32());
      if (library.has(whole)) {
        return new Way.Whole(whole);
      }
      rest = "the library has no kernel with epilogue " + whole.epilogue();
    }
    Product sums = LibraryProduct.sums(k, batches, settings.tf32());
    return library.has(sums) ? new Way.Staged(sums, rest) : new Way.Own("the library has no kernel for " + sums);
  }

  private void runWhole(MatMul k, Product product) {
    View c = k.c();
    library.run(product, new CublasProducts.Operands((float) k.alpha(), DeviceBuffer.address(k.a()),
        DeviceBuffer.address(k.b()), c == null ? 0 : (float) k.beta(),
        DeviceBuffer.address(c == null ? k.out() : c), DeviceBuffer.address(k.out()), bias(k),
        Optional.ofNullable(OwnMatMul.preActivation(k)).map(DeviceBuffer::address).orElse(0L)));
  }

  /** The address of the bias in the type of the result; 0 if there is none. */
  private long bias(MatMul k) {
    View bias = k.bias();
    if (bias == null) {
      return 0;
    }
    if (k.out().type() == DType.F32) {
      return DeviceBuffer.address(bias);
    }
    long rounded = scratch.of(bias.elements() * DType.BF16.bytes());
    copies.pack(rounded, DType.BF16, bias);
    return rounded;
  }

  private void runStaged(MatMul k, Product product) {
    long sums = scratch.of(k.out().elements() * DType.F32.bytes());
    View c = k.c();
    if (c != null) {
      copies.pack(sums, DType.F32, c);
    }
    library.run(product, new CublasProducts.Operands((float) k.alpha(), DeviceBuffer.address(k.a()),
        DeviceBuffer.address(k.b()), c == null ? 0 : (float) k.beta(), sums, sums, 0, 0));
    own.finish(k, sums);
  }
}
