package dev.pantograph.lab.sparse;

import dev.pantograph.lab.plot.DataTable;
import dev.pantograph.lab.plot.Element;
import dev.pantograph.lab.plot.Facts;
import dev.pantograph.lab.plot.Interval;
import dev.pantograph.lab.plot.Page;
import dev.pantograph.lab.plot.Quantity;
import dev.pantograph.lab.sparse.LawFit.Count;
import dev.pantograph.lab.sparse.SparseStudyConfig.ModelConfig;
import dev.pantograph.lab.sparse.SparseStudyConfig.TopologyConfig;
import dev.pantograph.lab.sparse.SparseStudyConfig.TrainingConfig;
import dev.pantograph.lab.sparse.SparseStudyResult.Cell;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A study of sparse training as one web page that needs nothing else. It opens with the answers in words, shows losses
 * against FLOPs and the law width by width, and closes with what the study cannot tell and all that is needed to run it
 * again. The page is valid XML as well.
 *
 * @param result what to report
 */
public record SparseStudyReport(SparseStudyResult result) {
  private static final String TITLE = "Sparse training at equal FLOPs";
  /** An α that makes no difference over any sizes a study may have. */
  private static final double LEAST_ALPHA = 0.01;
  private static final List<String> CAVEATS = List.of(
      "Equal FLOPs are not equal times. Zeros count as no work here; whether a machine skips them is another matter.",
      "The learning rate of each schedule and budget was chosen on the first seed, from rates a factor of 2 apart. All "
          + "else, such as when pruning begins, was the same for all and tuned for none.",
      "Models and budgets are tiny and the text is repeated little or not at all: ranks may change with scale.",
      "Only the blocks' weights can be sparse. In narrow models embeddings, head and attention are much of the work.",
      "The law has five coefficients, which a study this size ties to each other more than to the data: look at the "
          + "intervals. Where they are wide the law interpolates, and says nothing about other sizes. An E of 0 is its "
          + "bound: the losses are too far from their floor to show it.");

  /** The page. */
  public String html() {
    Element main = Element.of("main").add(summary());
    Interval losses = FlopsPlot.losses(result.cells().stream());
    result.config().model().widths().forEach(width -> main.add(section(width, losses)));
    return Page.html(TITLE, main.add(law(), caveats(), setup()));
  }

  /** What the study says, in plain sentences. */
  public List<String> findings() {
    return result.config().model().widths().stream().flatMap(width -> result.config().budgets().stream()
        .map(budget -> new BestSchedule(of(width).stream().filter(cell -> cell.budget() == budget).toList())
            .sentence())).toList();
  }

  private List<Cell> of(int width) {
    return result.cells().stream().filter(cell -> cell.width() == width).toList();
  }

  private Optional<LawFit> fit(Count count) {
    return result.fits().stream().filter(fit -> fit.count() == count).findFirst();
  }

  /** The law by the mean number of parameters, and how much worse it fits by others; or why there is none. */
  public String lawInWords() {
    return fit(Count.MEAN).map(fit ->
        "L = %s + %s·N̄^−%s + %s·D^−%s, with losses %s nats from it (root mean square)%s.%s".formatted(
            Quantity.number(fit.law().e(), 3), Quantity.significant(fit.law().a()),
            Quantity.number(fit.law().alpha(), 3), Quantity.significant(fit.law().b()),
            Quantity.number(fit.law().beta(), 3), Quantity.number(fit.residual(), 4),
            result.fits().stream().filter(other -> other.count() != Count.MEAN)
                .map(other -> "; by the %s number of parameters, %s".formatted(
                    other.count().label(), Quantity.number(other.residual(), 4))).collect(Collectors.joining()),
            fit.law().alpha() < LEAST_ALPHA ? " These losses do not show how they depend on size." : ""))
        .orElse("No law: it takes six cells or more, of three parameter and token counts at least.");
  }

  private Element summary() {
    Element summary = Element.of("header").add(Element.of("h1").text(TITLE), Element.of("p", "subtitle").text(
        "%d training runs on %s; %s tokens in %s.".formatted(result.trials(), result.corpus(),
            Quantity.count(result.trainedTokens()), Quantity.duration(result.wallSeconds()))));
    findings().forEach(finding -> summary.add(Element.of("p", "verdict").text(finding)));
    return summary.add(Element.of("p", "verdict").text("Law: " + lawInWords()));
  }

  private Element section(int width, Interval losses) {
    List<Cell> cells = of(width);
    Arm dense = new Arm(result.config(), width, Arm.DENSE, 1);
    return Element.of("section").set("id", "width-" + width).add(Element.of("h2").text("Width " + width),
        Element.of("div", "panels").add(
            figure("Loss against training FLOPs. ", "Hollow: the rate lies on the edge of those tried.",
                FlopsPlot.draw(cells, losses)),
            figure("Loss against the mean number of parameters. ", "Lines: the law, at the FLOPs they end with.",
                LawPlot.draw(dense, cells, fit(Count.MEAN).map(LawFit::law), losses))),
        table(cells));
  }

  private static Element figure(String title, String note, Element drawing) {
    return Element.of("figure").add(
        Element.of("figcaption").add(Element.of("strong").text(title)).text(note), drawing);
  }

  private Element table(List<Cell> cells) {
    Element table = Element.of("table").add(Element.of("caption").text(
        "FLOPs as a share of the budget's; density of the blocks' weights over the run and at its end; mean loss and "
            + "its standard deviation over the seeds; and what the law says."));
    table.add(DataTable.header("FLOPs of", "schedule", "steps", "FLOPs", "share", "mean density", "final", "N̄",
        "tokens", "rate", "loss", "law"));
    for (int budget : result.config().budgets()) {
      Element rows = Element.of("tbody");
      List<Cell> those = cells.stream().filter(cell -> cell.budget() == budget).toList();
      for (Cell cell : those) {
        Element row = Element.of("tr");
        if (cell == those.getFirst()) {
          row.add(Element.of("th").set("scope", "rowgroup").set("rowspan", Integer.toString(those.size()))
              .text(budget + " dense steps"));
        }
        rows.add(row.add(row(cell)));
      }
      table.add(rows);
    }
    return DataTable.scrolling(table);
  }

  private List<Element> row(Cell cell) {
    double law = fit(Count.MEAN).map(fit -> fit.law().loss(cell.parameters().mean(), cell.tokens()))
        .orElse(Double.NaN);
    return List.of(Element.of("td").text(cell.label()), number(Quantity.count(cell.steps())),
        Quantity.scientific(cell.flops()).html("td", "number"),
        number(Quantity.number(cell.flops() / cell.budgetFlops(), 3)), number(Quantity.number(cell.meanDensity(), 3)),
        number(Quantity.number(cell.finalDensity(), 3)),
        number(Quantity.count(Math.round(cell.parameters().mean()))), number(Quantity.count(cell.tokens())),
        Quantity.twoTo(cell.log2LearningRate()).html("td", "number"),
        Element.of("td", "number strong").text(cell.lossInWords()), Quantity.of(law, 3).html("td", "number"));
  }

  private static Element number(String text) {
    return Element.of("td", "number").text(text);
  }

  private Element law() {
    Element section = Element.of("section").set("id", "law").add(Element.of("h2").text("The law"),
        Element.of("p").text("""
            L = E + A·N^−α + B·D^−β by least squares on ln L over the mean losses of all widths, schedules and \
            budgets, with N the mean number of parameters over the steps, or that at the start or the end. \
            Intervals: 95 %% of the fits to %d draws of cells with replacement, those that converged."""
            .formatted(LawFit.RESAMPLES)));
    if (result.fits().isEmpty()) {
      return section.add(Element.of("p").text(lawInWords()));
    }
    Element table = Element.of("table")
        .add(DataTable.header("N", "residual, nats", "converged", "E", "A", "α", "B", "β"));
    Element rows = Element.of("tbody");
    for (LawFit fit : result.fits()) {
      ParameterLaw law = fit.law();
      rows.add(Element.of("tr").add(Element.of("th").set("scope", "row").text(fit.count().label()),
          number(Quantity.number(fit.residual(), 4)), number(Integer.toString(fit.resamples())),
          coefficient(law.e(), fit.e()), coefficient(law.a(), fit.a()), coefficient(law.alpha(), fit.alpha()),
          coefficient(law.b(), fit.b()), coefficient(law.beta(), fit.beta())));
    }
    return section.add(DataTable.scrolling(table.add(rows)));
  }

  private static Element coefficient(double value, Interval interval) {
    return number("%s [%s, %s]".formatted(Quantity.significant(value), Quantity.significant(interval.low()),
        Quantity.significant(interval.high())));
  }

  private static Element caveats() {
    Element list = Element.of("ul");
    CAVEATS.forEach(caveat -> list.add(Element.of("li").text(caveat)));
    return Element.of("section").set("id", "caveats").add(Element.of("h2").text("What this cannot tell"), list);
  }

  private Element setup() {
    return Element.of("section", "setup").set("id", "setup").add(Element.of("h2").text("How it was done"),
        Element.of("div", "facts").add(models(), training(), Facts.of(result.environment()).html()),
        Element.of("p").text("Beside this page are the resolved configuration (run.yaml), each training run ("
            + SparseStudy.TRIALS + ") and every number drawn here (" + SparseStudy.RESULT + "). Give that "
            + "configuration to ./pantograph sparse-study: the runs are the same."));
  }

  private Element models() {
    ModelConfig model = result.config().model();
    TopologyConfig topology = result.config().topology();
    return new Facts("Models and schedules")
        .fact("widths", model.widths().stream().map(String::valueOf).collect(Collectors.joining(", ")))
        .fact("model", "%d layers, head size %d, σ = %s".formatted(model.layers(), model.headDim(),
            Quantity.plain(model.initStd())))
        .fact("rule", "%s, corrections follow the %s density".formatted(model.rule(), topology.corrections()))
        .fact("changes", "every %d steps; drop fraction %s to %s of the steps; gmp from %s to %s".formatted(
            topology.every(), Quantity.plain(topology.dropFraction()), Quantity.plain(topology.regrowUntil()),
            Quantity.plain(topology.pruneFrom()), Quantity.plain(topology.pruneUntil())))
        .html();
  }

  private Element training() {
    TrainingConfig training = result.config().training();
    return new Facts("Training").fact("corpus", result.corpus())
        .fact("batch", "%d sequences of %d tokens".formatted(training.batch(), training.time()))
        .fact("schedule", "warm-up %s of the steps, %s".formatted(Quantity.plain(training.warmup()),
            training.schedule()))
        .fact("weight decay", Quantity.plain(training.weightDecay()))
        .fact("learning rates", "2^%d to 2^%d by factors of 2, more where the best lay on the edge".formatted(
            result.config().learningRates().lowest(), result.config().learningRates().highest()))
        .fact("validation", training.validationBatches() + " batches")
        .fact("seeds", Integer.toString(result.config().seeds())).html();
  }
}
