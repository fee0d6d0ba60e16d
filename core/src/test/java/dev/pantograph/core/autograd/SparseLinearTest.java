package dev.pantograph.core.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.sparse.Topology;
import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.core.tensor.Workspace;
import dev.pantograph.core.testing.Numbers;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SparseIndices;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparseLinearTest {
  private static final long SEED = 13;
  private static final int ROWS = 5;
  private static final int COLUMNS = 4;
  private static final Shape INPUT = Shape.of(2, 3, COLUMNS);
  private static final Shape OUTPUT = Shape.of(2, 3, ROWS);
  /** Row 2 and column 1 are empty. */
  private static final SparseIndices INDICES =
      SparseIndices.of(ROWS, COLUMNS, (row, column) -> row != 2 && column != 1 && (row + 2 * column) % 3 != 1);

  @AutoClose private final Backend backend = TestBackends.reference();
  @AutoClose private final Workspace workspace = new Workspace(backend);
  @AutoClose private final Storage storage = new Storage(backend);
  private final Topology topology = Topology.place(storage, backend, "w", INDICES, 0);
  private final Leaf x = new Leaf("x", INPUT);
  private final Leaf values = new Leaf("w", Shape.of(INDICES.nonZeros()));
  private final Leaf bias = new Leaf("bias", Shape.of(ROWS));
  private final Leaf residual = new Leaf("residual", OUTPUT);
  private final double[] weights = Numbers.normal(SEED, -1, OUTPUT.elements());

  /** A value with its gradient. */
  private final class Leaf {
    final Tensor value;
    final Tensor gradient;

    Leaf(String name, Shape shape) {
      value = storage.allocate(name, DType.F64, shape);
      gradient = storage.allocate(name + ".gradient", DType.F64, shape);
      value.set(Numbers.normal(SEED, name.hashCode(), shape.elements()));
      gradient.set(new double[Math.toIntExact(shape.elements())]);
    }

    Variable on(Tape tape) {
      return tape.parameter(value, gradient);
    }
  }

  private @Nullable Variable optional(Tape tape, boolean wanted, Leaf leaf) {
    return wanted ? leaf.on(tape) : null;
  }

  private Tape.SparseWeight weight(Tape tape) {
    return new Tape.SparseWeight(values.on(tape), topology.pattern(), null);
  }

  private Variable layer(Tape tape, boolean withBias, boolean withResidual) {
    return tape.sparseLinear("y", x.on(tape), weight(tape), optional(tape, withBias, bias), 0.25,
        optional(tape, withResidual, residual));
  }

  private double weightedSum(Variable out) {
    double[] result = out.value().toDoubles();
    workspace.reset();
    double sum = 0;
    for (int i = 0; i < result.length; i++) {
      sum += weights[i] * result[i];
    }
    return sum;
  }

  private void backward(Tape tape, Variable out) {
    Tensor dOut = workspace.allocate("dOut", DType.F64, OUTPUT);
    dOut.set(weights);
    tape.backward(out, dOut);
    workspace.reset();
  }

  @ParameterizedTest(name = "bias {0}, residual {1}")
  @CsvSource({"false, false", "true, false", "false, true", "true, true"})
  void gradientsAgreeWithFiniteDifferences(boolean withBias, boolean withResidual) {
    Tape tape = Tape.recording(workspace);
    backward(tape, layer(tape, withBias, withResidual));

    ToDoubleFunction<Tape> function = t -> weightedSum(layer(t, withBias, withResidual));
    List<Leaf> leaves = new ArrayList<>(List.of(x, values));
    if (withBias) {
      leaves.add(bias);
    }
    if (withResidual) {
      leaves.add(residual);
    }
    for (Leaf leaf : leaves) {
      GradientCheck.assertAgree(leaf.value.name(), leaf.gradient.toDoubles(), GradientCheck.centralDifferences(
          leaf.value, () -> function.applyAsDouble(Tape.inference(workspace))));
    }
  }

  @Test
  void anInputUsedTwiceGetsBothGradients() {
    Tape tape = Tape.recording(workspace);
    Variable h = tape.scale(2, x.on(tape));
    backward(tape, tape.add(1, tape.sparseLinear("y", h, weight(tape), null, 1, null), 3,
        tape.sparseLinear("z", h, weight(tape), null, 1, null)));
    double[] together = x.gradient.toDoubles();
    double[] valuesTogether = values.gradient.toDoubles();

    x.gradient.set(new double[together.length]);
    values.gradient.set(new double[valuesTogether.length]);
    backward(tape, tape.sparseLinear("y", tape.scale(2, x.on(tape)), weight(tape), null, 4, null));

    assertThat(x.gradient.toDoubles()).containsExactly(together, within(1e-12));
    assertThat(values.gradient.toDoubles()).containsExactly(valuesTogether, within(1e-12));
  }

  @Test
  void itIsTheDenseLayerWithZeros() {
    Leaf whole = new Leaf("whole", Shape.of(ROWS, COLUMNS));
    double[] zeros = new double[ROWS * COLUMNS];
    double[] given = values.value.toDoubles();
    for (int row = 0; row < ROWS; row++) {
      for (int i = INDICES.rowOffset(row); i < INDICES.rowOffset(row + 1); i++) {
        zeros[row * COLUMNS + INDICES.column(i)] = given[i];
      }
    }
    whole.value.set(zeros);
    Tape tape = Tape.replacing(workspace);

    Variable sparse = layer(tape, true, true);
    double[] out = sparse.value().toDoubles();
    backward(tape, sparse);
    double[] dx = x.gradient.toDoubles();
    double[] dValues = values.gradient.toDoubles();
    double[] dBias = bias.gradient.toDoubles();
    Variable dense = tape.linear("y", x.on(tape), whole.on(tape), bias.on(tape), 0.25, residual.on(tape));
    assertThat(out).containsExactly(dense.value().toDoubles(), within(1e-13));
    backward(tape, dense);

    assertThat(dx).containsExactly(x.gradient.toDoubles(), within(1e-13));
    assertThat(dBias).containsExactly(bias.gradient.toDoubles(), within(1e-13));
    double[] dWhole = whole.gradient.toDoubles();
    for (int row = 0; row < ROWS; row++) {
      for (int i = INDICES.rowOffset(row); i < INDICES.rowOffset(row + 1); i++) {
        assertThat(dValues[i]).isCloseTo(dWhole[row * COLUMNS + INDICES.column(i)], within(1e-13));
      }
    }
  }

  @Test
  void theWholeGradientIsThatOfTheDenseLayerAndLeavesTheValuesAlone() {
    Tensor whole = storage.allocate("whole gradient", DType.F64, Shape.of(ROWS, COLUMNS));
    double[] before = Numbers.normal(SEED, 5, whole.shape().elements());
    whole.set(before);
    Tape tape = Tape.recording(workspace);
    backward(tape, tape.sparseLinear("y", x.on(tape),
        new Tape.SparseWeight(values.on(tape), topology.pattern(), whole), null, 0.25, null));

    assertThat(values.gradient.toDoubles()).containsOnly(0);
    double[] inputs = x.value.toDoubles();
    double[] gradient = Numbers.difference(whole.toDoubles(), before);
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < COLUMNS; column++) {
        double sum = 0;
        for (int token = 0; token < 6; token++) {
          sum += 0.25 * weights[token * ROWS + row] * inputs[token * COLUMNS + column];
        }
        assertThat(gradient[row * COLUMNS + column]).isCloseTo(sum, within(1e-12));
      }
    }
  }

  @Test
  void aSecondStepTakesNoMemory() {
    Tape tape = Tape.recording(workspace);
    backward(tape, layer(tape, true, true));
    long bytes = workspace.bytes();

    backward(tape, layer(tape, true, true));

    assertThat(workspace.bytes()).isEqualTo(bytes);
  }
}
