package dev.pantograph.jmh;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.core.nn.Precision;
import dev.pantograph.core.train.StepReport;
import dev.pantograph.spi.BackendOptions;
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

/** A training step at one {@link ScalingPoint}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 700, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 6, time = 600, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class ScalingBenchmark {
  @Param("width 256")
  public String point = "";

  @Param("vector")
  public String backendId = "vector";

  @Param("0")
  public int threads;

  private TrainingRun run;

  /** A rate per second in the results. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Tokens {
    public double tokens;
    /** Model FLOPs. */
    public double flops;
  }

  @Setup
  public void open() {
    ScalingPoint at = ScalingPoint.named(point, BackendOptions.threads(threads).resolvedThreads());
    run = new TrainingRun(at.shape(), Precision.F32,
        Backends.discover().open(backendId, BackendOptions.threads(at.threads())));
  }

  @TearDown
  public void close() {
    run.close();
  }

  @Benchmark
  public StepReport step(Tokens tokens) {
    tokens.tokens += run.trainer().tokensPerStep();
    tokens.flops += run.flopsPerStep();
    return run.trainer().step();
  }
}
