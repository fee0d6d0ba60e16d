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

/**
 * A whole training step of a GPT-2-style model with biases, exact GELU and a tied head: forward, backward, clipping and
 * AdamW. Arithmetic is counted as model FLOPs, {@code 6N + 12·L·C·T} a token without the zeros of sparse weights, and
 * set against the FMA peak of the same process.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 3)
@Measurement(iterations = 8, time = 3)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class TrainingStepBenchmark {

  /** Label of a {@link TrainedModel}. */
  @Param({"d256", "d512", "gpt2", "d1024", "d1024 at 0.25", "d1024 at 0.1"})
  public String model = "";

  @Param("vector")
  public String backendId = "vector";

  @Param("0")
  public int threads;

  /** Label of a {@link Precision}. */
  @Param("f32")
  public String precision = "";

  private TrainingRun run;
  private ThreadTeam team;
  private double peakFlops;

  /** Memory taken from the backend by the iteration's steps; a warm step takes none. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Growth {
    public long workspaceBytes;
  }

  @Setup
  public void open() {
    BackendOptions options = BackendOptions.threads(threads);
    run = new TrainingRun(TrainedModel.named(model), Precision.named(precision),
        Backends.discover().open(backendId, options));
    team = new ThreadTeam(options.resolvedThreads());
  }

  /** The peak is measured again before each iteration, for a machine's speed changes while it is used. */
  @Setup(Level.Iteration)
  public void measurePeak() {
    peakFlops = FmaPeak.measure(team);
  }

  @TearDown
  public void close() {
    team.close();
    run.close();
  }

  @Benchmark
  public StepReport step(Work work, Ceilings ceilings, Growth growth) {
    long before = run.trainer().workspaceBytes();
    StepReport report = run.trainer().step();
    growth.workspaceBytes += run.trainer().workspaceBytes() - before;
    work.flops += run.flopsPerStep();
    ceilings.peakFlops = peakFlops;
    return report;
  }
}
