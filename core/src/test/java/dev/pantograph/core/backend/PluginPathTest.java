package dev.pantograph.core.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginPathTest {
  @TempDir
  private Path folder;

  @Test
  void isPartedAsAClassPathIs() {
    String line = String.join(File.pathSeparator, "a.jar", "", "folder/../a.jar", "b");
    assertThat(PluginPath.parse(line).plugins())
        .containsExactly(Path.of("a.jar").toAbsolutePath(), Path.of("b").toAbsolutePath());
    assertThat(PluginPath.parse("")).isEqualTo(PluginPath.none());
  }

  @Test
  void aFolderOfPluginsHoldsJarsAndFoldersAndIgnoresTheRest() throws IOException {
    Files.createDirectory(folder.resolve("beta"));
    Files.createDirectory(folder.resolve(".hidden"));
    Files.createFile(folder.resolve("alpha.jar"));
    Files.createFile(folder.resolve("README"));
    assertThat(PluginPath.inside(folder).plugins())
        .containsExactly(folder.resolve("alpha.jar"), folder.resolve("beta"));
    assertThat(PluginPath.inside(folder.resolve("none"))).isEqualTo(PluginPath.none());
  }

  @Test
  void theFirstMentionOfAPluginCounts() {
    PluginPath both = PluginPath.parse("a.jar").then(PluginPath.parse("b.jar")).then(PluginPath.parse("a.jar"));
    assertThat(both.plugins()).extracting(path -> path.getFileName().toString()).containsExactly("a.jar", "b.jar");
  }
}
