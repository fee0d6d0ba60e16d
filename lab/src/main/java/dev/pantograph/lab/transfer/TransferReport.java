package dev.pantograph.lab.transfer;

import dev.pantograph.lab.plot.DataTable;
import dev.pantograph.lab.plot.Element;
import dev.pantograph.lab.plot.Facts;
import dev.pantograph.lab.plot.Page;
import dev.pantograph.lab.plot.Quantity;
import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.transfer.TransferConfig.StudyConfig;
import dev.pantograph.lab.transfer.TransferConfig.TrainingConfig;
import dev.pantograph.lab.transfer.TransferResult.Study;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A transfer experiment as one web page that needs nothing else: style and drawings are inside it, and there are no
 * scripts. It opens with the verdicts in words, shows loss curves, optima, costs and coordinate checks axis by axis,
 * and closes with all that is needed to run the experiment again. The page is valid XML as well.
 *
 * @param result what to report
 */
public record TransferReport(TransferResult result) {
  private static final Pattern POWER = Pattern.compile("\\^([+−]?[0-9.]*[0-9])");

  /** Writes the page to a file. */
  public void write(Path file) throws IOException {
    Files.writeString(file, html());
  }

  /** The page. */
  public String html() {
    Element main = Element.of("main").add(summary());
    sections().forEach(section -> main.add(section.html()));
    return Page.html(title(), main.add(setup()));
  }

  private List<AxisSection> sections() {
    return result.studies().stream().map(Study::axis).distinct().map(axis -> new AxisSection(axis, studies(axis)))
        .toList();
  }

  private List<Study> studies(Axis axis) {
    return result.studies().stream().filter(study -> study.axis() == axis).toList();
  }

  private String title() {
    return "Learning-rate transfer along "
        + result.studies().stream().map(study -> study.axis().label()).distinct().collect(Collectors.joining(" and "));
  }

  private Element summary() {
    Element summary = Element.of("header").add(Element.of("h1").text(title()), Element.of("p", "subtitle").text(
        "%d training runs on %s; %s tokens in %s.".formatted(result.trials(), result.corpus(),
            Quantity.count(result.trainedTokens()), Quantity.duration(result.wallSeconds()))));
    for (AxisSection section : sections()) {
      Element paragraph = Element.of("p", "verdict");
      section.studies().forEach(study -> tell(Verdict.of(study), paragraph));
      summary.add(paragraph);
    }
    return summary.add(verdicts());
  }

  private Element verdicts() {
    Element table = Element.of("table").add(Element.of("caption").text(
        """
        Drift of log₂(optimal learning rate) per step along the axis. \
        A rule transfers if the whole 95 %% interval lies within ±%s."""
        .formatted(Quantity.number(Verdict.TOLERANCE, 2))));
    table.add(DataTable.header("axis", "rule", "verdict", "drift", "95 % interval", "cost at the far end"));
    for (AxisSection section : sections()) {
      Element rows = Element.of("tbody");
      section.studies().forEach(study -> rows.add(row(study)));
      table.add(rows);
    }
    return DataTable.scrolling(table);
  }

  private static Element row(Study study) {
    Verdict verdict = Verdict.of(study);
    boolean hasDrift = Verdict.hasDrift(study);
    String interval = hasDrift && verdict.hasInterval()
        ? Quantity.signedNumber(study.drift().low()) + " to " + Quantity.signedNumber(study.drift().high()) : "–";
    return Element.of("tr").add(Element.of("th").set("scope", "row").text(study.axis().label()),
        Element.of("td").text(RuleName.of(study.parameterization())),
        Element.of("td").add(AxisSection.badge(verdict.outcome())),
        Quantity.signed(hasDrift ? study.drift().perStep() : Double.NaN).html("td", "number"),
        Element.of("td", "number").text(interval), Element.of("td", "number").text(cost(verdict)));
  }

  private static String cost(Verdict verdict) {
    return verdict.largestGap().map(gap -> {
      Double cost = gap.gap();
      return cost == null ? "diverges" : Quantity.number(cost, 3) + " nats";
    }).orElse("–");
  }

  /** Adds a verdict's sentence, with the rule's name set off and the exponent of 2^k raised. */
  private static void tell(Verdict verdict, Element paragraph) {
    String name = RuleName.of(verdict.study().parameterization());
    String text = verdict.sentence().substring(name.length()) + " ";
    paragraph.add(Element.of("strong").text(name));
    Matcher powers = POWER.matcher(text);
    int from = 0;
    while (powers.find()) {
      paragraph.text(text.substring(from, powers.start())).add(Element.of("sup").text(powers.group(1)));
      from = powers.end();
    }
    paragraph.text(text.substring(from));
  }

  private Element setup() {
    return Element.of("section", "setup").set("id", "setup").add(Element.of("h2").text("How it was done"),
        Element.of("div", "facts").add(models(), training(), Facts.of(result.environment()).html()),
        Element.of("h3").text("Run it again"),
        Element.of("p").text("Beside this page, ").add(Element.of("code").text("run.yaml"))
            .text(" holds the configuration with every key resolved, ")
            .add(Element.of("code").text(TransferExperiment.TRIALS))
            .text(" each training run, and ").add(Element.of("code").text(TransferExperiment.RESULT))
            .text(" every number drawn here. Give that configuration to ")
            .add(Element.of("code").text("./pantograph transfer"))
            .text(": initial values, masks and batches follow from the seeds, so the runs are the same."));
  }

  private Element models() {
    Facts facts = new Facts("Models and grid");
    for (StudyConfig study : result.config().studies()) {
      String sizes = study.sizes().stream().map(size -> Quantity.size(study.axis(), size).text())
          .collect(Collectors.joining(", "));
      facts.fact("sizes, " + study.axis().label(), sizes);
      facts.fact("rules", study.rules().stream().map(RuleName::of).collect(Collectors.joining(", ")));
      facts.fact("base model", "width %d, %d layers, head size %d, density %s, σ = %s".formatted(study.base().width(),
          study.base().layers(), study.base().headDim(), Quantity.plain(study.base().density()),
          Quantity.plain(study.base().initStd())));
      facts.fact("learning rates", Quantity.twoTo(study.learningRates().lowest()).html("dd", "value").text(" to ")
          .add(Quantity.twoTo(study.learningRates().highest()).html("span", "value"))
          .text(" by factors of 2, more where an optimum lay on the edge"));
    }
    return facts.html();
  }

  private Element training() {
    TrainingConfig training = result.config().training();
    Facts facts = new Facts("Training");
    facts.fact("corpus", result.corpus());
    facts.fact("batch", "%d sequences of %d tokens".formatted(training.batch(), training.time()));
    facts.fact("steps", "%d, warm-up %d, %s".formatted(training.steps(), training.warmup(), training.schedule()));
    facts.fact("weight decay", Quantity.plain(training.weightDecay()));
    facts.fact("validation", training.validationBatches() + " batches");
    facts.fact("seeds", Integer.toString(result.config().seeds()));
    facts.fact("training runs", Quantity.count(result.trials()));
    facts.fact("tokens", Quantity.count(result.trainedTokens()));
    facts.fact("wall time", Quantity.duration(result.wallSeconds()));
    return facts.html();
  }
}
