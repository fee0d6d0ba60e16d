package dev.pantograph.jmh.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.lab.run.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarkFileTest {
  private static final Environment ENVIRONMENT =
      new Environment("0", "25", "system", 2, 1024, "vector", Map.of("lanes", "16"));

  @TempDir
  private Path folder;

  private static BenchmarkFile file(double drift) {
    return new BenchmarkFile(BenchmarkFile.FORMAT, ENVIRONMENT, 2, true, List.of(
        new CaseSamples("throughput", "Gelu large",
            Map.of("fraction", List.of(0.25, 1.0 / 3), "seconds", List.of(1e-6))),
        new CaseSamples("transfer", "width mup", Map.of("drift", List.of(drift)))));
  }

  @Test
  void whatWasWrittenIsReadToTheLastBit() {
    Path path = folder.resolve("a.json");
    file(-0.1).write(path);
    assertThat(BenchmarkFile.read(path)).isEqualTo(file(-0.1));
  }

  /** A diverged study has no drift; its file must still be a baseline. */
  @Test
  void whatIsNotANumberIsKept() {
    Path path = folder.resolve("a.json");
    file(Double.NaN).write(path);
    assertThat(BenchmarkFile.read(path)).isEqualTo(file(Double.NaN));
  }

  @Test
  void nothingIsLeftBesideTheFile() throws IOException {
    file(0).write(folder.resolve("a.json"));
    file(1).write(folder.resolve("a.json"));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve("a.json"));
    }
  }

  @Test
  void aFileThatIsNoBaselineIsRefusedByName() throws IOException {
    refused("no such file", folder.resolve("missing.json"));
    refused("cannot be read", write("text.json", "{ fractions"));
    refused("format unknown", write("other.json", "{\"benchmark\": 1}"));
    refused("has format 99, needed 1", write("future.json", "{\"format\": 99}"));
    refused("cannot be read", write("short.json", "{\"format\": 1}"));
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static void refused(String reason, Path path) {
    assertThatThrownBy(() -> BenchmarkFile.read(path)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(path.toString()).hasMessageContaining(reason);
  }
}
