package dev.pantograph.lab.transfer;

import dev.pantograph.lab.coordcheck.CoordinateCheckResult;
import dev.pantograph.lab.coordcheck.CoordinateCheckResult.Layer;
import dev.pantograph.lab.plot.DataTable;
import dev.pantograph.lab.plot.Element;
import dev.pantograph.lab.plot.Ink;
import dev.pantograph.lab.plot.Marker;
import dev.pantograph.lab.plot.Quantity;
import dev.pantograph.lab.plot.SvgPath;
import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.transfer.CoordinatePlot.Measure;
import dev.pantograph.lab.transfer.TransferResult.Curve;
import dev.pantograph.lab.transfer.TransferResult.Gap;
import dev.pantograph.lab.transfer.TransferResult.Study;
import java.util.ArrayList;
import java.util.List;

/**
 * The report's section on one axis: the rules' loss curves side by side, where their optima go, what not tuning costs,
 * and the coordinate checks.
 *
 * @param axis what is scaled
 * @param studies one for each rule, at least one
 */
record AxisSection(Axis axis, List<Study> studies) {

  Element html() {
    return Element.of("section", "axis").set("id", axis.label())
        .add(Element.of("h2").text("Along " + axis.label()), key(), lossPanels(), optima())
        .add(coordinateChecks());
  }

  /** What each size's curve looks like, and what the marks mean. */
  private Element key() {
    Element key = Element.of("ul", "key");
    List<Curve> curves = studies.getFirst().curves();
    for (int i = 0; i < curves.size(); i++) {
      String role = i == 0 ? " (base)" : "";
      String size = "%s %s%s".formatted(axis.label(), Quantity.size(axis, curves.get(i).size()), role);
      key.add(entry(Element.of("g", Ink.ofSize(i, curves.size())).add(
          new SvgPath().move(1, 8).line(29, 8).styled("curve"), Marker.of(i).at(15, 8, 3.6, "point")), size));
    }
    key.add(entry(Element.of("g", "neutral").add(Marker.CIRCLE.at(15, 8, 6, "ring")), "optimum"));
    if (anyAtEdge()) {
      key.add(entry(Element.of("g", "neutral").add(Marker.CIRCLE.at(15, 8, 6, "ring edge")),
          "best rate on the edge of the grid: the optimum may lie outside"));
    }
    if (LossPlot.Range.of(studies).diverged()) {
      key.add(entry(Element.of("g", "neutral").add(Marker.CIRCLE.at(15, 8, 3.6, "diverged")),
          "at least one seed diverged"));
    }
    if (curves.getFirst().optimum().perSeed().size() < 2) {
      return key;
    }
    return key.add(entry(Element.of("g", "neutral").add(new SvgPath().move(15, 1).line(15, 15).styled("whisker"),
        Marker.CIRCLE.at(15, 9, 3.2, "point")),
        "best to worst seed"));
  }

  private static Element entry(Element drawing, String text) {
    return Element.of("li").add(
        Element.of("svg").set("viewBox", "0 0 30 16").set("width", "30").set("height", "16").set("aria-hidden", "true")
            .add(drawing))
        .text(text);
  }

  private boolean anyAtEdge() {
    return studies.stream().flatMap(study -> study.curves().stream()).anyMatch(curve -> curve.optimum().atEdge());
  }

  private Element lossPanels() {
    LossPlot.Range range = LossPlot.Range.of(studies);
    Element panels = Element.of("div", "panels");
    for (int i = 0; i < studies.size(); i++) {
      Study study = studies.get(i);
      Verdict verdict = Verdict.of(study);
      Element caption = Element.of("figcaption").add(Element.of("strong").text(RuleName.of(study.parameterization())))
          .text(" ")
          .add(badge(verdict.outcome()));
      panels.add(Element.of("figure").add(caption, LossPlot.draw(study, range, id("loss", i))));
    }
    return panels;
  }

  static Element badge(Verdict.Outcome outcome) {
    return Element.of("span", "badge " + outcome.label()).text(outcome.symbol() + " " + outcome.label());
  }

  private Element optima() {
    Element figure = Element.of("figure", "wide").add(
        Element.of("figcaption").add(Element.of("strong").text("Where the optimum goes"))
            .text(". Slope of log₂(optimal learning rate) per %s, with its 95 %% interval; dots are single seeds."
                .formatted(axis.step())),
        OptimumPlot.draw(studies, id("optimum", 0)));
    return Element.of("div", "panels optima").add(figure, gaps());
  }

  private Element gaps() {
    Element table = Element.of("table")
        .add(Element.of("caption").add(Element.of("strong").text("What not tuning costs"))
        .text(". Loss in nats per token at the base's best learning rate and at each size's own, both on the grid."));
    table.add(DataTable.header("rule", axis.label(), "transferred", "loss", "tuned", "loss", "gap"));
    for (Study study : studies) {
      Element rows = Element.of("tbody");
      for (Gap gap : study.gaps()) {
        Element row = Element.of("tr");
        if (gap.equals(study.gaps().getFirst())) {
          row.add(Element.of("th").set("scope", "rowgroup").set("rowspan", Integer.toString(study.gaps().size()))
              .text(RuleName.of(study.parameterization())));
        }
        rows.add(row.add(cells(gap)));
      }
      if (!study.gaps().isEmpty()) {
        table.add(rows);
      }
    }
    return DataTable.scrolling(table);
  }

  private List<Element> cells(Gap gap) {
    Double transferred = gap.transferredLoss();
    Double cost = gap.gap();
    return List.of(Quantity.size(axis, gap.size()).html("td", "number"),
        Quantity.learningRate(gap.transferredLearningRate()).html("td", "number"),
        transferred == null ? Element.of("td", "number").text("diverged")
            : Quantity.of(transferred, 3).html("td", "number"),
        Quantity.learningRate(gap.tunedLearningRate()).html("td", "number"),
        Double.isFinite(gap.tunedLoss()) ? Quantity.of(gap.tunedLoss(), 3).html("td", "number")
            : Element.of("td", "number").text("diverged"),
        cost == null ? Element.of("td", "number strong").text("–") : Quantity.of(cost, 3).html("td", "number strong"));
  }

  private List<Element> coordinateChecks() {
    List<CoordinateCheckResult> checks = studies.stream().map(Study::coordinateCheck).toList();
    List<Element> elements = new ArrayList<>();
    elements.add(Element.of("h3").text("Coordinate checks along " + axis.label()));
    elements.add(Element.of("p").text("""
        Mean size of activations and of their change since before the first update, after a few steps on one batch. \
        Where a rule transfers, neither depends on %s. Layers that are not flat are drawn dashed and strong."""
        .formatted(axis.label())));
    for (int i = 0; i < checks.size(); i++) {
      CoordinateCheckResult check = checks.get(i);
      Element panels = Element.of("div", "panels").add(
          checkPanel("Activations", check, Measure.ACTIVATION, checks, id("activations", i)),
          checkPanel("Updates", check, Measure.UPDATE, checks, id("updates", i)));
      elements.add(Element.of("h4").text(RuleName.of(check.parameterization()) + " ").add(passed(check.passed())));
      elements.add(panels.add(slopes(check)));
    }
    return elements;
  }

  private static Element checkPanel(
      String caption, CoordinateCheckResult check, Measure measure, List<CoordinateCheckResult> checks, String id) {
    return Element.of("figure").add(
        Element.of("figcaption").text(caption), CoordinatePlot.draw(check, measure, measure.decades(checks), id));
  }

  private static Element passed(boolean passed) {
    return Element.of("span", "badge " + (passed ? "transfers" : "drifts")).text(passed ? "✓ flat" : "✗ not flat");
  }

  private Element slopes(CoordinateCheckResult check) {
    Element table = Element.of("table").add(Element.of("caption")
        .text("Slope of log₂ size per %s: activations and updates at the last step."
            .formatted(axis.step())));
    table.add(DataTable.header("layer", "activation", "update", "flat"));
    Element rows = Element.of("tbody");
    for (Layer layer : check.layers()) {
      rows.add(Element.of("tr").add(Element.of("th").set("scope", "row").text(layer.name()),
          Quantity.signed(layer.activationSlopes().getLast()).html("td", "number"),
          Quantity.signed(layer.updateSlopes().getLast()).html("td", "number"),
          Element.of("td", layer.flat() ? "number pass" : "number fail").text(layer.flat() ? "✓ pass" : "✗ fail")));
    }
    Element tolerance = check.layers().isEmpty() ? Element.of("p", "note") : Element.of("p", "note")
        .text("A layer passes if no slope exceeds ±" + Quantity.number(check.layers().getFirst().tolerance(), 2) + ".");
    return DataTable.scrolling(table.add(rows)).add(tolerance);
  }

  private String id(String kind, int index) {
    return "%s-%s-%d".formatted(axis.label(), kind, index);
  }
}
