package dev.pantograph.backends.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryJarTest {
  private static final LibraryJar JAR =
      LibraryJar.of("org.example:numbers", "org/example/numbers", List.of("libnumbers.so", "libneeded.so"));

  @TempDir
  private Path folder;

  @Test
  void takesTheLibraryAndWhatItNeedsIntoOneFolderNamedForTheJar() throws IOException {
    Path jar = jar(Map.of("org/example/numbers/libnumbers.so", "numbers", "org/example/numbers/libneeded.so", "more"));
    Path library = JAR.extract(jar, folder.resolve("cache")).orElseThrow();
    assertThat(library).isEqualTo(folder.resolve("cache/numbers-1.0/libnumbers.so")).hasContent("numbers");
    assertThat(library.resolveSibling("libneeded.so")).hasContent("more");
  }

  @Test
  void whatNoJarHasIsLeftToTheSystem() throws IOException {
    Path jar = jar(Map.of("org/example/numbers/libnumbers.so", "numbers"));
    Path library = JAR.extract(jar, folder.resolve("cache")).orElseThrow();
    assertThat(library.resolveSibling("libneeded.so")).doesNotExist();
    assertThat(JAR.extract(jar(Map.of("other", "")), folder.resolve("cache"))).isEmpty();
  }

  @Test
  void whatIsThereIsUsedAgainAndWhatIsIncompleteIsReplaced() throws IOException {
    Path jar = jar(Map.of("org/example/numbers/libnumbers.so", "numbers"));
    Path library = JAR.extract(jar, folder.resolve("cache")).orElseThrow();
    FileTime before = FileTime.fromMillis(1000);
    Files.setLastModifiedTime(library, before);
    JAR.extract(jar, folder.resolve("cache"));
    assertThat(Files.getLastModifiedTime(library)).isEqualTo(before);
    Files.writeString(library, "num");
    JAR.extract(jar, folder.resolve("cache"));
    assertThat(library).hasContent("numbers");
    try (Stream<Path> files = Files.list(library.getParent())) {
      assertThat(files).containsExactly(library);
    }
  }

  private Path jar(Map<String, String> files) throws IOException {
    Path jar = folder.resolve("numbers-1.0.jar");
    try (OutputStream out = Files.newOutputStream(jar); JarOutputStream entries = new JarOutputStream(out)) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        entries.putNextEntry(new JarEntry(file.getKey()));
        entries.write(file.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    return jar;
  }
}
