package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.spi.Copy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.LinearCombination;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.View;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class VectorElementwiseTest {
  private final WorkerPool pool = new WorkerPool(2);
  private final VectorElementwise elementwise = new VectorElementwise(pool);
  private final Tensors tensors = new Tensors(11);

  @AfterEach
  void close() {
    tensors.close();
    pool.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 15, 16, 17, 40_000})
  void combinesLinearly(long n) {
    View x = tensors.random(n);
    View y = tensors.random(n);
    View out = tensors.random(n);
    double[] xs = Tensors.values(x);
    double[] ys = Tensors.values(y);
    double[] expected = new double[xs.length];

    elementwise.run(new LinearCombination(out, 0.5, x, -3, y));
    Arrays.setAll(expected, i -> 0.5 * xs[i] - 3 * ys[i]);
    Tolerance.ofSum(2, 4).check("αx + βy", Tensors.values(out), expected);

    elementwise.run(new LinearCombination(x, 0.25, x, 0, null));
    Arrays.setAll(expected, i -> 0.25 * xs[i]);
    assertThat(Tensors.values(x)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 15, 16, 17, 40_000})
  void multiplies(long n) {
    View x = tensors.random(n);
    View y = tensors.random(n);
    View out = tensors.filled(1, n);
    double[] xs = Tensors.values(x);
    double[] ys = Tensors.values(y);
    double[] expected = new double[xs.length];

    elementwise.run(new Product(out, x, y, true));
    Arrays.setAll(expected, i -> 1 + xs[i] * ys[i]);
    Tolerance.ofSum(1, 2).check("out + xy", Tensors.values(out), expected);

    elementwise.run(new Product(y, x, y, false));
    Arrays.setAll(expected, i -> xs[i] * ys[i]);
    Tolerance.ofSum(1, 1).check("xy", Tensors.values(y), expected);
  }

  @ParameterizedTest
  @CsvSource({"0, 5", "5, 0", "1, 1", "1, 17", "300, 1", "70000, 1", "33, 16", "1000, 3", "700, 200", "40, 5000"})
  void sumsColumns(int m, int n) {
    View x = tensors.random(m, n);
    double[] xs = Tensors.values(x);
    double[] expected = new double[n];
    for (int i = 0; i < xs.length; i++) {
      expected[i % n] += 0.5 * xs[i];
    }
    View out = tensors.filled(Double.NaN, n);
    elementwise.run(new Sum(out, x, 0.5, false));
    Tolerance.ofSum(m, 1).check("sum", Tensors.values(out), expected);

    try (WorkerPool one = new WorkerPool(1)) {
      View alone = tensors.empty(DType.F32, n);
      new VectorElementwise(one).run(new Sum(alone, x, 0.5, false));
      assertThat(Tensors.bits(out)).isEqualTo(Tensors.bits(alone));
    }

    elementwise.run(new Sum(out, x, 0.5, true));
    Arrays.setAll(expected, j -> 2 * expected[j]);
    Tolerance.ofSum(m, 2).check("accumulated", Tensors.values(out), expected);
  }

  @Test
  void sumsEverythingInFloat64() {
    View x = tensors.filled(0.1f, 1000, 1000);
    View out = tensors.empty(DType.F32);
    elementwise.run(new Sum(out, x, 1, false));
    assertThat(Tensors.values(out)).containsExactly((float) (0.1f * 1e6));
  }

  @ParameterizedTest
  @EnumSource(value = DType.class, names = {"F32", "F64", "I32"})
  void fillsAnyType(DType type) {
    View around = tensors.empty(type, 20_000);
    elementwise.run(new Fill(around.slice(0, 3, 19_990), -7));
    assertThat(Tensors.values(around.slice(0, 3, 19_990))).containsOnly(-7);
    assertThat(Tensors.values(around.slice(0, 0, 3))).containsOnly(0);
    assertThat(Tensors.values(around.slice(0, 19_993, 7))).containsOnly(0);
  }

  @ParameterizedTest
  @CsvSource({"F32, F32", "F32, F64", "F64, F32", "F64, F64", "I32, I32"})
  void copiesBetweenArrangementsAndTypes(DType from, DType to) {
    View x = tensors.empty(from, 3, 37, 2, 45);
    for (int i = 0; i < x.elements(); i++) {
      Tensors.set(x, i, i);
    }
    for (View source : new View[] {
      x, x.permute(0, 2, 1, 3), x.permute(3, 2, 1, 0), x.slice(1, 5, 7),
      x.slice(0, 1, 1).slice(2, 0, 1), x.slice(0, 0, 0)}) {
      View out = tensors.empty(to, source.shape().toArray());
      elementwise.run(new Copy(out, source));
      assertThat(Tensors.values(out)).isEqualTo(Tensors.values(source));
    }
    View matrix = x.slice(0, 0, 1).slice(1, 0, 1).reshape(Shape.of(2, 45));
    View wide = tensors.empty(to, 45, 9);
    elementwise.run(new Copy(wide.slice(1, 4, 2).transpose(), matrix));
    assertThat(Tensors.values(wide.slice(1, 4, 2).transpose())).isEqualTo(Tensors.values(matrix));
    assertThat(Tensors.values(wide.slice(1, 0, 4))).containsOnly(0);
    assertThat(Tensors.values(wide.slice(1, 6, 3))).containsOnly(0);
  }

  @Test
  void copiesAScalarBetweenTypes() {
    View x = tensors.filled(0.5, new long[0]);
    View out = tensors.empty(DType.F64);
    elementwise.run(new Copy(out, x));
    assertThat(Tensors.values(out)).containsExactly(0.5);
  }

  @Test
  void randomValuesAreThoseOfTheirAddress() {
    View out = tensors.empty(DType.F32, 3, 7001);
    for (Randomize.Distribution distribution : new Randomize.Distribution[] {
      new Randomize.Distribution.Normal(1, 2), new Randomize.Distribution.Bernoulli(0.3)}) {
      elementwise.run(new Randomize(out, distribution, 5, 9));
      double[] expected = new double[(int) out.elements()];
      Arrays.setAll(expected, i -> (float) distribution.sample(5, 9, i));
      assertThat(Tensors.values(out)).isEqualTo(expected);
    }
  }

  @Test
  void refusesTypesItDoesNotServe() {
    View real = tensors.empty(DType.F64, 3);
    View half = tensors.empty(DType.BF16, 3);
    assertThatThrownBy(() -> elementwise.run(new Product(real, real, real, false))).isInstanceOf(KernelException.class);
    assertThatThrownBy(() -> elementwise.run(new Fill(half, 1))).isInstanceOf(KernelException.class);
    assertThatThrownBy(() -> elementwise.run(new Copy(half, real))).isInstanceOf(KernelException.class);
  }
}
