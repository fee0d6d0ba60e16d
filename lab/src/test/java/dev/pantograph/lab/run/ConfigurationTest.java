package dev.pantograph.lab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pantograph.lab.run.Configuration.UnknownKeyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {
  record Data(String corpus, int batch, List<Integer> sizes) {
    Data {
      if (batch < 1) {
        throw new IllegalArgumentException("data.batch is %d (expected: at least 1)".formatted(batch));
      }
    }
  }

  record Settings(String rule, double rate, Data data) {}

  private static final Settings DEFAULTS = new Settings("mup", 0.5, new Data("", 4, List.of(1, 2, 3)));

  @TempDir
  private Path folder;

  private Settings read(String yaml) {
    try {
      return Configuration.read(Files.writeString(folder.resolve("my.yaml"), yaml), DEFAULTS, Settings.class);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aFileReplacesTheKeysItSetsAndNoOthers() {
    assertThat(read("data:\n  batch: 9\n")).isEqualTo(new Settings("mup", 0.5, new Data("", 9, List.of(1, 2, 3))));
    assertThat(read("rule: supar\nrate: 1e-3\n")).isEqualTo(new Settings("supar", 1e-3, DEFAULTS.data()));
  }

  @Test
  void listsAreReplacedWhole() {
    assertThat(read("data: {sizes: [7]}").data().sizes()).containsExactly(7);
    assertThat(read("data: {sizes: []}").data().sizes()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing yet\n", "{}", "---\n"})
  void anEmptyFileKeepsTheDefaults(String yaml) {
    assertThat(read(yaml)).isEqualTo(DEFAULTS);
  }

  @Test
  void anUnknownKeyIsNamedWithItsPathAndTheKnownOnes() {
    UnknownKeyException failure =
        catchThrowableOfType(UnknownKeyException.class, () -> read("data:\n  bacth: 9\n"));
    assertThat(failure).hasMessage("%s: unknown key 'data.bacth'; there are batch, corpus, sizes",
        folder.resolve("my.yaml"));
    assertThat(failure.key()).isEqualTo("bacth");
    assertThat(failure.known()).containsExactly("batch", "corpus", "sizes");

    assertThatThrownBy(() -> read("rulle: mup")).isInstanceOf(UnknownKeyException.class)
        .hasMessageEndingWith("unknown key 'rulle'; there are data, rate, rule");
  }

  @Test
  void aValueOfTheWrongTypeIsNamedWithItsFileAndPath() {
    assertThatIllegalArgumentException().isThrownBy(() -> read("data:\n  batch: many\n"))
        .withMessageStartingWith(folder.resolve("my.yaml") + ": key 'data.batch': ").withMessageContaining("many");
    assertThatIllegalArgumentException().isThrownBy(() -> read("data: {sizes: [1, two]}"))
        .withMessageContaining("key 'data.sizes[1]': ");
  }

  @Test
  void aValueTheConfigurationRefusesIsExplainedInItsOwnWords() {
    assertThatIllegalArgumentException().isThrownBy(() -> read("data: {batch: 0}"))
        .withMessage(folder.resolve("my.yaml") + ": data.batch is 0 (expected: at least 1)");
  }

  @Test
  void aFileThatIsNoYamlOrNoKeysIsNamed() {
    assertThatThrownBy(() -> read("data: [1,")).isInstanceOf(RunException.class)
        .hasMessageStartingWith(folder.resolve("my.yaml") + ": ");
    assertThatThrownBy(() -> read("- 1\n- 2\n")).isInstanceOf(RunException.class)
        .hasMessage("%s: needs keys and values, found ARRAY", folder.resolve("my.yaml"));
    assertThatThrownBy(() -> Configuration.read(folder.resolve("none.yaml"), DEFAULTS, Settings.class))
        .isInstanceOf(RunException.class).hasMessage("%s: there is no such file", folder.resolve("none.yaml"));
  }

  @Test
  void settingsReachNestedKeysByTheirPath() {
    assertThat(with(Map.of("data.batch", "8", "data.sizes", "[4, 5]", "rule", "completep-0.5", "rate", "1e-4")))
        .isEqualTo(new Settings("completep-0.5", 1e-4, new Data("", 8, List.of(4, 5))));
    assertThat(with(Map.of())).isEqualTo(DEFAULTS);
  }

  @Test
  void settingsThatNameNothingAreRefused() {
    assertThatThrownBy(() -> with(Map.of("data.time", "8"))).isInstanceOf(UnknownKeyException.class)
        .hasMessage("options: unknown key 'data.time'; there are batch, corpus, sizes");
    assertThatThrownBy(() -> with(Map.of("dat.batch", "8"))).isInstanceOf(UnknownKeyException.class)
        .hasMessage("options: unknown key 'dat'; there are data, rate, rule");
    assertThatThrownBy(() -> with(Map.of("rule.name", "mup"))).isInstanceOf(RunException.class)
        .hasMessage("options: 'rule' holds a value, not keys");
    assertThatIllegalArgumentException().isThrownBy(() -> with(Map.of("data.batch", "x")))
        .withMessageStartingWith("options: key 'data.batch': ");
    assertThatIllegalArgumentException().isThrownBy(() -> with(Map.of("data.batch", "-3")))
        .withMessage("options: data.batch is -3 (expected: at least 1)");
  }

  private static Settings with(Map<String, String> settings) {
    return Configuration.with(DEFAULTS, settings, Settings.class);
  }
}
