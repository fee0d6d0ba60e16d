package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.Copy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.LinearCombination;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.Randomize.Distribution;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ReferenceElementwiseTest {
  @AutoClose private final Workbench bench = new Workbench();

  @Test
  void combinesLinearly() {
    View out = bench.unset(2);

    bench.run(new LinearCombination(out, 2, bench.vector(1, 2), -3, bench.vector(10, 20)));

    assertThat(bench.values(out)).containsExactly(-28, -56);
  }

  @Test
  void combinesWithItself() {
    View x = bench.vector(1, 2);

    bench.run(new LinearCombination(x, 2, x, 3, x));

    assertThat(bench.values(x)).containsExactly(5, 10);
  }

  @Test
  void scalesWithoutASecondTerm() {
    View out = bench.unset(2);

    bench.run(new LinearCombination(out, 2, bench.vector(1, 2), 7, null));

    assertThat(bench.values(out)).containsExactly(2, 4);
  }

  @Test
  void multiplies() {
    View out = bench.unset(2);

    bench.run(new Product(out, bench.vector(2, 3), bench.vector(5, 7), false));

    assertThat(bench.values(out)).containsExactly(10, 21);
  }

  @Test
  void addsTheProduct() {
    View out = bench.vector(100, 200);

    bench.run(new Product(out, bench.vector(2, 3), bench.vector(5, 7), true));

    assertThat(bench.values(out)).containsExactly(110, 221);
  }

  @Test
  void squaresInPlace() {
    View x = bench.vector(2, 3);

    bench.run(new Product(x, x, x, false));

    assertThat(bench.values(x)).containsExactly(4, 9);
  }

  @Test
  void fillsRealsAndIntegers() {
    View reals = bench.unset(2);
    View integers = bench.ids(Shape.of(2), 8, 9);

    bench.run(new Fill(reals, 0.5));
    bench.run(new Fill(integers, 3));

    assertThat(bench.values(reals)).containsOnly(0.5);
    assertThat(bench.values(integers)).containsOnly(3);
  }

  @Test
  void copiesATransposeIntoContiguousMemory() {
    View x = bench.tensor(Shape.of(2, 3), 1, 2, 3, 4, 5, 6).transpose();
    View out = bench.unset(3, 2);

    bench.run(new Copy(out, x));

    assertThat(bench.values(out)).containsExactly(1, 4, 2, 5, 3, 6);
  }

  @Test
  void copiesIntoAStridedWindow() {
    View whole = bench.zeros(2, 3);

    bench.run(new Copy(whole.slice(1, 1, 1), bench.tensor(Shape.of(2, 1), 7, 8)));

    assertThat(bench.values(whole)).containsExactly(0, 7, 0, 0, 8, 0);
  }

  @Test
  void convertsBetweenFloat32AndFloat64() {
    View narrow = bench.tensor(DType.F32, Shape.of(1), Double.NaN);
    View wide = bench.unset(1);

    bench.run(new Copy(narrow, bench.vector(0.1)));
    bench.run(new Copy(wide, narrow));

    assertThat(bench.values(wide)).containsExactly((double) 0.1f);
  }

  @Test
  void drawsTheSampleOfEachPosition() {
    for (Distribution distribution : List.of(new Distribution.Normal(1, 2), new Distribution.Bernoulli(0.25))) {
      View wide = bench.unset(3, 7);
      View narrow = bench.tensor(DType.F32, Shape.of(21), new double[21]);

      bench.run(new Randomize(wide, distribution, 5, 11));
      bench.run(new Randomize(narrow, distribution, 5, 11));

      for (int i = 0; i < 21; i++) {
        double sample = distribution.sample(5, 11, i);
        assertThat(bench.values(wide)[i]).isEqualTo(sample);
        assertThat(bench.values(narrow)[i]).isEqualTo((float) sample);
      }
    }
  }
}
