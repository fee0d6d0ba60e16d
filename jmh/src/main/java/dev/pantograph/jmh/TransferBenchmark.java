package dev.pantograph.jmh;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.lab.coordcheck.CoordinateCheckResult;
import dev.pantograph.lab.run.RunFolder;
import dev.pantograph.lab.sweep.SweepProgress;
import dev.pantograph.lab.sweep.TrialOutcome;
import dev.pantograph.lab.transfer.TransferExperiment;
import dev.pantograph.lab.transfer.TransferResult.Gap;
import dev.pantograph.lab.transfer.TransferResult.Study;
import dev.pantograph.spi.BackendOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
 * A small transfer experiment, run once. What it finds is the same on every run, whatever the machine's speed and the
 * number of threads: the time is of no interest, the counters are.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class TransferBenchmark {
  @Param({"width mup", "width standard", "depth completep", "depth standard", "density supar", "density standard"})
  public String study = "";

  @Param("vector")
  public String backendId = "vector";

  @Param("0")
  public int threads;

  private RunFolder folder;

  /** The property under test. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Transfer {
    /** Change of log₂(optimal learning rate) per doubling of width or depth, or halving of density. */
    public double drift;
    /** Largest |slope| of log₂ size per step along the axis, over all activations and their updates. */
    public double slope;
    /** Loss at the base's best rate minus the loss at its own, for the model farthest from the base; nats per token. */
    public double gap;
  }

  private static final class Silence implements SweepProgress {
    @Override
    public void planned(double flops, int trials) {}

    @Override
    public void started(Object trial) {}

    @Override
    public void finished(TrialOutcome<?> outcome, double flops) {}

    @Override
    public void phase(String what) {}
  }

  @Setup
  public void makeFolder() throws IOException {
    folder = RunFolder.create(Files.createTempDirectory("pantograph-transfer"));
  }

  @TearDown
  public void deleteFolder() throws IOException {
    try (Stream<Path> files = Files.walk(folder.path())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Benchmark
  public Study experiment(Transfer transfer) {
    Study found = new TransferExperiment(Backends.discover(), backendId,
        BackendOptions.threads(threads).resolvedThreads(), TransferStudy.named(study).config(), folder, new Silence())
        .run().studies().getFirst();
    transfer.drift = found.drift().perStep();
    transfer.slope = slope(found.coordinateCheck());
    transfer.gap = gap(found.gaps());
    return found;
  }

  /** At the last step, which decides; NaN if an activation was not finite. */
  private static double slope(CoordinateCheckResult check) {
    return check.layers().stream()
        .flatMap(layer -> Stream.of(layer.activationSlopes().getLast(), layer.updateSlopes().getLast()))
        .mapToDouble(Math::abs).reduce(0, Math::max);
  }

  private static double gap(List<Gap> gaps) {
    Double gap = gaps.getLast().gap();
    return gap == null ? Double.NaN : gap;
  }
}
