package dev.pantograph.jmh;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.core.data.BatchSource;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scale;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.train.StepReport;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Philox;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
 * AdamW. Arithmetic is counted as model FLOPs, {@code 6N + 12·L·C·T} a token, and set against the FMA peak of the same
 * process.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 3)
@Measurement(iterations = 8, time = 3)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class TrainingStepBenchmark {

  /** Label of a {@link ModelShape}. */
  @Param({"d256", "d512", "gpt2"})
  public String model = "";

  @Param("vector")
  public String backendId = "vector";

  @Param("0")
  public int threads;

  private Run run;

  /** Memory taken from the backend by the iteration's steps; a warm step takes none. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Growth {
    public long workspaceBytes;
  }

  /** Random tokens, addressed by step. */
  private record RandomTokens(int batch, int time, int vocabulary) implements BatchSource {
    @Override
    public int microBatches() {
      return 1;
    }

    @Override
    public void fill(long step, int micro, MemorySegment inputs, MemorySegment targets) {
      long count = (long) batch * time;
      for (long i = 0; i < count; i++) {
        inputs.setAtIndex(ValueLayout.JAVA_INT, i, (int) Philox.below(vocabulary, step, 0, i));
        targets.setAtIndex(ValueLayout.JAVA_INT, i, (int) Philox.below(vocabulary, step, 1, i));
      }
    }
  }

  private static final class Run implements AutoCloseable {
    private final Backend backend;
    private final Transformer transformer;
    private final Trainer trainer;
    private final ThreadTeam team;
    private final double flops;
    private double peakFlops;

    Run(ModelShape shape, Backend backend, int threads) {
      this.backend = backend;
      TransformerConfig config = shape.config();
      Scaling scaling = new Scaling(Parameterization.standard(), Scale.base(config.headDim()),
          BaseHyperparameters.withLearningRate(1e-4));
      transformer = new Transformer(backend, DType.F32, config, scaling, 0);
      trainer = new Trainer(transformer, new RandomTokens(shape.batch(), shape.time(), config.vocabulary()),
          AdamWSettings.defaults(), new Schedule(new Schedule.Shape.Constant(), 0, 1));
      team = new ThreadTeam(threads);
      flops = (double) trainer.tokensPerStep() * config.trainingFlopsPerToken(shape.time());
    }

    @Override
    public void close() {
      team.close();
      trainer.close();
      transformer.close();
      backend.close();
    }
  }

  @Setup
  public void open() {
    BackendOptions options = BackendOptions.threads(threads);
    run = new Run(ModelShape.trained(model), Backends.discover().open(backendId, options), options.resolvedThreads());
  }

  /** The peak is measured again before each iteration, for a machine's speed changes while it is used. */
  @Setup(Level.Iteration)
  public void measurePeak() {
    run.peakFlops = FmaPeak.measure(run.team);
  }

  @TearDown
  public void close() {
    run.close();
  }

  @Benchmark
  public StepReport step(Work work, Ceilings ceilings, Growth growth) {
    long before = run.trainer.workspaceBytes();
    StepReport report = run.trainer.step();
    growth.workspaceBytes += run.trainer.workspaceBytes() - before;
    work.flops += run.flops;
    ceilings.peakFlops = run.peakFlops;
    return report;
  }
}
