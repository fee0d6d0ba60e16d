package dev.pantograph.dataflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WaferDescriptionTest {
  @TempDir private Path folder;

  @Test
  void thePresetsSayWhatIsPublishedAndMarkTheRest() {
    Wafer wse2 = WaferDescription.read("wse-2");
    assertThat(wse2.flopsPerSecond()).as("commonly quoted").isCloseTo(7.5e15, withinPercentage(0.3));
    assertThat(wse2.memory().bytesPerSecond().value()).as("22 PB/s is quoted too")
        .isCloseTo(22e15, withinPercentage(2.1));
    assertThat(wse2.assumptions()).contains("cores.flopsPerCycle", "weights.bytesPerSecond", "weights.indexBytes")
        .doesNotContain("cores.count", "cores.clockHertz", "fabric.bytesPerSecond");
    Wafer wse3 = WaferDescription.read("WSE-3");
    assertThat(wse3.coreCount()).isEqualTo(900_000);
    assertThat(wse3.assumptions()).contains("cores.flopsPerCycle", "cores.clockHertz", "weights.bytesPerSecond");
    assertThat(wse3.figures()).hasSameSizeAs(wse2.figures()).hasSize(14);
  }

  @Test
  void aDescriptionIsAFileOfTheUsers() throws IOException {
    Path file = Files.writeString(folder.resolve("my.yaml"),
        WaferDescription.text("wse-2").replace("850000", "1000"));
    assertThat(WaferDescription.read(file.toString()).coreCount()).isEqualTo(1000);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "value: 850000 | value: -1    | above 0",
    "value: 850000 | value: many  | cores.count.value: missing, or of another kind",
    "value: 850000 | values: 850000  | cores.count: ",
    "value: 850000 | 'value: 850000, worth: 1' | my.yaml",
    "value: 0.5    | value: 1.5   | at most 1",
    "source: Cerebras, WSE-2 announcement, 2021 | source: ' ' | no source"
  })
  void whatIsNoDescriptionIsRefusedByPlace(String found, String replacement, String message) throws IOException {
    String text = WaferDescription.text("wse-2");
    String broken = text.replaceFirst(found, replacement);
    assertThat(broken).isNotEqualTo(text);
    Path file = Files.writeString(folder.resolve("my.yaml"), broken);
    assertThatThrownBy(() -> WaferDescription.read(file.toString())).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString()).hasMessageContaining(message).hasMessageContaining("--print-device");
  }

  @Test
  void whatIsLeftOutIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("my.yaml"), "name: half\n");
    assertThatThrownBy(() -> WaferDescription.read(file.toString())).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cores");
    assertThatThrownBy(() -> WaferDescription.read("wse-9")).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no wafer 'wse-9'").hasMessageContaining("wse-2, wse-3");
  }
}
