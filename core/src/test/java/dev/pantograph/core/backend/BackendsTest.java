package dev.pantograph.core.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendUnavailableException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BackendsTest {
  private final Backends backends = Backends.discover();

  @Test
  void findsTheProvidersOnTheModulePathPreferredFirst() {
    assertThat(backends.entries()).extracting(Backends.Entry::id).containsExactly("vector", "reference");
    assertThat(backends.entries()).extracting(Backends.Entry::availability)
        .allSatisfy(availability -> assertThat(availability).isInstanceOf(Availability.Available.class));
  }

  @Test
  void opensTheOneAskedFor() {
    try (Backend backend = backends.open("reference", BackendOptions.defaults())) {
      assertThat(backend.id()).isEqualTo("reference");
    }
  }

  @Test
  void opensTheHighestRankWhenNoneIsAskedFor() {
    try (Backend backend = backends.openPreferred(BackendOptions.threads(1))) {
      assertThat(backend.id()).isEqualTo("vector");
    }
  }

  @Test
  void namesThoseThereAreWhenOneIsUnknown() {
    assertThatThrownBy(() -> backends.open("abacus", BackendOptions.defaults()))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage("no backend is named 'abacus'%navailable: vector, reference".formatted());
  }

  @Test
  void passesOptionsOnToTheBackendWhichRefusesUnknownOnes() {
    assertThatThrownBy(() -> backends.open("vector", new BackendOptions(1, Map.of("colour", "red"))))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll("vector", "colour");
  }
}
