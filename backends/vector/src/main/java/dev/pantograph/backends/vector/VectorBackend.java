package dev.pantograph.backends.vector;

import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendUnavailableException;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Ceilings;
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
import dev.pantograph.spi.KernelException;
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
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Float32 kernels by the Vector API on a {@link WorkerPool}. Work is cut by shape alone and every reduction has a fixed
 * order, so results have the same bits for any number of threads.
 */
public final class VectorBackend implements Backend {
  private final String id;
  private final WorkerPool pool;
  private final VectorMatMul matMul;
  private final @Nullable GemmMatMul libraryMatMul;
  private final DenseWeight denseWeight;
  private final VectorSparseMatMul sparseMatMul;
  private final VectorSampledMatMul sampledMatMul;
  private final VectorAttention attention;
  private final VectorNorm norm;
  private final VectorGelu gelu;
  private final VectorSwiGlu swiGlu;
  private final VectorEmbedding embedding;
  private final VectorCrossEntropy crossEntropy;
  private final VectorOptimizer optimizer;
  private final VectorElementwise elementwise;
  private final WidenedOperands widened;

  VectorBackend(int threads) {
    this(VectorBackendProvider.ID, threads, null);
  }

  private VectorBackend(String id, int threads, @Nullable Gemm gemm) {
    this.id = id;
    pool = new WorkerPool(id, threads);
    matMul = new VectorMatMul(pool);
    libraryMatMul = gemm == null ? null : new GemmMatMul(pool, gemm, this::submit);
    denseWeight = new DenseWeight(pool);
    SparseFormats formats = new SparseFormats();
    sparseMatMul = new VectorSparseMatMul(pool, matMul, denseWeight, formats);
    sampledMatMul = new VectorSampledMatMul(pool, matMul, denseWeight, formats);
    attention = new VectorAttention(pool);
    norm = new VectorNorm(pool);
    gelu = new VectorGelu(pool);
    swiGlu = new VectorSwiGlu(pool);
    embedding = new VectorEmbedding(pool);
    crossEntropy = new VectorCrossEntropy(pool);
    optimizer = new VectorOptimizer(pool);
    elementwise = new VectorElementwise(pool);
    widened = new WidenedOperands(this::run);
  }

  /**
   * A backend of its own name whose matrix products a library computes; all else is as in backend {@code vector}.
   *
   * @param threads how many threads call the library at once, at most
   * @param gemm closed with the backend
   * @throws BackendUnavailableException if backend {@code vector} is not available
   */
  public static VectorBackend withProducts(String id, int threads, Gemm gemm) {
    if (new VectorBackendProvider().probe() instanceof Availability.Unavailable why) {
      gemm.close();
      throw new BackendUnavailableException(id, why);
    }
    return new VectorBackend(id, threads, gemm);
  }

  /**
   * The same backend under the name of one that is built on it, for its errors.
   *
   * @throws BackendUnavailableException if backend {@code vector} is not available
   */
  public static VectorBackend named(String id, int threads) {
    if (new VectorBackendProvider().probe() instanceof Availability.Unavailable why) {
      throw new BackendUnavailableException(id, why);
    }
    return new VectorBackend(id, threads, null);
  }

  /** Length of the vectors this process computes with. */
  public static int vectorBits() {
    return Lanes.FLOATS.vectorBitSize();
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Buffer allocate(String name, long byteSize) {
    pool.requireOpen();
    return new HostBuffer(name, byteSize);
  }

  @Override
  public void submit(Kernel kernel) {
    pool.requireOpen();
    if (!id.equals(VectorBackendProvider.ID) && !(kernel instanceof Copy || kernel instanceof Fill)) {
      requireFloat32(kernel);
    }
    if (kernel instanceof MatMul k && libraryMatMul != null && libraryMatMul.takes(k)) {
      libraryMatMul.run(k);
    } else if (WidenedOperands.has(kernel)) {
      widened.run(kernel);
    } else {
      run(kernel);
    }
  }

  /** Runs a kernel in float32, or a {@link Copy} or {@link Fill} in any type. */
  private void run(Kernel kernel) {
    switch (kernel) {
      case MatMul k -> multiply(k);
      case SparseMatMul k -> sparseMatMul.run(k);
      case SampledMatMul k -> sampledMatMul.run(k);
      case Attention k -> attention.run(k);
      case AttentionGradient k -> attention.run(k);
      case Norm k -> norm.run(k);
      case NormGradient k -> norm.run(k);
      case Gelu k -> gelu.run(k);
      case GeluGradient k -> gelu.run(k);
      case SwiGlu k -> swiGlu.run(k);
      case SwiGluGradient k -> swiGlu.run(k);
      case Embedding k -> embedding.run(k);
      case EmbeddingGradient k -> embedding.run(k);
      case CrossEntropy k -> crossEntropy.run(k);
      case AdamW k -> optimizer.run(k);
      case SquaredNorm k -> optimizer.run(k);
      case LinearCombination k -> elementwise.run(k);
      case Product k -> elementwise.run(k);
      case Sum k -> elementwise.run(k);
      case Fill k -> elementwise.run(k);
      case Copy k -> elementwise.run(k);
      case Randomize k -> elementwise.run(k);
    }
  }

  /** Refuses in the name of this backend what the kernels would refuse in that of {@code vector}: all in float64. */
  private void requireFloat32(Kernel kernel) {
    View refused = null;
    for (Kernel.Operand operand : kernel.operands()) {
      DType type = operand.view().type();
      if (type.isFloating() && type.computed() == DType.F32) {
        return;
      }
      refused = type == DType.F64 && refused == null ? operand.view() : refused;
    }
    if (refused != null) {
      throw KernelException.unsupportedType(id, kernel, refused);
    }
  }

  private void multiply(MatMul k) {
    if (libraryMatMul != null && libraryMatMul.takes(k)) {
      libraryMatMul.run(k);
    } else {
      matMul.run(k);
    }
  }

  @Override
  public String explain(Kernel kernel) {
    return switch (kernel) {
      case SparseMatMul k -> SparsePlan.ofProduct(k.pattern()).reason();
      case SampledMatMul k -> SparsePlan.ofSampledProduct(k.pattern()).reason();
      case MatMul k when libraryMatMul != null -> libraryMatMul.explain(k);
      default -> WidenedOperands.has(kernel) ? "on float32 copies" : "";
    };
  }

  @Override
  public void upload(MemorySegment source, Buffer target, long targetOffset) {
    pool.requireOpen();
    HostBuffer.of(target).segment().asSlice(targetOffset, source.byteSize()).copyFrom(source);
  }

  @Override
  public void download(Buffer source, long sourceOffset, MemorySegment target) {
    pool.requireOpen();
    target.copyFrom(HostBuffer.of(source).segment().asSlice(sourceOffset, target.byteSize()));
  }

  @Override
  public Ceilings measureCeilings() {
    return new Ceilings(MultiplyAddPeak.measure(pool), CopyBandwidth.measure(pool));
  }

  @Override
  public void close() {
    widened.close();
    denseWeight.close();
    pool.close();
    if (libraryMatMul != null) {
      libraryMatMul.close();
    }
  }
}
