package dev.pantograph.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BackendOptionsTest {
  @Test
  void resolvesZeroThreadsToTheProcessors() {
    assertThat(BackendOptions.defaults().resolvedThreads()).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(BackendOptions.threads(3).resolvedThreads()).isEqualTo(3);
  }

  @Test
  void refusesNegativeThreads() {
    assertThatThrownBy(() -> BackendOptions.threads(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads: -1 (expected: 0 for one per processor, or more)");
  }

  @Test
  void namesAnUnknownSettingAndTheKnownOnes() {
    BackendOptions options = new BackendOptions(0, Map.of("tile", "8"));

    assertThatThrownBy(() -> options.requireOnly("cuda", Set.of("streams", "device")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("backend 'cuda' has no setting 'tile'; it knows [device, streams]");
    assertThatCode(() -> options.requireOnly("cuda", Set.of("tile"))).doesNotThrowAnyException();
  }
}
