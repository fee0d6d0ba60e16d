package dev.pantograph.backends.reference;

import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Copy;
import dev.pantograph.spi.CrossEntropy;
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
import java.lang.foreign.MemorySegment;

/**
 * The oracle. Operands may be F32, F64 or BF16; all arithmetic is float64, and a result is rounded once, when it is
 * stored. The code follows the formulas of the kernels and gives up speed wherever that makes it easier to check by
 * reading.
 */
final class ReferenceBackend implements Backend {
  private boolean closed;

  @Override
  public String id() {
    return ReferenceBackendProvider.ID;
  }

  @Override
  public Buffer allocate(String name, long byteSize) {
    requireOpen();
    return new HostBuffer(name, byteSize);
  }

  @Override
  public void submit(Kernel kernel) {
    requireOpen();
    requireUsableOperands(kernel);
    switch (kernel) {
      case MatMul k -> ReferenceMatMul.run(k);
      case SparseMatMul k -> ReferenceSparseMatMul.run(k);
      case SampledMatMul k -> ReferenceSparseMatMul.run(k);
      case Attention k -> ReferenceAttention.run(k);
      case AttentionGradient k -> ReferenceAttention.run(k);
      case Norm k -> ReferenceNorm.run(k);
      case NormGradient k -> ReferenceNorm.run(k);
      case Gelu k -> ReferenceGelu.run(k);
      case GeluGradient k -> ReferenceGelu.run(k);
      case SwiGlu k -> ReferenceSwiGlu.run(k);
      case SwiGluGradient k -> ReferenceSwiGlu.run(k);
      case Embedding k -> ReferenceEmbedding.run(k);
      case EmbeddingGradient k -> ReferenceEmbedding.run(k);
      case CrossEntropy k -> ReferenceCrossEntropy.run(k);
      case AdamW k -> ReferenceAdamW.run(k);
      case SquaredNorm k -> ReferenceReduction.run(k);
      case Sum k -> ReferenceReduction.run(k);
      case LinearCombination k -> ReferenceElementwise.run(k);
      case Product k -> ReferenceElementwise.run(k);
      case Fill k -> ReferenceElementwise.run(k);
      case Copy k -> ReferenceElementwise.run(k);
      case Randomize k -> ReferenceElementwise.run(k);
    }
  }

  @Override
  public void upload(MemorySegment source, Buffer target, long targetOffset) {
    requireOpen();
    HostBuffer.of(target).segment().asSlice(targetOffset, source.byteSize()).copyFrom(source);
  }

  @Override
  public void download(Buffer source, long sourceOffset, MemorySegment target) {
    requireOpen();
    target.copyFrom(HostBuffer.of(source).segment().asSlice(sourceOffset, target.byteSize()));
  }

  @Override
  public void close() {
    closed = true;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("backend '%s' is closed".formatted(id()));
    }
  }

  /** Looks at every operand first, so that a kernel either runs to its end or writes nothing. */
  private void requireUsableOperands(Kernel kernel) {
    for (Kernel.Operand operand : kernel.operands()) {
      HostBuffer.segmentOf(operand.view());
    }
  }
}
