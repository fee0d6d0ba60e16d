package dev.pantograph.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {
  @Test
  void namesJavaBackendsAndTheOneInUse() {
    CommandRun run = CommandRun.of("doctor", "--threads=1");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains(System.getProperty("java.home"), "reference", "vector width",
        "In use: vector (the best one available), threads: 1");
  }

  @Test
  void saysWhatABackendDoesNotDo() {
    assertThat(CommandRun.of("doctor").out().lines().filter(line -> line.contains("without: ")))
        .first().asString().endsWith("without: kernels in F64, except Copy and Fill (vectors of float32 only)");
  }

  @Test
  void opensTheBackendAskedFor() {
    assertThat(CommandRun.of("doctor", "--backend=reference").out()).contains("In use: reference (as asked for)");
  }

  @Test
  void saysWhetherTheJdkHasItsSources(@TempDir Path javaHome) throws IOException {
    assertThat(DoctorCommand.corpus(javaHome)).startsWith("not found: ").contains("Install them");
    Files.createDirectory(javaHome.resolve("lib"));
    Files.write(javaHome.resolve("lib").resolve("src.zip"), new byte[3 << 20]);
    assertThat(DoctorCommand.corpus(javaHome)).endsWith("src.zip, 3 MiB packed");
  }
}
