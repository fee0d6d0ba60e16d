package dev.pantograph.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
  @TempDir Path folder;

  @Test
  void aFileIsOneDocument() throws IOException {
    Path file = write("a.txt", "grüße");

    Corpus corpus = Corpus.open(file.toString(), Corpus.NO_LIMIT);

    assertThat(corpus.documents()).extracting(Texts::text).containsExactly("grüße");
    assertThat(corpus.description())
        .isEqualTo("file %s: 1 of 1 documents, 0.0 MB, 0 skipped as binary".formatted(file));
  }

  @Test
  void aFolderIsReadAtAnyDepthInOrderOfName() throws IOException {
    write("b.txt", "2");
    write("a/z/deep.txt", "1");
    write("c.md", "3");
    write("empty.txt", "");

    Corpus corpus = Corpus.open(folder.toString(), Corpus.NO_LIMIT);

    assertThat(corpus.documents()).extracting(Document::name).containsExactly("a/z/deep.txt", "b.txt", "c.md");
    assertThat(corpus.documents()).extracting(Document::index).containsExactly(0, 1, 2);
    assertThat(corpus.documents()).extracting(Texts::text).containsExactly("1", "2", "3");
    assertThat(corpus.bytes()).isEqualTo(3);
  }

  @Test
  void aZipIsReadInOrderOfNameWhateverTheFileIsCalled() throws IOException {
    Path file = zip("archive.bin", Map.of("b", "2", "a/x", "1", "c", "3"));

    Corpus corpus = Corpus.open(file.toString(), Corpus.NO_LIMIT);

    assertThat(corpus.documents()).extracting(Document::name).containsExactly("a/x", "b", "c");
    assertThat(corpus.documents()).extracting(Texts::text).containsExactly("1", "2", "3");
    assertThat(corpus.source()).isEqualTo("zip " + file);
  }

  @Test
  void aPatternChoosesFilesAtAnyDepthIncludingNone() throws IOException {
    write("docs/top.md", "1");
    write("docs/a/b/deep.md", "2");
    write("docs/a/no.txt", "3");
    write("elsewhere.md", "4");

    Corpus corpus = Corpus.open(folder + "/docs/**/*.md", Corpus.NO_LIMIT);

    assertThat(corpus.documents()).extracting(Document::name).containsExactly("a/b/deep.md", "top.md");
  }

  @Test
  void aPatternWithoutFoldersStaysOnItsLevel() throws IOException {
    write("1.txt", "1");
    write("2.md", "2");
    write("3.c", "3");
    write("sub/4.txt", "4");

    Corpus corpus = Corpus.open(folder + "/*.{txt,md}", Corpus.NO_LIMIT);

    assertThat(corpus.documents()).extracting(Document::name).containsExactly("1.txt", "2.md");
  }

  @Test
  void aFileWhoseNameLooksLikeAPatternIsThatFile() throws IOException {
    Path file = write("notes[1].txt", "text");

    Corpus corpus = Corpus.open(file.toString(), Corpus.NO_LIMIT);

    assertThat(corpus.documents()).extracting(Texts::text).containsExactly("text");
  }

  @Test
  void binaryFilesAreSkippedAndCounted() throws IOException {
    write("a.txt", "text");
    write("b.class", "\u0000binary");

    Corpus corpus = Corpus.open(folder.toString(), Corpus.NO_LIMIT);

    assertThat(corpus.documents()).extracting(Document::name).containsExactly("a.txt");
    assertThat(corpus.description()).contains("1 of 2 documents").endsWith("1 skipped as binary");
  }

  @Test
  void binaryFilesDoNotCountTowardsTheLimit() throws IOException {
    for (int i = 0; i < 50; i++) {
      write("binary" + i, "\u0000".repeat(10));
      write("text" + i, "0123456789");
    }

    assertThat(Corpus.open(folder.toString(), 300).bytes()).isEqualTo(300);
  }

  @Test
  void aLimitTakesDocumentsFromAllOverTheCorpus() throws IOException {
    Path file = zip("many.zip", numbered(1000));

    Corpus corpus = Corpus.open(file.toString(), 1000);

    assertThat(corpus.bytes()).isEqualTo(1000);
    assertThat(corpus.listed()).isEqualTo(1000);
    assertThat(corpus.documents()).hasSize(100).isSortedAccordingTo((a, b) -> a.index() - b.index());
    assertThat(corpus.documents().stream().filter(document -> document.index() < 500).count()).isBetween(25L, 75L);
  }

  @Test
  void aLimitTakesTheSameDocumentsEveryTime() throws IOException {
    Path file = zip("many.zip", numbered(1000));

    assertThat(names(Corpus.open(file.toString(), 1000))).isEqualTo(names(Corpus.open(file.toString(), 1000)));
  }

  @Test
  void aLargerLimitTakesASuperset() throws IOException {
    Path file = zip("many.zip", numbered(1000));

    assertThat(names(Corpus.open(file.toString(), 2000))).containsAll(names(Corpus.open(file.toString(), 1000)));
  }

  @Test
  void theSplitDoesNotDependOnTheLimit() throws IOException {
    Path file = zip("many.zip", numbered(1000));
    DocumentSplit all = DocumentSplit.of(Corpus.open(file.toString(), Corpus.NO_LIMIT).documents(), 1, 0.2);
    DocumentSplit some = DocumentSplit.of(Corpus.open(file.toString(), 3000).documents(), 1, 0.2);

    assertThat(all.train()).extracting(Document::name).containsAll(some.train().stream().map(Document::name).toList());
    assertThat(all.validation()).extracting(Document::name)
        .containsAll(some.validation().stream().map(Document::name).toList());
  }

  @Test
  void aDocumentLongerThanTheLimitIsCut() throws IOException {
    Path file = write("long.txt", "0123456789");

    assertThat(Corpus.open(file.toString(), 4).documents()).extracting(Texts::text).containsExactly("0123");
  }

  @Test
  void aPathThatDoesNotExistIsNamed() {
    Path missing = folder.resolve("missing.txt");

    assertThatThrownBy(() -> Corpus.open(missing.toString(), Corpus.NO_LIMIT))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(
            "no corpus", "found no file or folder " + missing, "needed text", "--data FILE|FOLDER|ZIP|GLOB");
  }

  @Test
  void aPatternThatFitsNothingIsNamed() throws IOException {
    write("a.txt", "text");

    assertThatThrownBy(() -> Corpus.open(folder + "/*.md", Corpus.NO_LIMIT))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(
            "found no file with any text in files *.md in " + folder, "--data FILE|FOLDER|ZIP|GLOB");
    assertThatThrownBy(() -> Corpus.open(folder + "/none/*.md", Corpus.NO_LIMIT))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("found no folder " + folder.resolve("none"));
  }

  @Test
  void aPatternThatCannotBeReadIsRefused() {
    assertThatThrownBy(() -> Corpus.open(folder + "/[a", Corpus.NO_LIMIT))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("a pattern that cannot be read", "correct the pattern");
  }

  @Test
  void nothingButBinaryFilesIsNoCorpus() throws IOException {
    write("a", "\u0000");
    write("b", "\u0000");

    assertThatThrownBy(() -> Corpus.open(folder.toString(), Corpus.NO_LIMIT))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("found only binary files (2 of them)");
  }

  @Test
  void anEmptyFolderIsNoCorpus() {
    assertThatThrownBy(() -> Corpus.open(folder.toString(), Corpus.NO_LIMIT))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("found no file with any text in folder " + folder);
  }

  @Test
  void aDamagedZipIsReported() throws IOException {
    Path file = write("bad.zip", "PK\u0003\u0004 and nothing more");

    assertThatThrownBy(() -> Corpus.open(file.toString(), Corpus.NO_LIMIT))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("--data " + file, "reading fails", "check path and permissions");
  }

  @Test
  void aJdkWithoutSourcesIsReportedWithThePathLookedForAndTheWaysOut() {
    assertThatThrownBy(() -> Corpus.ofJdk(folder, Corpus.NO_LIMIT))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll("found no file " + folder.resolve("lib").resolve("src.zip"),
            "--data FILE|FOLDER|ZIP|GLOB", "run on a JDK that has lib/src.zip");
  }

  @Test
  void theSourcesOfTheRunningJdkAreRead() {
    assumeTrue(Files.exists(Path.of(System.getProperty("java.home"), "lib", "src.zip")), "this JDK has no sources");

    Corpus corpus = Corpus.ofJdk(1_000_000);

    assertThat(corpus.bytes()).isEqualTo(1_000_000);
    assertThat(corpus.listed()).isGreaterThan(10_000);
    assertThat(corpus.documents()).extracting(Document::name).anyMatch(name -> name.endsWith(".java"));
  }

  @Test
  void aLimitOfNothingIsRefused() {
    assertThatThrownBy(() -> Corpus.open(folder.toString(), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needed at least 1");
  }

  private static List<String> names(Corpus corpus) {
    return corpus.documents().stream().map(Document::name).toList();
  }

  private static Map<String, String> numbered(int count) {
    Map<String, String> texts = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      texts.put("doc%04d".formatted(i), "text %05d".formatted(i));
    }
    return texts;
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text, StandardCharsets.UTF_8);
  }

  private Path zip(String name, Map<String, String> entries) throws IOException {
    Path file = folder.resolve(name);
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file), StandardCharsets.UTF_8)) {
      out.putNextEntry(new ZipEntry("folder/"));
      for (Map.Entry<String, String> entry : entries.entrySet()) {
        out.putNextEntry(new ZipEntry(entry.getKey()));
        out.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    return file;
  }
}
