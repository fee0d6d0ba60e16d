package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Embedding;
import dev.pantograph.spi.EmbeddingGradient;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

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
  void gradientRoundsEachSumASingleTimeToFloat32() {
    View dTable = bench.tensor(DType.F32, Shape.of(1, 1), 0x1p24);
    View dOut = bench.tensor(DType.F32, Shape.of(1, 2, 1), 1, 1);

    bench.run(new EmbeddingGradient(dTable, null, dOut, bench.ids(Shape.of(1, 2), 0, 0), 1));

    assertThat(bench.values(dTable)).containsExactly(0x1p24 + 2);
  }
}
