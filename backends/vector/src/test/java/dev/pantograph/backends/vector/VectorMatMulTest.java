package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.GeluGradient;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.View;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VectorMatMulTest {
  private static final long[] SIZES = {0, 1, 2, 3, 5, 6, 7, 11, 12, 13, 16, 17, 31, 32, 33, 47, 64, 65, 97, 128};
  private static final float SENTINEL = -12345;

  private final WorkerPool pool = new WorkerPool(2);
  private final VectorMatMul matMul = new VectorMatMul(pool);
  private final Tensors tensors = new Tensors(42);

  @AfterEach
  void close() {
    tensors.close();
    pool.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void agreesWithFloat64OnRandomShapesAndOptions(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 40; i++) {
      long m = SIZES[random.nextInt(SIZES.length)];
      long n = SIZES[random.nextInt(SIZES.length)];
      long k = SIZES[random.nextInt(SIZES.length)];
      View a = random.nextBoolean() ? tensors.random(m, k) : tensors.random(k, m).transpose();
      View b = random.nextBoolean() ? tensors.random(k, n) : tensors.random(n, k).transpose();
      View out = random.nextBoolean() ? tensors.random(m, n) : tensors.random(m, n + 3).slice(1, 2, n);
      View bias = random.nextBoolean() ? tensors.random(n) : null;
      View c = switch (random.nextInt(3)) {
        case 0 -> null;
        case 1 -> out;
        default -> tensors.random(m, n + 1).slice(1, 0, n);
      };
      check(new MatMul(out, a, b, random.nextDouble(-2, 2), bias, random.nextDouble(-2, 2), c));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "150, 1100, 600", "13, 512, 4200", "1, 1, 2000", "300, 33, 257",
    "25, 513, 256", "600, 40, 50", "60, 2100, 1100", "61, 67, 71",
    "1, 3000, 300", "4, 999, 601", "5, 1000, 600", "11, 70, 37", "16, 999, 601", "17, 999, 601",
    "2500, 50, 1025", "256, 256, 4099"
  })
  void agreesWithFloat64BeyondOneBlock(long m, long n, long k) {
    View bias = tensors.random(n);
    for (View a : new View[] {tensors.random(m, k), tensors.random(k, m).transpose()}) {
      for (View b : new View[] {tensors.random(k, n), tensors.random(n, k).transpose()}) {
        View out = tensors.random(m, n);
        check(new MatMul(out, a, b, 0.5, bias, 2, out));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void sumsRowsOfTheLeftMatrix(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (long[] shape : new long[][] {
      {1, 5, 3, 7}, {3, 20, 40, 17}, {1, 150, 70, 300}, {2, 101, 35, 2300}, {1, 2200, 33, 1030}}) {
      View a = random.nextBoolean()
          ? tensors.random(shape[0], shape[1], shape[3]) : tensors.random(shape[0], shape[3], shape[1]).transpose();
      View b = tensors.random(shape[0], shape[3], shape[2]);
      View sums = tensors.random(shape[0], shape[1]);
      boolean accumulate = random.nextBoolean();
      double[] left = Tensors.values(a);
      double[] expected = Tensors.values(sums);
      for (int i = 0; i < expected.length; i++) {
        double sum = 0;
        for (int k = 0; k < shape[3]; k++) {
          sum += left[(int) (i * shape[3] + k)];
        }
        expected[i] = -0.5 * sum + (accumulate ? expected[i] : 0);
      }
      View out = tensors.random(shape[0], shape[1], shape[2]);
      check(MatMul.scaled(out, a, b, -0.5, true).with(new MatMul.Epilogue.RowSums(sums, accumulate)));
      Tolerance.ofSum(shape[3] + 1, 1).check("sums", Tensors.values(sums), expected);
    }
  }

  @ParameterizedTest
  @CsvSource({"EXACT, 5, 3, 7", "TANH, 3, 70, 40", "TANH, 25, 70, 40", "EXACT, 150, 101, 1100", "TANH, 13, 60, 2300"})
  void aFusedActivationHasTheBitsOfASeparateOne(Gelu.Form form, long m, long n, long k) {
    View a = tensors.random(m, k);
    View b = tensors.random(n, k).transpose();
    View bias = tensors.random(n);
    View addend = tensors.random(m, n);
    View z = tensors.random(m, n);
    matMul.run(new MatMul(z, a, b, 0.1, bias, 2, addend));
    View product = tensors.random(m, n);
    matMul.run(MatMul.product(product, a, b));
    View activated = tensors.random(m, n);
    View gradient = tensors.random(m, n);
    VectorGelu gelu = new VectorGelu(pool);
    gelu.run(new Gelu(activated, z, form));
    gelu.run(new GeluGradient(gradient, product, z, form, false));

    View fusedZ = tensors.random(m, n + 2).slice(1, 1, n);
    View fused = tensors.random(m, n + 3).slice(1, 2, n);
    matMul.run(new MatMul(fused, a, b, 0.1, bias, 2, addend, new MatMul.Epilogue.Activation(fusedZ, form)));
    assertThat(Tensors.bits(fusedZ)).isEqualTo(Tensors.bits(z));
    assertThat(Tensors.bits(fused)).isEqualTo(Tensors.bits(activated));
    matMul.run(MatMul.product(fused, a, b).with(new MatMul.Epilogue.ActivationGradient(fusedZ, form)));
    assertThat(Tensors.bits(fused)).isEqualTo(Tensors.bits(gradient));
  }

  @Test
  void multipliesStacksOfMatrices() {
    View a = tensors.random(2, 3, 20, 40);
    View b = tensors.random(2, 40, 3, 30).permute(0, 2, 1, 3);
    View out = tensors.random(2, 20, 3, 30).permute(0, 2, 1, 3);
    check(new MatMul(out, a, b, 1, tensors.random(30), 1, tensors.random(2, 3, 20, 30)));
    check(MatMul.product(tensors.random(300, 2, 2), tensors.random(300, 2, 5), tensors.random(300, 5, 2)));
    check(MatMul.product(tensors.random(0, 2, 2), tensors.random(0, 2, 5), tensors.random(0, 5, 2)));
  }

  @Test
  void anEmptySumIsZero() {
    View out = tensors.filled(Double.NaN, 3, 40);
    matMul.run(MatMul.product(out, tensors.random(3, 0), tensors.random(0, 40)));
    assertThat(Tensors.values(out)).containsOnly(0);
  }

  @Test
  void anUninitialisedResultDoesNotShow() {
    View out = tensors.filled(Double.NaN, 40, 50);
    check(MatMul.product(out, tensors.random(40, 600), tensors.random(600, 50)));
  }

  @ParameterizedTest
  @CsvSource({"2, 100, 600, 700", "3, 100, 600, 700", "3, 2, 900, 800", "2, 15, 900, 800"})
  void bitsDoNotDependOnTheNumberOfThreads(int threads, long m, long n, long k) {
    View b = tensors.random(n, k).transpose();
    View alone = tensors.random(m, n);
    View together = tensors.copyOf(alone);
    View sumsAlone = tensors.random(m);
    View sumsTogether = tensors.copyOf(sumsAlone);
    for (View a : new View[] {tensors.random(m, k), tensors.random(k, m).transpose()}) {
      MatMul one = MatMul.scaled(alone, a, b, 0.7, true);
      MatMul other = MatMul.scaled(together, a, b, 0.7, true);
      try (WorkerPool single = new WorkerPool(1); WorkerPool several = new WorkerPool(threads)) {
        new VectorMatMul(single).run(one);
        new VectorMatMul(several).run(other);
        new VectorMatMul(single).run(one.with(new MatMul.Epilogue.RowSums(sumsAlone, true)));
        new VectorMatMul(several).run(other.with(new MatMul.Epilogue.RowSums(sumsTogether, true)));
      }
      assertThat(Tensors.bits(together)).isEqualTo(Tensors.bits(alone));
      assertThat(Tensors.bits(sumsTogether)).isEqualTo(Tensors.bits(sumsAlone));
    }
  }

  @Test
  void anElementsBitsDoNotDependOnItsPlace() {
    View a = tensors.random(90, 300);
    View b = tensors.random(300, 150);
    View whole = tensors.random(90, 150);
    matMul.run(MatMul.product(whole, a, b));
    for (int rows : new int[] {1, 5, 7, 13}) {
      for (int columns : new int[] {1, 9, 17, 40}) {
        View part = tensors.random(rows, columns);
        matMul.run(MatMul.product(part, a.slice(0, 31, rows), b.slice(1, 45, columns)));
        assertThat(Tensors.bits(part)).isEqualTo(Tensors.bits(whole.slice(0, 31, rows).slice(1, 45, columns)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 5", "12, 32, 300", "13, 33, 300", "50, 30, 10"})
  void writesNothingBesideTheResult(long m, long n, long k) {
    View around = tensors.filled(SENTINEL, m + 2, n + 4);
    View out = around.slice(0, 1, m).slice(1, 2, n);
    matMul.run(MatMul.product(out, tensors.random(m, k), tensors.random(k, n)));
    assertThat(Tensors.values(out)).doesNotContain(SENTINEL);
    for (View outside : new View[] {
      around.slice(0, 0, 1), around.slice(0, m + 1, 1), around.slice(1, 0, 2), around.slice(1, n + 2, 2)}) {
      assertThat(Tensors.values(outside)).containsOnly(SENTINEL);
    }
  }

  @Test
  void refusesFloat64BeforeWriting() {
    View out = tensors.empty(DType.F64, 2, 2);
    MatMul kernel = MatMul.product(out, tensors.empty(DType.F64, 2, 2), tensors.empty(DType.F64, 2, 2));
    assertThatThrownBy(() -> matMul.run(kernel)).isInstanceOf(KernelException.class)
        .hasMessageContaining("MatMul").hasMessageContaining("vector").hasMessageContaining("F64");
  }

  private void check(MatMul k) {
    double[] expected = expected(k);
    matMul.run(k);
    double scale = (Math.abs(k.alpha()) + Math.abs(k.beta())) + 1;
    Tolerance.ofSum(k.k() + 2, scale).check(k.toString(), Tensors.values(k.out()), expected);
  }

  /** The formula itself, in float64. */
  private static double[] expected(MatMul k) {
    int m = (int) k.m();
    int n = (int) k.n();
    int depth = (int) k.k();
    double[] a = Tensors.values(k.a());
    double[] b = Tensors.values(k.b());
    double[] bias = valuesOrZeros(k.bias(), n);
    double[] result = valuesOrZeros(k.c(), (int) k.out().elements());
    for (int element = 0; element < result.length; element++) {
      int j = element % n;
      int row = element / n;
      int matrix = row / m;
      double sum = bias[j];
      for (int p = 0; p < depth; p++) {
        sum += a[row * depth + p] * b[(matrix * depth + p) * n + j];
      }
      result[element] = k.alpha() * sum + k.beta() * result[element];
    }
    return result;
  }

  private static double[] valuesOrZeros(@Nullable View view, int length) {
    return view == null ? new double[length] : Tensors.values(view);
  }
}
