package dev.pantograph.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user sees of plugins that cannot be loaded. That others can is shown by the guide to writing one. */
class PluginOptionTest {
  @TempDir
  private Path folder;

  @Test
  void doctorReportsAPluginItCannotLoadAndGoesOn() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.jar"), "no jar");
    CommandRun run = CommandRun.of("doctor", "--plugin-path", broken + File.pathSeparator + folder.resolve("gone.jar"));
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Not loaded", "  " + broken, "    not readable as modules: ",
        "    what to do: A plugin is a jar", "  " + folder.resolve("gone.jar"), "In use: vector");
  }

  @Test
  void theOptionMayBeRepeated() {
    CommandRun run = CommandRun.of("doctor", "--plugin-path=" + folder.resolve("one.jar"),
        "--plugin-path=" + folder.resolve("two.jar"));
    assertThat(run.out()).contains(folder.resolve("one.jar").toString(), folder.resolve("two.jar").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"doctor", "train", "transfer", "coordcheck", "replay ."})
  void anUnknownBackendIsAnsweredWithAllThatIsKnown(String command) {
    Path gone = folder.resolve("gone.jar");
    CommandRun run = CommandRun.of((command + " --backend=abacus --plugin-path=" + gone).split(" "));
    assertThat(run.exitCode()).isEqualTo(2);
    // Which native libraries there are differs from machine to machine.
    assertThat(run.err())
        .startsWith("error: no backend is named 'abacus'\navailable: vector, ")
        .endsWith("not loaded: %s: there is no such file or folder. Correct the plugin path\n".formatted(gone));
  }
}
