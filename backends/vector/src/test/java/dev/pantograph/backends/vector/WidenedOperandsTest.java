package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.Attention;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.Copy;
import dev.pantograph.spi.CrossEntropy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.GeluGradient;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.LinearCombination;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Norm;
import dev.pantograph.spi.NormGradient;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.SwiGlu;
import dev.pantograph.spi.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Kernels on operands stored in bfloat16, large enough to be run in slices, against the same kernel on float32 operands
 * of the same values. Small ones are compared with the oracle by the conformance kit.
 */
class WidenedOperandsTest {
  /** Together more elements than a slice has, and of no round number. */
  private static final int ROWS = 1201;
  private static final int COLUMNS = 1003;

  @AutoClose private final Backend backend = new VectorBackendProvider().open(BackendOptions.threads(2));
  @AutoClose private final Tensors tensors = new Tensors(3);
  private final Map<View, View> stored = new IdentityHashMap<>();

  /** A float32 operand of values that bfloat16 holds. */
  private View operand(long... sizes) {
    View exact = tensors.random(sizes);
    View half = tensors.empty(DType.BF16, sizes);
    backend.submit(new Copy(half, exact));
    backend.submit(new Copy(exact, half));
    stored.put(exact, half);
    return exact;
  }

  /**
   * Runs a kernel twice, on float32 operands and on their twins in bfloat16, and compares what it wrote.
   *
   * @param tolerance 0 if nothing but the last rounding may differ
   */
  private void assertAgrees(double tolerance, Function<UnaryOperator<View>, Kernel> kernel) {
    Kernel exact = kernel.apply(view -> view);
    Kernel half = kernel.apply(view -> Objects.requireNonNull(stored.get(view)));
    backend.submit(exact);
    List<double[]> expected = new ArrayList<>();
    for (int i = 0; i < exact.operands().size(); i++) {
      View view = exact.operands().get(i).view();
      View rounded = tensors.empty(half.operands().get(i).view().type(), view.shape().toArray());
      backend.submit(new Copy(rounded, view));
      expected.add(Tensors.values(rounded));
    }
    backend.submit(half);
    for (int i = 0; i < expected.size(); i++) {
      Kernel.Operand operand = half.operands().get(i);
      if (operand.access() != Kernel.Access.READ) {
        assertThat(distance(Tensors.values(operand.view()), expected.get(i))).as(operand.name())
            .isLessThanOrEqualTo(tolerance);
      }
    }
  }

  /** Greatest difference of two elements; infinite where one is NaN. */
  private static double distance(double[] actual, double[] expected) {
    double greatest = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs(actual[i] - expected[i]);
      greatest = Math.max(greatest, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
    }
    return greatest;
  }

  @Test
  void gelu() {
    View x = operand(ROWS, COLUMNS);
    View out = operand(ROWS, COLUMNS);

    assertAgrees(0, v -> new Gelu(v.apply(out), v.apply(x), Gelu.Form.TANH));
    View d = operand(ROWS, COLUMNS);
    assertAgrees(0, v -> new GeluGradient(v.apply(d), v.apply(d), v.apply(x), Gelu.Form.EXACT, false));
  }

  @Test
  void swiGlu() {
    View x = operand(ROWS, 2 * COLUMNS);
    View out = operand(ROWS, COLUMNS);

    assertAgrees(0, v -> new SwiGlu(v.apply(out), v.apply(x).slice(1, 0, COLUMNS),
        v.apply(x).slice(1, COLUMNS, COLUMNS)));
  }

  @Test
  void normOfAFloat32Input() {
    View x = tensors.random(ROWS, COLUMNS);
    View out = operand(ROWS, COLUMNS);
    View mean = tensors.random(ROWS);
    View inverseStd = tensors.random(ROWS);
    View dx = tensors.random(ROWS, COLUMNS);
    View dGain = tensors.filled(0, COLUMNS);

    assertAgrees(0, v -> new Norm(v.apply(out), mean, inverseStd, x, null, null, 0.1));
    View dOut = operand(ROWS, COLUMNS);
    assertAgrees(0, v -> new NormGradient(dx, null, null, v.apply(dOut), x, mean, inverseStd, null, false));
    backend.submit(new NormGradient(dx, dGain, null, dOut, x, mean, inverseStd, null, false));
    double[] sums = Tensors.values(dGain);
    backend.submit(new NormGradient(
        dx, dGain, null, Objects.requireNonNull(stored.get(dOut)), x, mean, inverseStd, null, false));
    assertThat(Tensors.values(dGain)).containsExactly(Arrays.stream(sums).map(sum -> 2 * sum).toArray(), within(0.1));
  }

  @Test
  void crossEntropyInPlace() {
    View logits = operand(ROWS, COLUMNS);
    View losses = tensors.random(ROWS);
    View targets = tensors.empty(DType.I32, ROWS);

    assertAgrees(0, v -> new CrossEntropy(losses, v.apply(logits), v.apply(logits), targets, 0.25));
  }

  @Test
  void elementwise() {
    View x = operand(ROWS, COLUMNS);
    View y = tensors.random(ROWS, COLUMNS);

    View z = operand(ROWS, COLUMNS);
    assertAgrees(0, v -> new LinearCombination(v.apply(x), 2, v.apply(x), -3, y));
    assertAgrees(0, v -> new Product(v.apply(z), v.apply(z), y, false));
  }

  @Test
  void sums() {
    View x = operand(ROWS, COLUMNS);
    View out = tensors.random(COLUMNS);

    assertAgrees(1e-3, v -> new Sum(out, v.apply(x), 0.5, false));
  }

  @Test
  void attention() {
    View qkv = operand(17, 97, 3 * 3 * 224);
    View out = operand(17, 97, 3 * 224);
    View logSumExp = tensors.random(17, 3, 97);

    assertAgrees(0, v -> new Attention(heads(v.apply(out), 0), logSumExp, heads(v.apply(qkv), 0),
        heads(v.apply(qkv), 1), heads(v.apply(qkv), 2), 0.1));
  }

  private static View heads(View rows, int third) {
    return rows.slice(-1, third * 3 * 224, 3 * 224).split(2, 3).permute(0, 2, 1, 3);
  }

  @ParameterizedTest(name = "[{0}, {2}]·[{2}, {1}]")
  @CsvSource({"2111, 301, 701", "301, 2111, 701", "301, 205, 5003"})
  void products(int m, int n, int k) {
    View a = operand(k, m);
    View b = operand(n, k);
    View out = operand(m, n);
    View z = operand(m, n);
    View bias = tensors.random(n);
    View sum = tensors.random(m, n);
    View rowSums = tensors.random(m);

    // A cut may change the order in which a sum is added up, and with it the last bit of what is stored.
    assertAgrees(0.02, v -> new MatMul(v.apply(out), v.apply(a).transpose(), v.apply(b).transpose(), 0.1, bias, -1,
        v.apply(z)));
    assertAgrees(0.02, v -> new MatMul(v.apply(out), v.apply(a).transpose(), v.apply(b).transpose(), 0.1, bias, 0, null,
        new MatMul.Epilogue.Activation(v.apply(z), Gelu.Form.TANH)));
    assertAgrees(1e-3, v -> new MatMul(sum, v.apply(a).transpose(), v.apply(b).transpose(), 2, bias, 0,
        null, new MatMul.Epilogue.RowSums(rowSums, false)));
  }
}
