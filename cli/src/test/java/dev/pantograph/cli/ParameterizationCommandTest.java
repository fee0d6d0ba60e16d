package dev.pantograph.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ParameterizationCommandTest {
  @Test
  void oneRuleIsATableOfRolesAndQuantities() {
    CommandRun run = CommandRun.of("parameterization", "--rule=mup", "--width=1024", "--learning-rate=0.01");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("m_N = 4", "Parameterization 'mup'");
    assertThat(run.out().lines().filter(line -> line.contains("query, key, value")).findFirst().orElseThrow())
        .containsSubsequence("m_N^-0.5", "0.01", "m_N^-1", "0.0025", "m_N", "0.4", "m_N^-1", "2.5e-9");
  }

  @Test
  void allRulesStandSideBySideAndAlikeRolesShareARow() {
    CommandRun run = CommandRun.of("parameterization");
    assertThat(run.out().lines().filter(line -> line.contains("completep-0.5") && line.contains("product"))).hasSize(5);
    assertThat(run.out()).contains("init std", "learning rate", "weight decay", "epsilon", "forward multipliers");
  }

  @Test
  void jsonHoldsFormulaAndValue() {
    CommandRun run = CommandRun.of(
        "parameterization", "--rule=supar,standard", "--width=512", "--density=0.5", "--learning-rate=0.01", "--json");
    JsonNode document = new JsonMapper().readTree(run.out());
    assertThat(document.at("/scale/density").asDouble()).isEqualTo(0.5);
    assertThat(document.at("/rules/1/rule").asString()).isEqualTo("standard");
    JsonNode learningRate = document.at("/rules/0/roles/2/learningRate");
    assertThat(learningRate.at("/factor").asString()).isEqualTo("m_N^-1·m_ρ^-1");
    assertThat(learningRate.at("/value").asDouble()).isCloseTo(0.01, within(1e-15));
    assertThat(document.at("/rules/0/roles/6/initStd").isNull()).isTrue();
  }
}
