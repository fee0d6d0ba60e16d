package dev.pantograph.lab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
  record Notes(String text, List<Integer> numbers) {}

  /** A value that cannot be written as JSON. */
  record Broken() {
    public String text() {
      return "";
    }

    @com.fasterxml.jackson.annotation.JsonProperty("text")
    public String failing() {
      throw new IllegalStateException("no text");
    }
  }

  @TempDir
  private Path parent;

  private RunFolder created() {
    return RunFolder.create(parent.resolve("a").resolve("run"));
  }

  private static List<String> files(RunFolder folder) throws IOException {
    try (var files = Files.list(folder.path())) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void foldersAreMadeWithTheirParents() {
    assertThat(created().path()).isEmptyDirectory();
    assertThat(created().path()).isEmptyDirectory();
  }

  @Test
  void aFolderThatHoldsSomethingIsNotTouched() throws IOException {
    Files.writeString(parent.resolve("thesis.txt"), "years of work");
    assertThatThrownBy(() -> RunFolder.create(parent)).isInstanceOf(RunException.class)
        .hasMessage("%s is not empty; continue that run with --resume, or name another folder with --out", parent);
    assertThat(parent.resolve("thesis.txt")).hasContent("years of work");
  }

  @Test
  void aFileIsNoFolder() throws IOException {
    Path file = Files.writeString(parent.resolve("file"), "");
    assertThatThrownBy(() -> RunFolder.create(file)).isInstanceOf(RunException.class)
        .hasMessageStartingWith("run folder %s cannot be made: ".formatted(file));
  }

  @Test
  void onlyARunCanBeContinued() {
    assertThatThrownBy(() -> RunFolder.open(parent)).isInstanceOf(RunException.class)
        .hasMessage("%s holds no run: there is no run.yaml in it", parent);
    created().writeYaml(RunFolder.CONFIGURATION, new Notes("x", List.of()));
    assertThat(RunFolder.open(parent.resolve("a").resolve("run")).has(RunFolder.CONFIGURATION)).isTrue();
  }

  @Test
  void valuesComeBackAsTheyWereWritten() throws IOException {
    Notes notes = new Notes("η: 2^-7 # not a comment\nline two", List.of(1, 2, 3));
    RunFolder folder = created();
    folder.writeYaml("notes.yaml", notes);
    folder.writeJson("notes.json", notes);
    assertThat(folder.readYaml("notes.yaml", Notes.class)).isEqualTo(notes);
    assertThat(folder.readJson("notes.json", Notes.class)).isEqualTo(notes);
    assertThat(files(folder)).containsExactly("notes.json", "notes.yaml");
    assertThat(Files.readString(folder.resolve("notes.json"))).contains("η", "\n");
  }

  @Test
  void aLaterWriteReplacesTheWholeFile() {
    RunFolder folder = created();
    folder.writeText("report.html", "a long first version");
    folder.writeText("report.html", "short");
    assertThat(folder.resolve("report.html")).hasContent("short");
  }

  @Test
  void aWriteThatFailsHalfwayLeavesTheOldFile() throws IOException {
    RunFolder folder = created();
    folder.writeText("transfer.json", "old");
    // Something in the temporary file's place stands for a disk that cannot be written.
    Path blocked = Files.createDirectory(folder.resolve("transfer.json.partial"));
    Files.createFile(blocked.resolve("inside"));
    assertThatThrownBy(() -> folder.writeText("transfer.json", "new")).isInstanceOf(RunException.class)
        .hasMessageStartingWith(folder.resolve("transfer.json") + " cannot be written: ");
    assertThat(folder.resolve("transfer.json")).hasContent("old");
  }

  @Test
  void aWriteThatCannotTakeItsNameLeavesNothingPartial() throws IOException {
    RunFolder folder = created();
    Files.createFile(Files.createDirectory(folder.resolve("transfer.json")).resolve("inside"));
    assertThatThrownBy(() -> folder.writeText("transfer.json", "new")).isInstanceOf(RunException.class)
        .hasMessageStartingWith(folder.resolve("transfer.json") + " cannot be written: ");
    assertThat(files(folder)).containsExactly("transfer.json");
  }

  @Test
  void aValueThatCannotBeWrittenLeavesTheOldFile() throws IOException {
    RunFolder folder = created();
    folder.writeText("transfer.json", "old");
    assertThatThrownBy(() -> folder.writeJson("transfer.json", new Broken())).isInstanceOf(RunException.class)
        .hasMessageContaining("transfer.json cannot be written").hasMessageContaining("no text");
    assertThat(folder.resolve("transfer.json")).hasContent("old");
    assertThat(files(folder)).containsExactly("transfer.json");
  }

  @Test
  void aFileOfAnotherKindIsRefused() {
    RunFolder folder = created();
    folder.writeText("run.yaml", "text: x\nnumbers: []\ncolour: red\n");
    assertThatThrownBy(() -> folder.readYaml("run.yaml", Notes.class)).isInstanceOf(RunException.class)
        .hasMessageStartingWith(folder.resolve("run.yaml") + " cannot be read: ").hasMessageContaining("colour");
    assertThatThrownBy(() -> folder.readJson("missing.json", Notes.class)).isInstanceOf(RunException.class)
        .hasMessageContaining("missing.json");
  }
}
