package dev.pantograph.cli;

import dev.pantograph.core.profile.ChromeTrace;
import dev.pantograph.dataflow.LayerForecast;
import dev.pantograph.dataflow.Masks;
import dev.pantograph.dataflow.ModelShape;
import dev.pantograph.dataflow.StepForecast;
import dev.pantograph.dataflow.Wafer;
import dev.pantograph.dataflow.WaferDescription;
import dev.pantograph.lab.run.WholeFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code wafer}: what a simulated wafer would take for layers and models that are not built. */
@Command(
    name = "wafer",
    description = {
      "Predict what training takes on a wafer to which the weights are streamed and which skips zeros.",
      "Nothing is executed. Without --layer and --model: the layer of GPT-3, and all models.",
      "'train --backend wafer' predicts the kernels it runs, sparse ones from their actual masks."
    })
final class WaferCommand implements Runnable {
  private static final Pattern LAYER = Pattern.compile("(\\d{1,9})[xX×](\\d{1,9})");
  /** Of GPT-3's 175B: the one whose measured gain was published as a picture. */
  private static final String PUBLISHED_LAYER = "12288x12288";

  @Option(names = "--device", paramLabel = "NAME|FILE", defaultValue = "wse-2", showDefaultValue = Visibility.ALWAYS,
      description = "The wafer: wse-2, wse-3, or a YAML file that describes one.")
  private String device = "";

  @Option(names = "--link", paramLabel = "BYTES/S",
      description = "Rate at which weights are streamed, in place of the device's, which nobody has published.")
  private @Nullable Double link;

  @Option(names = "--layer", paramLabel = "OUTxIN", split = ",", description = "Linear layers: fan-out × fan-in.")
  private List<String> layers = List.of();

  @Option(names = "--model", paramLabel = "NAME", split = ",",
      description = "Shapes of GPT-3: 125m, 1.3b, 6.7b, 13b, 175b.")
  private List<String> models = List.of();

  @Option(names = "--density", paramLabel = "X", split = ",", defaultValue = "1,0.5,0.25,0.2,0.1,0.01",
      showDefaultValue = Visibility.ALWAYS, description = "Shares of weights that are not zero.")
  private List<Double> densities = List.of();

  @Option(names = "--tokens", paramLabel = "N", defaultValue = "1048576", showDefaultValue = Visibility.ALWAYS,
      description = "Tokens of a step.")
  private long tokens;

  @Option(names = "--mask", paramLabel = "KIND", defaultValue = "random", showDefaultValue = Visibility.ALWAYS,
      description = "Where the weights are: random (expected over random masks) or even (the same for every core).")
  private Masks masks = Masks.RANDOM;

  @Option(names = "--trace", paramLabel = "FILE",
      description = "Write the models' micro-batches as a timeline, to be opened in Perfetto.")
  private @Nullable Path trace;

  @Option(names = "--print-device",
      description = "Print the device's description, every figure with its source, and stop.")
  private boolean printDevice;

  @Spec
  private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    if (printDevice) {
      out.print(WaferDescription.text(device));
      out.flush();
      return;
    }
    check();
    Wafer described = WaferDescription.read(device);
    Wafer wafer = link == null ? described : described.withLink(link);
    boolean all = layers.isEmpty() && models.isEmpty();
    out.println(String.format(Locale.ROOT,
        "Predictions, not measurements, for '%s', simulated: %,d cores, %.4g FLOP/s, weights at %.4g bytes/s",
        wafer.name(), wafer.coreCount(), wafer.flopsPerSecond(),
        wafer.weights().bytesPerSecond().value()));
    for (String layer : all ? List.of(PUBLISHED_LAYER) : layers) {
      printLayer(out, wafer, layer);
    }
    List<ModelShape> shapes = all ? ModelShape.PUBLISHED : models.stream().map(ModelShape::named).toList();
    ChromeTrace timeline = new ChromeTrace();
    if (!shapes.isEmpty()) {
      printModels(out, wafer, shapes, timeline);
    }
    out.println();
    out.println("  Assumed, not published: " + String.join(", ", wafer.assumptions()) + ".");
    out.println("  Sources: pantograph wafer --print-device. The model: docs/wafer.md");
    if (trace != null) {
      WholeFile.write(trace, timeline.toJson());
      out.println("  Timeline: " + trace);
    }
  }

  private void check() {
    if (tokens < 1) {
      throw new IllegalArgumentException("--tokens %d (expected: at least 1)".formatted(tokens));
    }
    for (double density : densities) {
      if (!(density > 0 && density <= 1)) {
        throw new IllegalArgumentException("--density %s (expected: above 0, at most 1)".formatted(density));
      }
    }
    if (trace != null) {
      ProfileOptions.requireWritable("--trace", trace);
      if (models.isEmpty() && !layers.isEmpty()) {
        throw new IllegalArgumentException("--trace without --model (expected: a model to draw)");
      }
    }
  }

  private void printLayer(PrintWriter out, Wafer wafer, String size) {
    Matcher sizes = LAYER.matcher(size);
    if (!sizes.matches()) {
      throw new IllegalArgumentException("--layer %s (expected: fan-out and fan-in, as %s)"
          .formatted(size, PUBLISHED_LAYER));
    }
    long outputs = Long.parseLong(sizes.group(1));
    long inputs = Long.parseLong(sizes.group(2));
    double dense = LayerForecast.of(wafer, outputs, inputs, 1, masks, tokens).seconds();
    out.println(String.format(Locale.ROOT, "%nLayer %d×%d, %,d tokens: forward, weight gradient, input gradient",
        outputs, inputs, tokens));
    TextTable table = new TextTable("  ");
    table.row("density", "  forward", "      dW", "      dx", "      ms", "passes", "of peak", "to dense", "1/density",
        "bound").line();
    for (double density : densities) {
      LayerForecast layer = LayerForecast.of(wafer, outputs, inputs, density, masks, tokens);
      table.row(SignificantDigits.of(density), milliseconds(layer.forward().seconds()),
          milliseconds(layer.weightGradient().seconds()), milliseconds(layer.inputGradient().seconds()),
          milliseconds(layer.seconds()), "" + layer.forward().passes(), percent(layer.utilisation()),
          times(dense / layer.seconds()), times(1 / density), layer.longest().bound().label());
    }
    table.print(out);
  }

  private void printModels(PrintWriter out, Wafer wafer, List<ModelShape> shapes, ChromeTrace timeline) {
    out.println(String.format(Locale.ROOT, "%nTraining step of %,d tokens", tokens));
    TextTable table = new TextTable("  ");
    table.row("model", "density", "micro-batches", "        s", "of peak", "to dense", "by FLOPs", "bound").line();
    long begin = 0;
    for (ModelShape shape : shapes) {
      double dense = StepForecast.of(wafer, shape, 1, masks, tokens).seconds();
      for (double density : densities) {
        StepForecast step = StepForecast.of(wafer, shape, density, masks, tokens);
        table.row(shape.name(), SignificantDigits.of(density),
            step.microBatches() + (step.recomputed() ? ", recomputed" : ""), number("%9.4g", step.seconds()),
            percent(step.utilisation()), times(dense / step.seconds()), times(shape.flopReduction(density)),
            number("%.0f %% ", 100 * step.seconds(step.bound()) / step.seconds()) + step.bound().label());
        List<ChromeTrace.Slice> slices = step.parts().stream()
            .map(part -> new ChromeTrace.Slice(part.name(), part.bound().label(), Math.round(part.seconds() * 1e9)))
            .toList();
        timeline.add("%s at density %s on %s".formatted(shape.name(), density, wafer.name()), begin, slices);
        begin += slices.stream().mapToLong(ChromeTrace.Slice::nanos).sum();
      }
    }
    table.print(out);
  }

  private static String milliseconds(double seconds) {
    return number("%8.3f", seconds * 1e3);
  }

  private static String percent(double share) {
    return number("%5.1f %%", 100 * share);
  }

  private static String times(double ratio) {
    return number("%6.2f ×", ratio);
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
