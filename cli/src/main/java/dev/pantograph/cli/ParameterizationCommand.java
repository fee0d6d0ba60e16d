package dev.pantograph.cli;

import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scale;
import dev.pantograph.core.scaling.Scaling;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code parameterization}: the table by which hyperparameters go from a base model to another scale. */
@Command(
    name = "parameterization",
    description = {
      "Print how hyperparameters tuned on a base model carry over to another scale.",
      "For each role of a parameter: a factor, as a formula, and the value it gives at the scale asked for."
    })
final class ParameterizationCommand implements Runnable {
  @Option(
      names = "--rule", paramLabel = "NAME", split = ",",
      description = "One parameterization or several. Default: all, side by side.")
  private List<String> names = List.of();

  @Mixin
  private ScaleOptions size = new ScaleOptions();

  @Mixin
  private HyperparameterOptions hyperparameters = new HyperparameterOptions();

  @Option(names = "--json", description = "Print JSON for a program to read.")
  private boolean json;

  @Spec
  private CommandSpec spec;

  /** What {@code --json} prints. */
  record Document(ModelSize model, ModelSize base, Scale scale, BaseHyperparameters hyperparameters,
      List<ScaledRule> rules) {}

  @Override
  public void run() {
    Document document = document();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build().writeValueAsString(document));
    } else {
      print(document, new RulePrinter(out), out);
    }
  }

  private Document document() {
    BaseHyperparameters base = hyperparameters.values();
    Scale scale = size.scale();
    List<ScaledRule> rules = parameterizations().stream()
        .map(parameterization -> ScaledRule.of(new Scaling(parameterization, scale, base)))
        .toList();
    return new Document(size.model(), size.base(), scale, base, rules);
  }

  private List<Parameterization> parameterizations() {
    return names.isEmpty() ? Parameterization.all() : names.stream().map(ParameterizationCommand::named).toList();
  }

  /** The parameterization a user named; an error suggests the nearest. */
  static Parameterization named(String name) {
    try {
      return Parameterization.named(name);
    } catch (IllegalArgumentException e) {
      List<String> known = Parameterization.all().stream().map(Parameterization::name).toList();
      throw new IllegalArgumentException(e.getMessage() + NearestName.suggestion(name, known), e);
    }
  }

  private static void print(Document document, RulePrinter printer, PrintWriter out) {
    printer.scale(document.model(), document.base());
    out.println();
    if (document.rules().size() == 1) {
      printer.single(document.rules().getFirst());
    } else {
      printer.sideBySide(document.rules(), document.hyperparameters());
    }
    out.println();
    out.println("The weight decay here is coupled to the learning rate: a step shrinks a weight by the factor 1 − ηλ.");
    out.println("Where it is independent of the learning rate, it is λ = %s for every weight."
        .formatted(SignificantDigits.of(document.hyperparameters().weightDecay())));
  }
}
