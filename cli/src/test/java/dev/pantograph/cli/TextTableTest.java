package dev.pantograph.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class TextTableTest {
  @Test
  void columnsAlignByCharactersAndCellsMayHaveSeveralLines() {
    StringWriter text = new StringWriter();
    new TextTable(" ").row("", "η ×").line().row("a\nlong", "√d_h", "1").print(new PrintWriter(text, true));
    assertThat(text.toString().lines()).containsExactly(
        "       η ×",
        " ─────────────",
        " a     √d_h  1",
        " long");
  }
}
