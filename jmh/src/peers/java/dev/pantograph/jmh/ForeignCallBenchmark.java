package dev.pantograph.jmh;

import dev.pantograph.backends.blas.BlasLibraries;
import dev.pantograph.backends.blas.Cblas;
import dev.pantograph.backends.foreign.SharedLibrary;
import dev.pantograph.spi.HostBuffer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the way into a library costs: calls that do next to nothing. {@code cblas_call.c} makes the same from C. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ForeignCallBenchmark {
  private static final MethodHandle GIVE_INTEGER =
      SharedLibrary.downcall(FunctionDescriptor.of(ValueLayout.JAVA_INT));

  private final HostBuffer a = one("a");
  private final HostBuffer b = one("b");
  private final HostBuffer c = one("c");
  private final MemorySegment globalA = Arena.global().allocate(ValueLayout.JAVA_FLOAT);
  private final MemorySegment globalB = Arena.global().allocate(ValueLayout.JAVA_FLOAT);
  private final MemorySegment globalC = Arena.global().allocate(ValueLayout.JAVA_FLOAT);
  private Cblas cblas;
  private MemorySegment getThreads;

  private static HostBuffer one(String name) {
    return new HostBuffer(name, Float.BYTES);
  }

  /** Takes the library out of the jar that the profile {@code peers} brings. */
  @Setup
  public void open() throws IOException, PeerAbsentException {
    NativeLibraries natives = new NativeLibraries(Files.createTempDirectory("pantograph-foreign-call"));
    cblas = Cblas.of(natives.open(BlasLibraries.OPENBLAS)).orElseThrow();
    cblas.setThreads(1);
    getThreads = cblas.library().require("openblas_get_num_threads");
  }

  /** A function without arguments. */
  @Benchmark
  public int getNumThreads() throws Throwable {
    return (int) GIVE_INTEGER.invokeExact(getThreads);
  }

  /** A product of 1×1 matrices in buffers of a backend, as one of many blocks: a kernel holds its buffers once. */
  @Benchmark
  public void sgemmOfBuffers() {
    cblas.sgemm(false, false, 1, 1, 1, 1, a.segment(), 1, b.segment(), 1, 0, c.segment(), 1);
  }

  /** The same as the only block of its kernel: no thread can release the buffers during the call. */
  @Benchmark
  public void sgemmOfHeldBuffers() {
    a.hold();
    b.hold();
    c.hold();
    try {
      sgemmOfBuffers();
    } finally {
      a.release();
      b.release();
      c.release();
    }
  }

  /** The same in memory that is never released. */
  @Benchmark
  public void sgemmOfGlobalMemory() {
    cblas.sgemm(false, false, 1, 1, 1, 1, globalA, 1, globalB, 1, 0, globalC, 1);
  }

  /** Releases the buffers. */
  @TearDown
  public void close() {
    a.close();
    b.close();
    c.close();
  }
}
