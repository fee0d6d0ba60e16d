package dev.pantograph.jmh;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.Kernel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One kernel, again and again. Which one is a parameter: {@link KernelCases} has them all. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 3, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class KernelBenchmark {
  @Param("MatMul square 1024x1024x1024")
  public String kernelCase = "";

  @Param("vector")
  public String backendId = "vector";

  @Param("0")
  public int threads;

  private Run run;

  /** A kernel with its operands, and what measures the ceilings beside it. */
  private static final class Run implements AutoCloseable {
    private final Backend backend;
    private final Operands operands;
    private final Kernel kernel;
    private final ThreadTeam team;
    private final CopyBandwidth copy;
    private double peakFlops;
    private double peakBytes;

    Run(KernelCase kernelCase, Backend backend, int threads) {
      this.backend = backend;
      operands = new Operands(backend);
      kernel = kernelCase.kernel().apply(operands);
      team = new ThreadTeam(threads);
      copy = new CopyBandwidth(workingSet(kernel), threads);
    }

    /** Bytes the kernel touches: at most all operands, but only some rows of a table. */
    private static long workingSet(Kernel kernel) {
      long operands = kernel.operands().stream().mapToLong(operand -> operand.view().bytes()).sum();
      return Math.min(operands, kernel.bytes());
    }

    @Override
    public void close() {
      copy.close();
      team.close();
      operands.close();
      backend.close();
    }
  }

  @Setup
  public void open() {
    BackendOptions options = BackendOptions.threads(threads);
    run = new Run(KernelCases.named(kernelCase), Backends.discover().open(backendId, options),
        options.resolvedThreads());
  }

  /** Ceilings are measured again before each iteration, for a machine's speed changes while it is used. */
  @Setup(Level.Iteration)
  public void measureCeilings() {
    run.peakFlops = FmaPeak.measure(run.team);
    run.peakBytes = run.copy.ceilingOf(run.kernel, run.team);
  }

  @TearDown
  public void close() {
    run.close();
  }

  /** One kernel; the result stays in the backend's memory, which the compiler cannot see through. */
  @Benchmark
  public void submit(Work work, Ceilings ceilings) {
    run.backend.submit(run.kernel);
    work.flops += run.kernel.flops();
    work.bytes += run.kernel.bytes();
    ceilings.peakFlops = run.peakFlops;
    ceilings.peakBytes = run.peakBytes;
  }
}
