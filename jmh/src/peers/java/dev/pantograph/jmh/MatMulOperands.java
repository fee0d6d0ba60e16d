package dev.pantograph.jmh;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Philox;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Memory of one product, the same for all contestants: factors uniform in [−½, ½) and room for a result. */
final class MatMulOperands implements AutoCloseable {
  private static final long SEED = 20;

  private final MatMulCase product;
  private final HostBuffer a;
  private final HostBuffer b;
  private final HostBuffer c;

  MatMulOperands(MatMulCase product) {
    this.product = product;
    this.a = allocate("a", product.m(), product.k());
    this.b = allocate("b", product.k(), product.n());
    this.c = allocate("c", product.m(), product.n());
    fill(a.segment(), 0);
    fill(b.segment(), 1);
  }

  private static HostBuffer allocate(String name, int rows, int columns) {
    return new HostBuffer(name, (long) rows * columns * DType.F32.bytes());
  }

  /** Repeats a block, since the largest operands have 39 million elements; no row is another's, as 999,983 is prime. */
  private static void fill(MemorySegment segment, long stream) {
    long bytes = segment.byteSize();
    long block = Math.min(bytes, 999_983L * DType.F32.bytes());
    int resolution = 1 << 20;
    for (long i = 0; i < block / DType.F32.bytes(); i++) {
      float uniform = (float) Philox.below(resolution, SEED, stream, i) / resolution;
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, uniform - 0.5f);
    }
    for (long at = block; at < bytes; at += block) {
      MemorySegment.copy(segment, 0, segment, at, Math.min(block, bytes - at));
    }
  }

  MatMulCase product() {
    return product;
  }

  HostBuffer a() {
    return a;
  }

  HostBuffer b() {
    return b;
  }

  HostBuffer c() {
    return c;
  }

  @Override
  public void close() {
    c.close();
    b.close();
    a.close();
  }
}
