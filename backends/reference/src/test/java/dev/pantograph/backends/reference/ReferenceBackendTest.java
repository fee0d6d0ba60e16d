package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.pantograph.spi.Availability;
import dev.pantograph.spi.BackendProvider;
import org.junit.jupiter.api.Test;

class ReferenceBackendTest {
  private final BackendProvider provider = new ReferenceBackendProvider();

  @Test
  void isAlwaysAvailableAndNeverPreferred() {
    assertThat(provider.id()).isEqualTo("reference");
    assertThat(provider.probe()).isInstanceOfSatisfying(Availability.Available.class, available -> {
      assertThat(available.rank()).isZero();
      assertThat(available.facts()).containsExactly(entry("arithmetic", "float64, scalar, one thread"));
    });
  }
}
