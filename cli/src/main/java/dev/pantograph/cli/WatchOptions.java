package dev.pantograph.cli;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.core.cost.Device;
import dev.pantograph.core.trace.TraceLine.Detail;
import dev.pantograph.core.trace.TraceWriter;
import dev.pantograph.lab.run.Configuration;
import dev.pantograph.lab.run.RunException;
import dev.pantograph.lab.run.WholeFile;
import dev.pantograph.lab.train.StepPricer;
import dev.pantograph.lab.train.StepRecorder;
import dev.pantograph.lab.train.StepValidator;
import dev.pantograph.lab.train.StepWatch;
import dev.pantograph.lab.train.Stepping;
import dev.pantograph.lab.train.TrainRun;
import dev.pantograph.lab.train.TrainRun.Metrics;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.Ceilings;
import dev.pantograph.spi.DeviceModel;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options by which a training run is watched: each puts one more decorator around the backend. A mixin. */
final class WatchOptions {
  /** The backend that is obviously right. */
  private static final String ORACLE = "reference";
  private static final Pattern STEPS = Pattern.compile("(\\d{1,18})(?:-(\\d{1,18}))?");
  /** What picocli gives for {@code --cost} without a file. */
  private static final String MEASURED = "";

  @Mixin
  private ProfileOptions profiling = new ProfileOptions();

  @Option(names = "--cost", paramLabel = "DEVICE.yaml", arity = "0..1", fallbackValue = MEASURED,
      description = "Print the least time of a step's kernels on a described device, and what it is spent on. Without a"
          + " file: on the backend's own, as measured. Of a backend that models a device, without being asked.")
  private @Nullable String device;

  @Option(names = "--cost-trace", paramLabel = "FILE",
      description = "Write that step as a timeline, to be opened in Perfetto.")
  private @Nullable Path costTrace;

  @Option(names = "--validate", paramLabel = "N", arity = "0..1", fallbackValue = "1",
      description = "Check one kernel in N against backend '" + ORACLE + "' (without N: all, which is slow) and stop at"
          + " the first wrong result.")
  private @Nullable Integer validated;

  @Option(names = "--record", paramLabel = "FILE",
      description = "Write the kernels of some steps to a file, for 'pantograph trace'.")
  private @Nullable Path record;

  @Option(names = "--record-steps", paramLabel = "A[-B]", defaultValue = "0", showDefaultValue = Visibility.ALWAYS,
      description = "Which steps to record.")
  private String recordSteps = "0";

  @Option(names = "--record-detail", paramLabel = "DETAIL", defaultValue = "results",
      showDefaultValue = Visibility.ALWAYS,
      description = "What of each kernel: structure, results (their statistics too) or contents (all operands too, so"
          + " that it can be run again; as large as all the memory a step reads).")
  private Detail recordDetail = Detail.RESULTS;

  private @Nullable StepPricer pricer;
  private @Nullable StepValidator validator;
  private @Nullable StepRecorder recorder;

  /**
   * Refuses what could not be done in the end.
   *
   * @throws IllegalArgumentException naming the option
   */
  void check() {
    profiling.check();
    if (validated != null && validated < 1) {
      throw new IllegalArgumentException("--validate %d (expected: 1 or more)".formatted(validated));
    }
    long[] steps = steps();
    if (steps[1] < steps[0]) {
      throw new IllegalArgumentException("--record-steps %s (expected: the last not before the first)"
          .formatted(recordSteps));
    }
    if (record != null) {
      ProfileOptions.requireWritable("--record", record);
    }
    if (costTrace != null) {
      ProfileOptions.requireWritable("--cost-trace", costTrace);
    }
    if (device != null && !device.equals(MEASURED) && !Files.isRegularFile(Path.of(device))) {
      throw new IllegalArgumentException("--cost %s (expected: a YAML file that describes a device)".formatted(device));
    }
  }

  private long[] steps() {
    Matcher steps = STEPS.matcher(recordSteps);
    if (!steps.matches()) {
      throw new IllegalArgumentException("--record-steps %s (expected: a step, or the first and last as 10-12)"
          .formatted(recordSteps));
    }
    long first = Long.parseLong(steps.group(1));
    return new long[] {first, steps.group(2) == null ? first : Long.parseLong(steps.group(2))};
  }

  /** Trains, watched as the options ask for. */
  Metrics run(TrainRun run, Backends backends, Backend backend, Consumer<Metrics> listener) {
    List<StepWatch> watches = new ArrayList<>();
    // From the inside out: what is timed is the backend alone, what is recorded has passed the oracle.
    Backend watched = with(watches, profiling.watch(run, backend), backend);
    if (device != null || costTrace != null || backend.deviceModel() != null) {
      pricer = new StepPricer(watched, device(backend));
      watched = with(watches, pricer, watched);
    }
    try (Backend oracle = validated == null ? null : backends.open(ORACLE, BackendOptions.defaults());
        TraceWriter writer = record == null ? null : new TraceWriter(record, backend.id(), recordDetail)) {
      if (oracle != null && validated != null) {
        validator = new StepValidator(watched, oracle, validated);
        watched = with(watches, validator, watched);
      }
      if (writer != null) {
        recorder = new StepRecorder(watched, writer, steps()[0], steps()[1]);
        watched = with(watches, recorder, watched);
      }
      return run.run(watched, Stepping.watchedBy(watches), listener);
    }
  }

  private static Backend with(List<StepWatch> watches, @Nullable StepWatch watch, Backend backend) {
    if (watch == null) {
      return backend;
    }
    watches.add(watch);
    return watch.backend();
  }

  /** The described device; what the description leaves out is as measured on the backend. Else the one it models. */
  private DeviceModel device(Backend backend) {
    boolean described = device != null && !device.equals(MEASURED);
    DeviceModel modelled = backend.deviceModel();
    if (modelled != null && !described) {
      return modelled;
    }
    Ceilings ceilings = backend.measureCeilings();
    if (ceilings == null && !described) {
      throw new RunException("--cost: backend '%s' measures no ceilings of its own; describe a device in a file"
          .formatted(backend.id()));
    }
    Device measured = Device.of(backend.id(), ceilings == null ? new Ceilings(1, 1) : ceilings);
    return described ? Configuration.read(Path.of(Objects.requireNonNull(device)), measured, Device.class) : measured;
  }

  /** Says what was found in a run that has ended. */
  void report(PrintWriter out) {
    profiling.report(out);
    if (pricer != null && pricer.cost() != null) {
      new CostPrinter(pricer.cost()).print(out);
      if (costTrace != null) {
        WholeFile.write(costTrace, pricer.cost().timeline().toJson());
        out.println("  Timeline: " + costTrace);
      }
    }
    if (validator != null) {
      out.println(String.format(Locale.ROOT,
          "Validated %d of %d kernels against '%s': all agree. Greatest error: %.0f %% of what rounding allows, in %s",
          validator.backend().checked(), validator.backend().submitted(), ORACLE,
          100 * validator.backend().worstShare(), validator.backend().worstKernel()));
    }
    if (recorder != null) {
      out.println(recorder.recorded() == 0 ? "Nothing recorded: the run made none of the steps " + recordSteps
          : "Kernels of %d steps: %s".formatted(recorder.recorded(), record));
    }
  }
}
