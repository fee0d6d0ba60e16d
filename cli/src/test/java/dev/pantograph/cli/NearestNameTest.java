package dev.pantograph.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {
  private static final List<String> OPTIONS =
      List.of("--width", "--base-width", "--depth", "--base-depth", "--density", "--rule", "--json", "-h", "--help");

  @ParameterizedTest
  @CsvSource({"--widht,--width", "--WIDTH,--width", "-width,--width", "--base-widht,--base-width", "--dept,--depth",
      "--jsn,--json", "--hlep,--help"})
  void findsTheNameMeant(String typed, String meant) {
    assertThat(NearestName.of(typed, OPTIONS)).contains(meant);
  }

  @Test
  void aNameLikeNoOtherHasNone() {
    assertThat(NearestName.of("--quux", OPTIONS)).isEmpty();
    assertThat(NearestName.suggestion("--quux", OPTIONS)).isEmpty();
    assertThat(NearestName.of("anything", List.of())).isEmpty();
  }

  @Test
  void equallyNearNamesAreTakenInAlphabeticalOrder() {
    assertThat(NearestName.of("run", List.of("runb", "runa"))).contains("runa");
  }
}
