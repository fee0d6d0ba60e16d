package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.binding.CudaException;
import dev.pantograph.backends.cuda.driver.Streams;
import dev.pantograph.backends.cuda.nvrtc.CubinCache;
import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.Backend;
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
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.LinearCombination;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Norm;
import dev.pantograph.spi.NormGradient;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.Readback;
import dev.pantograph.spi.Replay;
import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.SparseMatMul;
import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.SwiGlu;
import dev.pantograph.spi.SwiGluGradient;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One device and one stream, in which everything is queued: kernels return before they have run. Failures of the device
 * show at a later call, mostly at a {@link #download}, which waits.
 */
final class CudaBackend implements Backend {
  private static final Logger LOG = System.getLogger(CudaBackend.class.getName());

  /** Half of the memory through which uploads pass, in bytes. */
  private static final long PASSAGE = 4L << 20;

  private final Device device;
  private final boolean synchronous;
  private final Streams streams;
  private final long stream;
  private final Arena arena = Arena.ofShared();
  private final DeviceMemory memory;
  private final Transfers transfers;
  private final Readbacks readbacks;
  private final KernelCode code;
  private final TokenCheck tokens;
  private final ElementwiseKernels elementwise;
  private final CopyKernel copy;
  private final Sums sums;
  private final NormKernels norms;
  private final EndKernels ends;
  private final Optimizer optimizer;
  private final CublasProducts products;
  private final MatMulKernels matMul;
  private final SparseKernels sparse;
  private final AttentionKernels attention;
  private final RecordedKernels.Runner runner = new RecordedKernels.Runner() {
    @Override
    public void run(Supplier<String> what, Runnable action) {
      enter();
      attempt(what, action);
    }

    @Override
    public void requireTokens(Kernel kernel) {
      CudaBackend.this.requireTokens(kernel);
    }

    @Override
    public void release(Runnable action) {
      if (!closed && lost == null) {
        enter();
        action.run();
      }
    }
  };
  private @Nullable CudaException lost;
  private boolean closed;

  /** @param folder where compiled kernels and algorithms are kept */
  CudaBackend(Device device, CudaLibraries libraries, Path folder, CudaSettings settings) {
    this.device = device;
    this.synchronous = settings.synchronous();
    device.makeCurrent();
    streams = device.driver().streams();
    stream = streams.create(0);
    memory = new DeviceMemory(device.driver().memory());
    transfers = new Transfers(device, stream, PASSAGE);
    readbacks = new Readbacks(device, stream, runner);
    code = new KernelCode(device, new CubinCache(libraries.nvrtc(), folder));
    Launcher launcher = new Launcher(device, code, stream, arena);
    Scratch scratch = new Scratch(memory, "partial results");
    tokens = new TokenCheck(launcher, transfers, scratch);
    elementwise = new ElementwiseKernels(launcher);
    copy = new CopyKernel(launcher);
    sums = new Sums(launcher, scratch);
    norms = new NormKernels(launcher, scratch, sums);
    ends = new EndKernels(launcher, scratch);
    optimizer = new Optimizer(launcher);
    AlgorithmCache searched = settings.timedSearch()
        ? new AlgorithmCache(folder, device.name(), libraries.cublasLt().version()) : null;
    products = new CublasProducts(
        libraries.cublasLt().on(device.name()), searched, device.driver().events(), memory, stream);
    matMul = new MatMulKernels(new OwnMatMul(launcher), products, copy, scratch, settings);
    sparse = new SparseKernels(launcher);
    attention = new AttentionKernels(new OwnAttention(launcher), libraries.cudnn().map(
        library -> new CudnnAttention(library.on(device.name()), settings.anyOrder(), memory, stream)),
        libraries.withoutCudnn());
  }

  @Override
  public String id() {
    return CudaBackendProvider.ID;
  }

  @Override
  public Buffer allocate(String name, long byteSize) {
    enter();
    try {
      return memory.allocate(name, byteSize);
    } catch (CudaException e) {
      throw failed(e, "buffer '%s' of %d bytes".formatted(name, byteSize));
    }
  }

  @Override
  public void submit(Kernel kernel) {
    enter();
    requireOperands(kernel);
    attempt(() -> kernel.name() + ", or a kernel before it", () -> {
      requireTokens(kernel);
      run(kernel);
      if (synchronous) {
        streams.synchronize(stream);
      }
    });
    for (Kernel.Operand operand : kernel.operands()) {
      if (operand.access() != Kernel.Access.READ) {
        ((DeviceBuffer) operand.view().buffer()).written();
      }
    }
  }

  private void requireOperands(Kernel kernel) {
    for (Kernel.Operand operand : kernel.operands()) {
      DeviceBuffer.of(operand.view().buffer(), memory);
    }
  }

  private void requireTokens(Kernel kernel) {
    switch (kernel) {
      case Embedding k -> tokens.require(k, "tokens", k.tokens(), k.table().size(0));
      case EmbeddingGradient k -> tokens.require(k, "tokens", k.tokens(), k.dTable().size(0));
      case CrossEntropy k -> tokens.require(k, "targets", k.targets(), k.logits().size(1));
      default -> {}
    }
  }

  private void run(Kernel kernel) {
    switch (kernel) {
      case MatMul k -> matMul.run(k);
      case SparseMatMul k -> sparse.run(k);
      case SampledMatMul k -> sparse.run(k);
      case Attention k -> attention.run(k);
      case AttentionGradient k -> attention.run(k);
      case Norm k -> norms.run(k);
      case NormGradient k -> norms.run(k);
      case Gelu k -> elementwise.run(k);
      case GeluGradient k -> elementwise.run(k);
      case SwiGlu k -> elementwise.run(k);
      case SwiGluGradient k -> elementwise.run(k);
      case Embedding k -> ends.run(k);
      case EmbeddingGradient k -> ends.run(k);
      case CrossEntropy k -> ends.run(k);
      case AdamW k -> optimizer.run(k);
      case SquaredNorm k -> sums.run(k);
      case Sum k -> sums.run(k);
      case LinearCombination k -> elementwise.run(k);
      case Product k -> elementwise.run(k);
      case Fill k -> elementwise.run(k);
      case Copy k -> copy.run(k);
      case Randomize k -> elementwise.run(k);
    }
  }

  /**
   * A graph of the driver, unless each kernel is to be waited for, or one writes tokens: then they cannot be checked
   * before all others run.
   */
  @Override
  public Replay replay(List<Kernel> kernels) {
    enter();
    List<Kernel> all = List.copyOf(kernels);
    if (all.isEmpty() || synchronous || all.stream().anyMatch(CudaBackend::writesIntegers)) {
      return Backend.super.replay(all);
    }
    all.forEach(this::requireOperands);
    try {
      return RecordedKernels.of(device.driver().graphs(), stream, all, this::run, runner);
    } catch (CudaException e) {
      CudaException named = failed(e, "recording of %d kernels".formatted(all.size()));
      if (named.fatal()) {
        throw named;
      }
      LOG.log(Level.WARNING, () -> "kernels will be submitted one by one: " + named.getMessage());
      return Backend.super.replay(all);
    }
  }

  private static boolean writesIntegers(Kernel kernel) {
    return kernel.operands().stream().anyMatch(
        operand -> operand.access() != Kernel.Access.READ && operand.view().type() == DType.I32);
  }

  @Override
  public String explain(Kernel kernel) {
    enter();
    return switch (kernel) {
      case MatMul k -> matMul.explain(k);
      case Attention k -> attention.explain(k);
      case AttentionGradient k -> attention.explain(k);
      default -> "";
    };
  }

  /** By a product in bfloat16 on the device's matrix units, and a copy. */
  @Override
  public Ceilings measureCeilings() {
    enter();
    try (DeviceCeilings ceilings = new DeviceCeilings(device.driver().events(), stream, this)) {
      return ceilings.measure();
    }
  }

  @Override
  public void upload(MemorySegment source, Buffer target, long targetOffset) {
    enter();
    DeviceBuffer buffer = DeviceBuffer.of(target, memory);
    long address = buffer.address(targetOffset, source.byteSize());
    attempt(() -> "upload to buffer '%s', or a kernel before it".formatted(target.name()),
        () -> transfers.upload(source, address));
    if (buffer.holdsTokens()) {
      buffer.setTokens(TokenBounds.of(source, targetOffset));
    }
  }

  @Override
  public void download(Buffer source, long sourceOffset, MemorySegment target) {
    enter();
    long address = DeviceBuffer.of(source, memory).address(sourceOffset, target.byteSize());
    attempt(() -> "download of buffer '%s', or a kernel before it".formatted(source.name()),
        () -> transfers.download(address, target));
  }

  /** Waits, as {@link #download} does, where there are more bytes than a slot has. */
  @Override
  public Readback readBack(Buffer source, long sourceOffset, MemorySegment target) {
    if (target.byteSize() == 0 || target.byteSize() > Readbacks.SLOT_BYTES) {
      return Backend.super.readBack(source, sourceOffset, target);
    }
    enter();
    long address = DeviceBuffer.of(source, memory).address(sourceOffset, target.byteSize());
    String name = source.name();
    return readbacks.begin(
        () -> "read-back of buffer '%s', or a kernel before it".formatted(name), address, target);
  }

  /** What comes before everything else. */
  private void enter() {
    if (closed) {
      throw new IllegalStateException("backend '%s' is closed".formatted(id()));
    }
    CudaException failure = lost;
    if (failure != null) {
      throw failure;
    }
    device.makeCurrent();
  }

  /** @param what was attempted, for the message of a failure */
  private void attempt(Supplier<String> what, Runnable action) {
    try {
      action.run();
    } catch (CudaException e) {
      throw failed(e, what.get());
    }
  }

  private CudaException failed(CudaException e, String circumstances) {
    CudaException named = e.with(circumstances);
    if (e.fatal()) {
      lost = named;
    }
    return named;
  }

  /** Waits for all work. After a failure of the device there is nothing left to give back. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (lost == null) {
        attempt(() -> "closing the backend, or a kernel before it", this::giveBack);
      }
    } finally {
      memory.abandon();
      arena.close();
    }
  }

  private void giveBack() {
    device.makeCurrent();
    streams.synchronize(stream);
    transfers.close();
    readbacks.close();
    attention.close();
    products.close();
    code.close();
    memory.close();
    streams.destroy(stream);
  }
}
