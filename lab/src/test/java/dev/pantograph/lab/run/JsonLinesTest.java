package dev.pantograph.lab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesTest {
  record Line(int step, double loss) {}

  @TempDir
  private Path folder;

  private Path file() {
    return folder.resolve("log.jsonl");
  }

  private JsonLines<Line> open() {
    return JsonLines.open(file(), Line.class);
  }

  private void write(int lines) {
    try (JsonLines<Line> log = open()) {
      for (int i = 0; i < lines; i++) {
        log.append(new Line(i, 0.5 * i));
      }
    }
  }

  @Test
  void everyValueIsALineAtOnce() throws IOException {
    try (JsonLines<Line> log = open()) {
      assertThat(log.existing()).isEmpty();
      log.append(new Line(0, 1.5));
      assertThat(file()).hasContent("{\"step\":0,\"loss\":1.5}\n");
      log.append(new Line(1, 2));
      assertThat(Files.readAllLines(file())).hasSize(2);
    }
  }

  @Test
  void aLogGoesOnAfterReopening() {
    write(2);
    try (JsonLines<Line> log = open()) {
      assertThat(log.existing()).containsExactly(new Line(0, 0), new Line(1, 0.5));
      log.append(new Line(2, 7));
      assertThat(log.existing()).hasSize(2);
    }
    try (JsonLines<Line> log = open()) {
      assertThat(log.existing()).containsExactly(new Line(0, 0), new Line(1, 0.5), new Line(2, 7));
    }
  }

  @Test
  void whatAnInterruptedProcessLeftOfALineIsCutOff() throws IOException {
    write(2);
    // Even a whole value does not count without its newline: the next could not be told from it.
    Files.writeString(file(), Files.readString(file()) + "{\"step\":2,\"loss\":9.0}");
    try (JsonLines<Line> log = open()) {
      assertThat(log.existing()).containsExactly(new Line(0, 0), new Line(1, 0.5));
      log.append(new Line(2, 4));
    }
    assertThat(file()).hasContent("{\"step\":0,\"loss\":0.0}\n{\"step\":1,\"loss\":0.5}\n{\"step\":2,\"loss\":4.0}\n");
  }

  @Test
  void onlyACutLineLeavesAnEmptyLog() throws IOException {
    Files.writeString(file(), "{\"st");
    try (JsonLines<Line> log = open()) {
      assertThat(log.existing()).isEmpty();
    }
    assertThat(file()).isEmptyFile();
  }

  @Test
  void theFirstLinesCanBeKeptAndTheRestReplaced() {
    write(5);
    try (JsonLines<Line> log = open()) {
      log.keep(3);
      assertThat(log.existing()).extracting(Line::step).containsExactly(0, 1, 2);
      log.append(new Line(99, 0));
    }
    try (JsonLines<Line> log = open()) {
      assertThat(log.existing()).extracting(Line::step).containsExactly(0, 1, 2, 99);
      log.keep(7);
      assertThat(log.existing()).hasSize(4);
      log.keep(0);
      assertThat(log.existing()).isEmpty();
    }
    assertThat(file()).isEmptyFile();
  }

  @Test
  void aBrokenLineBeforeTheLastIsAnErrorThatNamesTheFile() throws IOException {
    Files.writeString(file(), "{\"step\":0,\"loss\":0.0}\nnot json\n{\"step\":1,\"loss\":0.0}\n");
    assertThatThrownBy(this::open).isInstanceOf(RunException.class)
        .hasMessageStartingWith(file() + " holds a line that cannot be read: ");
  }

  @Test
  void aFolderInTheFilesPlaceIsAnError() throws IOException {
    Files.createDirectory(file());
    assertThatThrownBy(this::open).isInstanceOf(RunException.class)
        .hasMessageStartingWith(file() + " cannot be opened: ");
  }
}
