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
@Warmup(iterations = 4, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class TrainingStepBenchmark {

  /** The models of the comparison with other implementations. */
  public enum Model {
    /** Width 256, 4 blocks, bytes. */
    SMALL(16, 256, 4, 4, 256, 256),
    /** Width 512, 6 blocks, vocabulary 4096. */
    MIDDLE(8, 256, 6, 8, 512, 4096),
    /** GPT-2 with 124 million parameters. */
    GPT2(2, 256, 12, 12, 768, 50304);

    private final int batch;
    private final int time;
    private final TransformerConfig config;

    Model(int batch, int time, int layers, int heads, int width, int vocabulary) {
      this.batch = batch;
      this.time = time;
      this.config = TransformerConfig.gpt(vocabulary, time, layers, heads, width).biases(true);
    }
  }

  @Param("SMALL")
  public Model model = Model.SMALL;

  @Param("vector")
  public String backendId = "vector";

  @Param("0")
  public int threads;

  private Run run;
  private double peak;

  /** Counted beside steps; each is a rate per second. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Work {
    public double tokens;
    public double gflops;
    /** Share of the FMA peak of all threads, 1 being all of it. */
    public double shareOfPeak;
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

    Run(Model model, Backend backend) {
      this.backend = backend;
      TransformerConfig config = model.config;
      Scaling scaling = new Scaling(Parameterization.standard(), Scale.base(config.headDim()),
          BaseHyperparameters.withLearningRate(1e-4));
      transformer = new Transformer(backend, DType.F32, config, scaling, 0);
      trainer = new Trainer(transformer, new RandomTokens(model.batch, model.time, config.vocabulary()),
          AdamWSettings.defaults(), new Schedule(new Schedule.Shape.Constant(), 0, 1));
    }

    @Override
    public void close() {
      trainer.close();
      transformer.close();
      backend.close();
    }
  }

  @Setup
  public void open() {
    run = new Run(model, Backends.discover().open(backendId, BackendOptions.threads(threads)));
  }

  /** The peak is measured again before each iteration, for a machine's speed changes while it is used. */
  @Setup(Level.Iteration)
  public void measurePeak() {
    peak = FmaPeak.measure(BackendOptions.threads(threads).resolvedThreads());
  }

  @TearDown
  public void close() {
    run.close();
  }

  @Benchmark
  public StepReport step(Work work) {
    StepReport report = run.trainer.step();
    double tokens = run.trainer.tokensPerStep();
    double flops = tokens * model.config.trainingFlopsPerToken(model.time);
    work.tokens += tokens;
    work.gflops += flops * 1e-9;
    work.shareOfPeak += flops / peak;
    return report;
  }
}
