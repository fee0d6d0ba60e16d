package org.example.loops;

import dev.pantograph.backends.reference.ReferenceBackendProvider;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.MatMul;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ForkJoinPool;

/** Runs the kernels it has and hands the others to the reference backend, which works on the same host memory. */
final class LoopsBackend implements Backend {
  private final Backend rest = new ReferenceBackendProvider().open(BackendOptions.defaults());
  private final ForkJoinPool workers;
  private boolean closed;

  LoopsBackend(int threads) {
    workers = new ForkJoinPool(threads);
  }

  @Override
  public String id() {
    return LoopsProvider.ID;
  }

  @Override
  public Buffer allocate(String name, long byteSize) {
    requireOpen();
    return new HostBuffer(name, byteSize);
  }

  @Override
  public void submit(Kernel kernel) {
    requireOpen();
    switch (kernel) {
      case MatMul product when isPlain(product) -> new LoopsMatMul(product).run(workers);
      default -> rest.submit(kernel);
    }
  }

  /** Float32, and a product without an epilogue. */
  private static boolean isPlain(MatMul product) {
    return product.epilogue().equals(MatMul.Epilogue.NONE)
        && product.operands().stream().allMatch(operand -> operand.view().type() == DType.F32);
  }

  @Override
  public void upload(MemorySegment source, Buffer target, long targetOffset) {
    requireOpen();
    rest.upload(source, target, targetOffset);
  }

  @Override
  public void download(Buffer source, long sourceOffset, MemorySegment target) {
    requireOpen();
    rest.download(source, sourceOffset, target);
  }

  @Override
  public void close() {
    closed = true;
    workers.close();
    rest.close();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("backend '%s' is closed".formatted(id()));
    }
  }
}
