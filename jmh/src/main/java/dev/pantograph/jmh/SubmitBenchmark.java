package dev.pantograph.jmh;

import dev.pantograph.core.cost.CostedBackend;
import dev.pantograph.core.cost.Device;
import dev.pantograph.core.fault.FaultyBackend;
import dev.pantograph.core.kernel.AbsentBuffer;
import dev.pantograph.core.profile.ProfilingBackend;
import dev.pantograph.core.trace.TraceLine.Detail;
import dev.pantograph.core.trace.TraceWriter;
import dev.pantograph.core.trace.TracingBackend;
import dev.pantograph.core.validation.ValidatingBackend;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Ceilings;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the contract itself costs: an empty kernel through every decorator, to a backend that does nothing. Profiling
 * and cost record each kernel; tracing waits for its step, validation draws whether the kernel is checked, and the
 * faulty backend has no fault. Run by JMH's own main class, with this class's name.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
public class SubmitBenchmark {
  /** As many as a step of a small model has. */
  private static final int KERNELS = 200;

  private final Kernel empty =
      new Fill(View.of(new AbsentBuffer("empty", 0), DType.F32, 0, Shape.of(0)), 0);
  private final Idle idle = new Idle();
  private Path trace;
  private ProfilingBackend profiling;
  private CostedBackend costed;
  private TracingBackend chain;

  /** Runs nothing and holds nothing. */
  private static final class Idle implements Backend {
    private long submitted;

    @Override
    public String id() {
      return "idle";
    }

    @Override
    public Buffer allocate(String name, long byteSize) {
      return new AbsentBuffer(name, byteSize);
    }

    @Override
    public void submit(Kernel kernel) {
      submitted++;
    }

    @Override
    public void upload(MemorySegment source, Buffer target, long targetOffset) {}

    @Override
    public void download(Buffer source, long sourceOffset, MemorySegment target) {}

    @Override
    public void close() {}
  }

  @Setup
  public void open() throws IOException {
    trace = Files.createTempFile("empty", ".trace");
    profiling = new ProfilingBackend(new FaultyBackend(idle));
    costed = new CostedBackend(profiling, Device.of("any", new Ceilings(1, 1)));
    ValidatingBackend validating = new ValidatingBackend(costed, new Idle(), Integer.MAX_VALUE);
    chain = new TracingBackend(validating, new TraceWriter(trace, "idle", Detail.STRUCTURE));
  }

  @TearDown
  public void close() throws IOException {
    chain.close();
    Files.deleteIfExists(trace);
  }

  @Benchmark
  @OperationsPerInvocation(KERNELS)
  public long throughEveryDecorator() {
    profiling.start();
    costed.start();
    for (int i = 0; i < KERNELS; i++) {
      chain.submit(empty);
    }
    return idle.submitted;
  }
}
