package dev.pantograph.tck;

import dev.pantograph.spi.BackendProvider;
import dev.pantograph.spi.BackendUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.jspecify.annotations.Nullable;

/**
 * The conformance kit as a JUnit class: a backend's author extends it, names the provider, and inherits every rule as a
 * test of its own.
 *
 * <pre>
 *   class MyBackendTest extends BackendConformance {
 *     &#64;Override
 *     protected BackendProvider provider() {
 *       return new MyBackendProvider();
 *     }
 *   }
 * </pre>
 *
 * <p>A check is skipped only for a {@link dev.pantograph.spi.Limitation} the probe declares, and shows its reason; all
 * are skipped where the backend is not available. If the system property {@value #REPORT} names a folder, the coverage
 * table is written there at the end, as text and as Markdown, named for the backend.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class BackendConformance {
  /** System property: the folder for the coverage tables. */
  public static final String REPORT = "pantograph.tck.report";

  private @Nullable Coverage coverage;

  /** The provider of the backend under test. */
  protected abstract BackendProvider provider();

  /**
   * Whether a check is made: all are, unless a subclass says otherwise. One that leaves some out makes them elsewhere:
   * those of kernels that another backend under test has too, say.
   */
  protected boolean isMade(Check check) {
    return true;
  }

  /** One container for each rule, one test for each kernel and element type. */
  @TestFactory
  public Stream<DynamicNode> rules() {
    Conformance conformance = conformance();
    Coverage collected = new Coverage(conformance.backend());
    coverage = collected;
    Map<String, List<DynamicNode>> tests = new LinkedHashMap<>();
    for (Check check : conformance.checks()) {
      if (isMade(check)) {
        tests.computeIfAbsent(check.rule() + " " + check.title(), _ -> new ArrayList<>())
            .add(DynamicTest.dynamicTest(check.toString(), () -> report(check, collected.run(check))));
      }
    }
    return tests.entrySet().stream().map(rule -> DynamicContainer.dynamicContainer(rule.getKey(), rule.getValue()));
  }

  private Conformance conformance() {
    try {
      return Conformance.of(provider());
    } catch (BackendUnavailableException e) {
      return Assumptions.abort(String.valueOf(e.getMessage()));
    }
  }

  private static void report(Check check, Outcome outcome) {
    switch (outcome) {
      case Outcome.Failed(String finding, Throwable cause) -> throw new AssertionError(check + ": " + finding, cause);
      case Outcome.Skipped(String reason) -> Assumptions.abort(reason);
      case Outcome.Passed _ -> { }
      case Outcome.NothingToKeep _ -> { }
    }
  }

  /** Writes the coverage table where it is asked for. */
  @AfterAll
  public void writeCoverage() throws IOException {
    String folder = System.getProperty(REPORT);
    if (folder != null && coverage != null) {
      Path path = Files.createDirectories(Path.of(folder));
      Files.writeString(path.resolve(provider().id() + ".txt"), coverage.toText());
      Files.writeString(path.resolve(provider().id() + ".md"), coverage.toMarkdown());
    }
  }
}
