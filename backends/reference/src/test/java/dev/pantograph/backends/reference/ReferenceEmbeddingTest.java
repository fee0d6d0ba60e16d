package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Embedding;
import dev.pantograph.spi.EmbeddingGradient;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceEmbeddingTest {
  @AutoClose private final Workbench bench = new Workbench();

  private final View tokens = bench.ids(Shape.of(2, 2), 2, 0, 2, 2);

  @Test
  void addsTheRowsOfTokenAndPosition() {
    View table = bench.tensor(Shape.of(3, 2), 1, 2, 3, 4, 5, 6);
    View positions = bench.tensor(Shape.of(3, 2), 10, 20, 30, 40, Double.NaN, Double.NaN);
    View out = bench.unset(2, 2, 2);

    bench.run(new Embedding(out, tokens, table, positions, 0.5));

    assertThat(bench.values(out)).containsExactly(7.5, 13, 15.5, 21, 7.5, 13, 17.5, 23);
  }

  @Test
  void looksUpTokensAloneWithoutPositions() {
    View table = bench.tensor(Shape.of(3, 1), 1, 2, 3);
    View out = bench.unset(2, 2, 1);

    bench.run(new Embedding(out, tokens, table, null, 2));

    assertThat(bench.values(out)).containsExactly(6, 2, 6, 6);
  }

  @Test
  void gradientSumsOverTheOccurrencesOfEachRow() {
    View dTable = bench.tensor(Shape.of(3, 1), 100, 200, 300);
    View dPositions = bench.tensor(Shape.of(3, 1), 10, 20, 30);
    View dOut = bench.tensor(Shape.of(2, 2, 1), 1, 2, 4, 8);

    bench.run(new EmbeddingGradient(dTable, dPositions, dOut, tokens, 2));

    assertThat(bench.values(dTable)).containsExactly(100 + 2 * 2, 200, 300 + 2 * (1 + 4 + 8));
    assertThat(bench.values(dPositions)).containsExactly(10 + 2 * (1 + 4), 20 + 2 * (2 + 8), 30);
  }

  @Test
  void gradientAgreesWithFiniteDifferences() {
    View table = bench.normal(4, 3);
    View positions = bench.normal(2, 3);
    View out = bench.unset(2, 2, 3);
    View dOut = bench.normal(2, 2, 3);
    View dTable = bench.zeros(4, 3);
    View dPositions = bench.zeros(2, 3);

    bench.run(new EmbeddingGradient(dTable, dPositions, dOut, tokens, 1.5));

    FiniteDifferences differences =
        new FiniteDifferences(bench, new Embedding(out, tokens, table, positions, 1.5), out, dOut);
    differences.assertGradient(table, dTable);
    differences.assertGradient(positions, dPositions);
  }

  @Test
  void gradientRoundsEachSumASingleTimeToFloat32() {
    View dTable = bench.tensor(DType.F32, Shape.of(1, 1), 0x1p24);
    View dOut = bench.tensor(DType.F32, Shape.of(1, 2, 1), 1, 1);

    bench.run(new EmbeddingGradient(dTable, null, dOut, bench.ids(Shape.of(1, 2), 0, 0), 1));

    assertThat(bench.values(dTable)).containsExactly(0x1p24 + 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3})
  void refusesATokenOutsideTheVocabularyBeforeWriting(int token) {
    View bad = bench.ids(Shape.of(2, 2), 0, 1, token, 2);
    View out = bench.zeros(2, 2, 1);
    View dTable = bench.zeros(3, 1);

    assertThatThrownBy(() -> bench.run(new Embedding(out, bad, bench.normal(3, 1), null, 1)))
        .isInstanceOf(KernelException.class)
        .hasMessageStartingWith("Embedding: tokens[1, 0] is " + token)
        .hasMessageEndingWith("needed an id in [0, 3)");
    assertThatThrownBy(() -> bench.run(new EmbeddingGradient(dTable, null, bench.normal(2, 2, 1), bad, 1)))
        .isInstanceOf(KernelException.class)
        .hasMessageStartingWith("EmbeddingGradient: tokens[1, 0] is " + token);

    assertThat(bench.values(out)).containsOnly(0);
    assertThat(bench.values(dTable)).containsOnly(0);
  }
}
