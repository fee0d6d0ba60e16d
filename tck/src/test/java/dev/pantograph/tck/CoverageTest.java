package dev.pantograph.tck;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CoverageTest {
  private final Coverage coverage = new Coverage("fancy");

  CoverageTest() {
    add("R01", "Results agree", "MatMul F32", new Outcome.Passed());
    add("R01", "Results agree", "MatMul F64", new Outcome.Skipped("no F64 units"));
    add("R02", "May be empty", "MatMul F32", new Outcome.Failed("out[3] is 1, expected 2", new AssertionError()));
    add("R02", "May be empty", "MatMul F64", new Outcome.NothingToKeep());
    add("R08", "Refuses as declared", "MatMul F32", new Outcome.Passed());
    add("R08", "Refuses as declared", "MatMul F64", new Outcome.Passed());
    add("R01", "Results agree", "MatMul BF16", new Outcome.Skipped("no bfloat16"));
    add("R02", "May be empty", "MatMul BF16", new Outcome.Skipped("no bfloat16"));
    add("R08", "Refuses as declared", "MatMul BF16", new Outcome.Passed());
    add("R09", "Closes", "backend", new Outcome.Passed());
  }

  private void add(String rule, String title, String about, Outcome outcome) {
    coverage.add(new Coverage.Entry(rule, title, about, outcome));
  }

  @Test
  void isATableOfKernelAndTypeByRule() {
    assertThat(coverage.toText().lines()).startsWith(
        "fancy: 5 passed, 1 failed, 3 skipped, 1 with nothing to check",
        "",
        "           R01 R02 R08",
        "MatMul F32 ✓   ✗   ✓  ",
        "MatMul F64 s   ·   ✓  ",
        "");
  }

  @Test
  void showsWhatFailedAndWhyTheRestWasSkipped() {
    assertThat(coverage.toText()).contains("FAILED R02 MatMul F32: out[3] is 1, expected 2",
        "skipped: no F64 units\n  R01\n", "skipped: no bfloat16\n  MatMul BF16\n", "R09  Closes  ✓");
    assertThat(coverage.toMarkdown()).contains(
        "| |R01|R02|R08|\n|---|---|---|---|\n| MatMul F32|✓|✗|✓|\n| MatMul F64|s|·|✓|\n\n", "| R09 Closes | ✓ |",
        "* **R02 MatMul F32**: out[3] is 1, expected 2", "* no F64 units: R01", "* no bfloat16: MatMul BF16");
  }
}
