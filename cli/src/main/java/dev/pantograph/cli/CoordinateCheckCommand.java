package dev.pantograph.cli;

import dev.pantograph.core.data.BatchSampler;
import dev.pantograph.core.data.Corpus;
import dev.pantograph.core.data.TokenStream;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.lab.coordcheck.CoordinateCheck;
import dev.pantograph.lab.coordcheck.CoordinateCheck.Member;
import dev.pantograph.lab.coordcheck.CoordinateCheckResult;
import dev.pantograph.lab.coordcheck.CoordinateCheckResult.Layer;
import dev.pantograph.lab.plot.Page;
import dev.pantograph.lab.run.WholeFile;
import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.scale.BaseModel;
import dev.pantograph.lab.scale.ModelFamily;
import dev.pantograph.lab.transfer.CoordinatePlot;
import dev.pantograph.spi.Backend;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code coordcheck}: do activations and their updates keep their size when the model grows? */
@Command(
    name = "coordcheck",
    description = {
      "Measure activations and their updates over the first training steps of models of several sizes.",
      "Prints how each grows per step along the axis. Exit code 1 if any kind of layer is not flat."
    })
final class CoordinateCheckCommand implements Callable<Integer> {
  @Option(
      names = "--axis", paramLabel = "AXIS", defaultValue = "width", showDefaultValue = Visibility.ALWAYS,
      description = "What to scale: ${COMPLETION-CANDIDATES}.")
  private Axis axis = Axis.WIDTH;

  @Option(
      names = "--rule", paramLabel = "NAME", defaultValue = "mup", showDefaultValue = Visibility.ALWAYS,
      description = "Parameterization to check.")
  private String rule = "mup";

  @Option(
      names = "--sizes", paramLabel = "N", split = ",",
      description =
          "Places on the axis, the base first. Default: widths 64 to 1024, depths 2 to 32, densities 1 to 1/16.")
  private List<Double> sizes = List.of();

  @Option(names = "--width", paramLabel = "N", defaultValue = "64", showDefaultValue = Visibility.ALWAYS,
      description = "Base width.")
  private int width;

  @Option(names = "--layers", paramLabel = "N", defaultValue = "2", showDefaultValue = Visibility.ALWAYS,
      description = "Base number of blocks.")
  private int layers;

  @Option(names = "--head-dim", paramLabel = "N", defaultValue = "32", showDefaultValue = Visibility.ALWAYS,
      description = "Head dimension, the same at every width.")
  private int headDim;

  @Option(names = "--init-std", paramLabel = "σ", defaultValue = "0.02", showDefaultValue = Visibility.ALWAYS,
      description = "Initial standard deviation at the base.")
  private double initStd;

  @Option(names = "--learning-rate", paramLabel = "η", defaultValue = "0.01", showDefaultValue = Visibility.ALWAYS,
      description = "Learning rate; a large one shows what grows.")
  private double learningRate;

  @Option(names = "--steps", paramLabel = "N", defaultValue = "" + CoordinateCheck.DEFAULT_STEPS,
      showDefaultValue = Visibility.ALWAYS, description = "Forward passes measured; the first is before any update.")
  private int steps;

  @Option(names = "--seeds", paramLabel = "N", defaultValue = "2", showDefaultValue = Visibility.ALWAYS,
      description = "Repetitions averaged.")
  private int seeds;

  @Option(names = "--batch", paramLabel = "N", defaultValue = "4", showDefaultValue = Visibility.ALWAYS,
      description = "Sequences in the fixed batch.")
  private int batch;

  @Option(names = "--time", paramLabel = "N", defaultValue = "64", showDefaultValue = Visibility.ALWAYS,
      description = "Tokens per sequence.")
  private int time;

  @Option(names = "--picture", paramLabel = "FILE",
      description = "Draw the sizes of activations at the last step, as SVG.")
  private @Nullable Path picture;

  @Mixin
  private CorpusOptions corpus = new CorpusOptions();

  @Mixin
  private BackendSelection selection = new BackendSelection();

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() {
    if (steps < 2 || seeds < 1) {
      throw new IllegalArgumentException("--steps %d, --seeds %d (expected: at least 2 steps and 1 seed)"
          .formatted(steps, seeds));
    }
    Parameterization parameterization = ParameterizationCommand.named(rule);
    List<Double> places = sizes.isEmpty() ? usual(axis) : sizes;
    ModelFamily family =
        new ModelFamily(axis, places.getFirst(), new BaseModel(width, layers, headDim, 1, true, initStd),
        TokenStream.VOCABULARY, time);
    List<Member> members = places.stream()
        .map(size -> new Member(size, family.at(size), family.scaling(parameterization, size, learningRate, 0.1)))
        .toList();
    Corpus text = Corpus.open(corpus.corpus(""), corpus.limitBytes(1 << 20));
    try (Backend backend = selection.open(selection.discover());
        TokenStream tokens = TokenStream.of(text.documents())) {
      CoordinateCheckResult result =
          new CoordinateCheck(new BatchSampler(tokens, 1, batch, time, 0), steps, seeds,
              CoordinateCheck.DEFAULT_TOLERANCE)
              .run(backend, axis, members);
      print(result);
      if (picture != null) {
        WholeFile.write(picture, Page.svg(CoordinatePlot.ofActivations(result)));
        spec.commandLine().getOut().println("Picture: " + picture);
      }
      return result.passed() ? 0 : 1;
    }
  }

  private static List<Double> usual(Axis axis) {
    return switch (axis) {
      case WIDTH -> List.of(64.0, 128.0, 256.0, 512.0, 1024.0);
      case DEPTH -> List.of(2.0, 4.0, 8.0, 16.0, 32.0);
      case DENSITY -> List.of(1.0, 0.5, 0.25, 0.125, 0.0625);
    };
  }

  private void print(CoordinateCheckResult result) {
    PrintWriter out = spec.commandLine().getOut();
    String places = result.sizes().stream().map(SignificantDigits::of).collect(Collectors.joining(", "));
    out.println("%s along %s %s".formatted(result.parameterization(), axis.label(), places));
    out.println("Change of log₂ size per %s after 0, 1, … updates; flat is within ±%s at the last"
        .formatted(axis.step(),
        SignificantDigits.of(CoordinateCheck.DEFAULT_TOLERANCE)));
    out.println();
    TextTable table = new TextTable("  ");
    table.row("", "activation |x|", "update |x − x₀|", "").line();
    for (Layer layer : result.layers()) {
      table.row(layer.name(), slopes(layer.activationSlopes()),
          slopes(layer.updateSlopes().subList(1, layer.updateSlopes().size())),
          layer.flat() ? "flat" : "NOT FLAT");
    }
    table.print(out);
    out.println();
    out.println("Sizes %s on %s.".formatted(result.passed() ? "do not depend" : "depend", axis.label()));
  }

  private static String slopes(List<Double> slopes) {
    List<String> texts = new ArrayList<>();
    slopes.forEach(slope -> texts.add(String.format(Locale.ROOT, "%+.2f", slope)));
    return String.join(" ", texts);
  }
}
