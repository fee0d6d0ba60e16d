package dev.pantograph.jmh;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Query, key and value of a model of width 256 over 4096 tokens: {@code [M, K]·[N, K]ᵀ}, the weight row-major as it is
 * stored and seen through a transpose.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class MatMulBenchmark {
  private static final int M = 4096;
  private static final int K = 256;
  private static final int N = 768;

  @Param("vector")
  public String backendId = "vector";

  @Param("1")
  public int threads = 1;

  private Operands operands;

  /** Counts arithmetic beside calls; its rate is in GFLOP/s. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Arithmetic {
    public double gflops;
  }

  /** What one measurement works on. */
  private static final class Operands implements AutoCloseable {
    private final Backend backend;
    private final Buffer input;
    private final Buffer weight;
    private final Buffer output;
    private final MatMul kernel;

    Operands(Backend backend) {
      this.backend = backend;
      input = random("input", M * K);
      weight = random("weight", N * K);
      output = backend.allocate("output", (long) M * N * DType.F32.bytes());
      kernel = MatMul.product(
          View.of(output, DType.F32, 0, Shape.of(M, N)),
          View.of(input, DType.F32, 0, Shape.of(M, K)),
          View.of(weight, DType.F32, 0, Shape.of(N, K)).transpose());
    }

    private Buffer random(String name, int elements) {
      Random random = new Random(elements);
      float[] values = new float[elements];
      for (int i = 0; i < elements; i++) {
        values[i] = (float) random.nextGaussian();
      }
      Buffer buffer = backend.allocate(name, (long) elements * DType.F32.bytes());
      backend.upload(MemorySegment.ofArray(values), buffer, 0);
      return buffer;
    }

    @Override
    public void close() {
      output.close();
      weight.close();
      input.close();
      backend.close();
    }
  }

  @Setup
  public void open() {
    operands = new Operands(Backends.discover().open(backendId, BackendOptions.threads(threads)));
  }

  @TearDown
  public void close() {
    operands.close();
  }

  /** One product; the result stays in the backend's memory, which the compiler cannot see through. */
  @Benchmark
  public void product(Arithmetic arithmetic) {
    operands.backend.submit(operands.kernel);
    arithmetic.gflops += operands.kernel.flops() * 1e-9;
  }
}
