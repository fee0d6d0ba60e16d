package dev.pantograph.lab.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.lab.plot.Quantity;
import dev.pantograph.lab.scale.Axis;
import dev.pantograph.lab.transfer.TransferResult.Gap;
import dev.pantograph.lab.transfer.TransferResult.Study;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class TransferReportTest {
  private static final String HOSTILE = "</p><script>alert(\"1\" & '2')</script>\u0007";

  static Stream<List<Study>> experiments() {
    return Stream.of(SampleStudies.result().studies(),
        List.of(SampleStudies.study(Axis.WIDTH, "mup", SampleStudies.WIDTHS, 0.1, 1)),
        List.of(SampleStudies.study(Axis.DEPTH, "completep-0.5", List.of(4.0), 0, 2)),
        List.of(SampleStudies.diverged(Axis.WIDTH, "standard", SampleStudies.WIDTHS)),
        List.of(SampleStudies.diverged(Axis.DENSITY, "standard", SampleStudies.DENSITIES),
            SampleStudies.study(Axis.DENSITY, "supar", SampleStudies.DENSITIES, 0, 2)));
  }

  @ParameterizedTest
  @MethodSource("experiments")
  void isWellFormedWhateverCameOut(List<Study> studies) throws Exception {
    Document page = parse(html(studies));

    assertThat(byClass(page, "path", "curve").stream().filter(path -> isInLossPlot(path)).count())
        .isEqualTo(studies.stream().mapToLong(study -> study.curves().size()).sum());
    assertThat(page.getDocumentElement().getTextContent()).doesNotContain("NaN", "null", "Infinity");
  }

  @ParameterizedTest
  @MethodSource("experiments")
  void drawsWithFiniteNumbersOnly(List<Study> studies) throws Exception {
    Document page = parse(html(studies));

    for (String name : List.of("path", "text", "svg", "rect")) {
      for (Element element : elements(page, name)) {
        for (String attribute : List.of("d", "x", "y", "width", "height", "viewBox")) {
          assertThat(element.getAttribute(attribute)).doesNotContain("NaN", "Infinity", "∞");
        }
      }
    }
  }

  @Test
  void loadsNothing() {
    assertThat(html(SampleStudies.result().studies()))
        .doesNotContain("http:", "https:", "src=", "href=", "@import", "url(",
        "<script");
  }

  @Test
  void namesEveryIdOnce() throws Exception {
    Document page = parse(html(SampleStudies.result().studies()));
    Set<String> ids = new HashSet<>();

    for (Element element : elements(page, "*")) {
      String id = element.getAttribute("id");
      assertThat(id.isEmpty() || ids.add(id)).as(id).isTrue();
    }
    for (Element svg : elements(page, "svg")) {
      if (svg.hasAttribute("aria-labelledby")) {
        assertThat(ids).contains(svg.getAttribute("aria-labelledby").split(" "));
      }
    }
  }

  @Test
  void givesEveryDriftIntervalAndGap() throws Exception {
    TransferResult result = SampleStudies.result();
    String text = parse(new TransferReport(result).html()).getDocumentElement().getTextContent();

    for (Study study : result.studies()) {
      assertThat(text).contains(Quantity.signedNumber(study.drift().perStep()),
          Quantity.signedNumber(study.drift().low()),
          Quantity.signedNumber(study.drift().high()));
      for (Gap gap : study.gaps()) {
        Double cost = gap.gap();
        assertThat(text).contains(cost == null ? "diverged" : Quantity.number(cost, 3),
            Quantity.number(gap.tunedLoss(), 3));
      }
    }
  }

  @Test
  void tellsHowItWasDone() throws Exception {
    String text = parse(html(SampleStudies.result().studies())).getDocumentElement().getTextContent();

    assertThat(text).contains("8 sequences of 128 tokens", "200, warm-up 20, linear", "384", "78\u2009643\u2009200",
        "1 h 24 min", "25.0.1 (Eclipse Adoptium)", "256-bit", "run.yaml", "./pantograph transfer");
  }

  @Test
  void marksDivergedRunsAndOptimaOnTheEdge() throws Exception {
    TransferResult result = SampleStudies.result();
    Document page = parse(new TransferReport(result).html());
    long diverged = result.studies().stream().flatMap(study -> study.curves().stream())
        .flatMap(curve -> curve.points().stream()).filter(point -> point.meanLoss() == null).count();
    long edges = result.studies().stream().flatMap(study -> study.curves().stream())
        .filter(curve -> curve.optimum().atEdge()).count();

    assertThat(diverged).isPositive();
    assertThat(edges).isPositive();
    assertThat(byClass(page, "path", "diverged").stream().filter(TransferReportTest::isInLossPlot))
        .hasSize((int) diverged);
    assertThat(byClass(page, "path", "ring edge").stream().filter(TransferReportTest::isInLossPlot))
        .hasSize((int) edges);
  }

  @Test
  void escapesWhatItDidNotWrite() throws Exception {
    TransferResult result = SampleStudies.result(HOSTILE, SampleStudies.result().studies());
    String html = new TransferReport(result).html();

    assertThat(html).doesNotContain("<script");
    assertThat(parse(html).getDocumentElement().getTextContent()).contains(HOSTILE.replace('\u0007', '\uFFFD'));
  }

  @Test
  void writesWhatItReturns(@TempDir Path folder) throws Exception {
    TransferReport report = new TransferReport(SampleStudies.result());

    report.write(folder.resolve("report.html"));

    assertThat(Files.readString(folder.resolve("report.html"))).isEqualTo(report.html());
  }

  private static String html(List<Study> studies) {
    return new TransferReport(SampleStudies.result("text", studies)).html();
  }

  private static Document parse(String html) throws Exception {
    return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(html)));
  }

  private static List<Element> elements(Document page, String name) {
    NodeList nodes = page.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  private static List<Element> byClass(Document page, String name, String styleClass) {
    return elements(page, name).stream().filter(element -> element.getAttribute("class").equals(styleClass)).toList();
  }

  private static boolean isInLossPlot(Element element) {
    for (var node = element.getParentNode(); node instanceof Element parent; node = parent.getParentNode()) {
      if (parent.getAttribute("aria-labelledby").contains("-loss-")) {
        return true;
      }
    }
    return false;
  }
}
