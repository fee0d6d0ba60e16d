package dev.pantograph.core.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.core.tensor.Workspace;
import dev.pantograph.core.testing.Numbers;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TapeTest {
  private static final long SEED = 7;
  private static final int VOCABULARY = 5;
  private static final double EPSILON = 1e-5;

  @AutoClose private final Backend backend = TestBackends.reference();
  @AutoClose private final Workspace workspace = new Workspace(backend);
  @AutoClose private final Storage storage = new Storage(backend);

  /** A differentiable computation and what goes into it. */
  record Operation(String name, Computation computation, List<Input> inputs) {
    Operation(String name, Computation computation, Input... inputs) {
      this(name, computation, List.of(inputs));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  @FunctionalInterface
  interface Computation {
    Variable apply(Tape tape, Variable... x);
  }

  enum Kind {
    PARAMETER,
    CONSTANT,
    TOKENS
  }

  record Input(Kind kind, Shape shape) {}

  private static Input parameter(long... sizes) {
    return new Input(Kind.PARAMETER, Shape.of(sizes));
  }

  private static Input constant(long... sizes) {
    return new Input(Kind.CONSTANT, Shape.of(sizes));
  }

  private static Input tokens(long... sizes) {
    return new Input(Kind.TOKENS, Shape.of(sizes));
  }

  static List<Operation> operations() {
    return List.of(
        new Operation("add", (t, x) -> t.add(2, x[0], -3, x[1]), parameter(2, 3), parameter(2, 3)),
        new Operation("add a constant", (t, x) -> t.add(2, x[0], -3, x[1]), constant(2, 3), parameter(2, 3)),
        new Operation("add a value to itself", (t, x) -> t.add(2, x[0], -3, x[0]), parameter(2, 3)),
        new Operation("scale", (t, x) -> t.scale(-1.5, x[0]), parameter(7)),
        new Operation("multiply", (t, x) -> t.multiply(x[0], x[1]), parameter(2, 3), parameter(2, 3)),
        new Operation("multiply by a constant", (t, x) -> t.multiply(x[0], x[1]), parameter(2, 3), constant(2, 3)),
        new Operation("a constant multiplied", (t, x) -> t.multiply(x[0], x[1]), constant(2, 3), parameter(2, 3)),
        new Operation("multiply a value by itself", (t, x) -> t.multiply(x[0], x[0]), parameter(2, 3)),
        new Operation("matmul", (t, x) -> t.matmul(x[0], x[1]), parameter(2, 3), parameter(3, 4)),
        new Operation("matmul, batched", (t, x) -> t.matmul(x[0], x[1]), parameter(2, 3, 2, 3), parameter(2, 3, 3, 4)),
        new Operation("matmul of a constant", (t, x) -> t.matmul(x[0], x[1]), constant(2, 3), parameter(3, 4)),
        new Operation("matmul by a constant", (t, x) -> t.matmul(x[0], x[1]), parameter(2, 3), constant(3, 4)),
        new Operation("matmul of a value by itself", (t, x) -> t.matmul(x[0], x[0]), parameter(3, 3)),
        new Operation("linear", (t, x) -> t.linear("y", x[0], x[1], null), parameter(2, 3, 4), parameter(5, 4)),
        new Operation("linear with bias", (t, x) -> t.linear("y", x[0], x[1], x[2]),
            parameter(2, 3, 4), parameter(5, 4), parameter(5)),
        new Operation("linear of a constant", (t, x) -> t.linear("y", x[0], x[1], x[2]),
            constant(2, 3, 4), parameter(5, 4), parameter(5)),
        new Operation("linear, scaled, with bias and residual", (t, x) -> t.linear("y", x[0], x[1], x[2], 0.25, x[3]),
            parameter(2, 3, 4), parameter(5, 4), parameter(5), parameter(2, 3, 5)),
        new Operation("linear added to its own input", (t, x) -> {
          Variable h = t.scale(2, x[0]);
          return t.linear("y", h, x[1], null, 0.25, h);
        }, parameter(2, 3, 4), parameter(4, 4)),
        new Operation("linear with a result as residual", (t, x) ->
            t.linear("y", t.scale(3, x[0]), x[1], null, 0.25, t.scale(2, x[2])),
            parameter(2, 3, 4), parameter(5, 4), parameter(2, 3, 5)),
        new Operation("linear with all inputs constant but the weight", (t, x) ->
            t.linear("y", x[0], x[1], x[2], 2, x[3]),
            constant(3, 4), parameter(5, 4), constant(5), constant(3, 5)),
        new Operation("feedForward, exact", (t, x) -> t.feedForward("y", x[0], new Tape.Affine(x[1], x[2]),
            Gelu.Form.EXACT, new Tape.Affine(x[3], x[4]), 0.25, x[5]),
            parameter(2, 3, 4), parameter(7, 4), parameter(7), parameter(5, 7), parameter(5), parameter(2, 3, 5)),
        new Operation("feedForward without biases, added to its own input", (t, x) -> {
          Variable h = t.scale(2, x[0]);
          return t.feedForward("y", h, new Tape.Affine(x[1], null), Gelu.Form.TANH, new Tape.Affine(x[2], null), 1, h);
        }, parameter(3, 4), parameter(7, 4), parameter(4, 7)),
        new Operation("feedForward with all inputs constant but the biases", (t, x) ->
            t.feedForward("y", x[0], new Tape.Affine(x[1], x[2]), Gelu.Form.TANH, new Tape.Affine(x[3], x[4]), 2, x[5]),
            constant(3, 4), constant(7, 4), parameter(7), constant(5, 7), parameter(5), constant(3, 5)),
        new Operation("layerNorm", (t, x) -> t.layerNorm("y", x[0], null, null, EPSILON), parameter(2, 2, 5)),
        new Operation("layerNorm with gain", (t, x) -> t.layerNorm("y", x[0], x[1], null, EPSILON),
            parameter(2, 2, 5), parameter(5)),
        new Operation("layerNorm with bias", (t, x) -> t.layerNorm("y", x[0], null, x[1], EPSILON),
            parameter(2, 2, 5), parameter(5)),
        new Operation("layerNorm with gain and bias", (t, x) -> t.layerNorm("y", x[0], x[1], x[2], EPSILON),
            parameter(2, 2, 5), parameter(5), parameter(5)),
        new Operation("layerNorm of a result", (t, x) -> t.layerNorm("y", t.scale(2, x[0]), x[1], x[2], EPSILON),
            parameter(2, 2, 5), parameter(5), parameter(5)),
        new Operation("layerNorm of a constant", (t, x) -> t.layerNorm("y", x[0], x[1], x[2], EPSILON),
            constant(2, 2, 5), parameter(5), parameter(5)),
        new Operation("layerNorm with a gain that is a result", (t, x) ->
            t.layerNorm("y", x[0], t.scale(2, x[1]), null, EPSILON),
            parameter(2, 2, 5), parameter(5)),
        new Operation("layerNorm beside a residual connection", (t, x) -> {
          Variable h = t.scale(2, x[0]);
          return t.add(1, h, 0.5, t.layerNorm("y", h, x[1], null, EPSILON));
        }, parameter(2, 2, 5), parameter(5)),
        new Operation("rmsNorm", (t, x) -> t.rmsNorm("y", x[0], null, null, EPSILON), parameter(2, 2, 5)),
        new Operation("rmsNorm with gain and bias", (t, x) -> t.rmsNorm("y", x[0], x[1], x[2], EPSILON),
            parameter(2, 2, 5), parameter(5), parameter(5)),
        new Operation("rmsNorm beside a residual connection", (t, x) -> {
          Variable h = t.scale(2, x[0]);
          return t.add(1, h, 0.5, t.rmsNorm("y", h, x[1], null, EPSILON));
        }, parameter(2, 2, 5), parameter(5)),
        new Operation("swiGlu", (t, x) -> t.swiGlu("y", x[0]), parameter(3, 8)),
        new Operation("swiGlu of a result", (t, x) -> t.swiGlu("y", t.scale(1.5, x[0])), parameter(2, 3, 10)),
        new Operation("two swiGlus of one result", (t, x) -> {
          Variable h = t.scale(1.5, x[0]);
          return t.multiply(t.swiGlu("y", h), t.swiGlu("z", h));
        }, parameter(2, 3, 4)),
        new Operation("gelu, exact", (t, x) -> t.gelu("y", x[0], Gelu.Form.EXACT), parameter(3, 4)),
        new Operation("gelu, tanh", (t, x) -> t.gelu("y", x[0], Gelu.Form.TANH), parameter(3, 4)),
        new Operation("gelu of a result", (t, x) -> t.gelu("y", t.scale(1.5, x[0]), Gelu.Form.EXACT), parameter(3, 4)),
        new Operation("gelu of a result with two consumers", (t, x) -> {
          Variable h = t.scale(1.5, x[0]);
          return t.multiply(t.gelu("y", h, Gelu.Form.TANH), t.gelu("z", h, Gelu.Form.EXACT));
        }, parameter(3, 4)),
        new Operation("attention", (t, x) -> t.attention("y", x[0], 1, null, 0.7), parameter(2, 3, 12)),
        new Operation("attention with two heads", (t, x) -> t.attention("y", x[0], 2, null, 0.7), parameter(2, 3, 12)),
        new Operation("attention with slopes", (t, x) -> t.attention("y", x[0], 2, x[1].value(), 0.7),
            parameter(2, 3, 12), constant(2)),
        new Operation("attention on a result", (t, x) -> t.attention("y", t.scale(1.2, x[0]), 2, null, 0.7),
            parameter(2, 3, 12)),
        new Operation("two attentions on one result", (t, x) -> {
          Variable qkv = t.scale(1.2, x[0]);
          return t.add(1, t.attention("y", qkv, 2, null, 0.7), 2, t.attention("z", qkv, 1, null, 0.3));
        }, parameter(2, 3, 12)),
        new Operation("embedding", (t, x) -> t.embedding("y", x[0].value(), x[1], null, 1.5),
            tokens(2, 6), parameter(VOCABULARY, 3)),
        new Operation("embedding with positions", (t, x) -> t.embedding("y", x[0].value(), x[1], x[2], 1.5),
            tokens(2, 4), parameter(VOCABULARY, 3), parameter(6, 3)),
        new Operation("embedding from a constant table", (t, x) -> t.embedding("y", x[0].value(), x[1], x[2], 1.5),
            tokens(2, 4), constant(VOCABULARY, 3), parameter(4, 3)),
        new Operation("embedding from a table that is a result", (t, x) ->
            t.embedding("y", x[0].value(), t.multiply(x[1], x[2]), null, 1.5),
            tokens(2, 4), parameter(VOCABULARY, 3), constant(VOCABULARY, 3)),
        new Operation("a table that is also the head", (t, x) ->
            t.linear("logits", t.embedding("y", x[0].value(), x[1], null, 1.5), x[1], null, 0.25, null),
            tokens(2, 4), parameter(VOCABULARY, 3)));
  }

  /** One operation with its inputs in memory. */
  private final class Bench {
    private final Operation operation;
    private final List<Tensor> values = new ArrayList<>();
    private final List<Tensor> gradients = new ArrayList<>();

    Bench(Operation operation) {
      this.operation = operation;
      for (Input input : operation.inputs()) {
        int number = values.size();
        DType type = input.kind() == Kind.TOKENS ? DType.I32 : DType.F64;
        Tensor value = storage.allocate("x" + number, type, input.shape());
        if (type == DType.I32) {
          value.set(Numbers.below(VOCABULARY, SEED, number, input.shape().elements()));
        } else {
          value.set(Numbers.normal(SEED, number, input.shape().elements()));
        }
        values.add(value);
        gradients.add(storage.allocate("gradient of x" + number, DType.F64, input.shape()));
      }
      clearGradients();
    }

    void clearGradients() {
      gradients.forEach(gradient -> gradient.set(new double[Math.toIntExact(gradient.shape().elements())]));
    }

    Variable forward(Tape tape) {
      Variable[] x = new Variable[values.size()];
      for (int i = 0; i < x.length; i++) {
        x[i] = operation.inputs().get(i).kind() == Kind.PARAMETER
            ? tape.parameter(values.get(i), gradients.get(i)) : tape.constant(values.get(i));
      }
      return operation.computation().apply(tape, x);
    }

    /** Random weights of the result's elements: the function differentiated is their weighted sum. */
    double[] weights(Shape shape) {
      return Numbers.normal(SEED, -1, shape.elements());
    }

    double weightedSum() {
      double[] out = forward(Tape.inference(workspace)).value().toDoubles();
      workspace.reset();
      double[] weights = weights(Shape.of(out.length));
      double sum = 0;
      for (int i = 0; i < out.length; i++) {
        sum += weights[i] * out[i];
      }
      return sum;
    }

    void backward() {
      backward(Tape.recording(workspace));
    }

    void backward(Tape tape) {
      Variable out = forward(tape);
      Tensor dOut = workspace.allocate("dOut", DType.F64, out.shape());
      dOut.set(weights(out.shape()));
      tape.backward(out, dOut);
      workspace.reset();
    }

    List<double[]> parameterGradients() {
      List<double[]> result = new ArrayList<>();
      for (int i = 0; i < values.size(); i++) {
        if (operation.inputs().get(i).kind() == Kind.PARAMETER) {
          result.add(gradients.get(i).toDoubles());
        }
      }
      return result;
    }
  }

  @ParameterizedTest
  @MethodSource("operations")
  void gradientsAgreeWithFiniteDifferences(Operation operation) {
    Bench bench = new Bench(operation);
    List<double[]> before = new ArrayList<>();
    for (int i = 0; i < bench.gradients.size(); i++) {
      before.add(Numbers.normal(SEED + 1, i, bench.gradients.get(i).shape().elements()));
      bench.gradients.get(i).set(before.get(i));
    }

    bench.backward();

    for (int i = 0; i < bench.values.size(); i++) {
      double[] added = Numbers.difference(bench.gradients.get(i).toDoubles(), before.get(i));
      if (operation.inputs().get(i).kind() == Kind.PARAMETER) {
        double[] differences = GradientCheck.centralDifferences(bench.values.get(i), bench::weightedSum);
        GradientCheck.assertAgree("%s, seed %d, input %d".formatted(operation, SEED, i), added, differences);
      } else {
        assertThat(added).as("gradient of a constant").containsOnly(0);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("operations")
  void aSecondStepTakesNoMemoryAndGivesTheSameBits(Operation operation) {
    Bench bench = new Bench(operation);
    bench.backward();
    List<double[]> first = bench.parameterGradients();
    long bytes = workspace.bytes();

    bench.clearGradients();
    bench.backward();

    assertThat(workspace.bytes()).isEqualTo(bytes);
    assertThat(bench.parameterGradients()).usingRecursiveComparison().isEqualTo(first);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void aReplacingTapeGivesTheGradientsOfAnAddingOneThatBeganAtZero(Operation operation) {
    Bench bench = new Bench(operation);
    bench.backward();
    List<double[]> added = bench.parameterGradients();

    bench.gradients.forEach(gradient -> {
      double[] old = new double[Math.toIntExact(gradient.shape().elements())];
      Arrays.fill(old, Double.NaN);
      gradient.set(old);
    });
    bench.backward(Tape.replacing(workspace));

    List<double[]> replaced = bench.parameterGradients();
    for (int i = 0; i < added.size(); i++) {
      // Adding 0 makes the two zeros one.
      assertThat(Arrays.stream(replaced.get(i)).map(x -> x + 0.0).toArray()).isEqualTo(added.get(i));
    }
  }

  @Test
  void aReplacingTapeAddsTheGradientsOfAParameterUsedTwice() {
    Tensor value = parameterValue(Shape.of(5));
    Tensor gradient = zeros(value.shape());
    gradient.set(7.0, 7, 7, 7, 7);
    Tape tape = Tape.replacing(workspace);

    Variable sum = tape.add(2, tape.parameter(value, gradient), 3, tape.scale(4, tape.parameter(value, gradient)));
    Tensor dSum = workspace.allocate("dSum", DType.F64, value.shape());
    dSum.set(1.0, 1, 1, 1, 1);
    tape.backward(sum, dSum);

    assertThat(gradient.toDoubles()).containsOnly(2 + 3 * 4);
  }

  @Test
  void aReplacingTapeClearsTheGradientOfAParameterThatTheLossDoesNotDependOn() {
    Tensor value = parameterValue(Shape.of(2));
    Tensor unused = zeros(value.shape());
    unused.set(7.0, 7);
    Tape tape = Tape.replacing(workspace);
    tape.scale(3, tape.parameter(value, unused));
    Variable used = tape.scale(3, tape.parameter(value, zeros(value.shape())));

    tape.backward(used, value);

    assertThat(unused.toDoubles()).containsOnly(0);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void inferenceGivesTheBitsOfRecording(Operation operation) {
    Bench bench = new Bench(operation);

    Variable recorded = bench.forward(Tape.recording(workspace));
    Variable inferred = bench.forward(Tape.inference(workspace));

    assertThat(recorded.requiresGradient()).isTrue();
    assertThat(inferred.requiresGradient()).isFalse();
    assertThat(inferred.value().toDoubles()).isEqualTo(recorded.value().toDoubles());
  }

  @Test
  void theMemoryOfAChainOfResultsGoesBackDuringTheBackwardPass() {
    Tensor value = parameterValue(Shape.of(64));
    Tensor gradient = parameterValue(Shape.of(64));
    int length = 10;

    for (int step = 0; step < 2; step++) {
      Tape tape = Tape.recording(workspace);
      Variable h = tape.parameter(value, gradient);
      for (int i = 0; i < length; i++) {
        h = tape.gelu("gelu", h, Gelu.Form.TANH);
      }
      tape.backward(h, value);
    }

    // Without a reset in between: every result of the first pass served again in the second, and one gradient beside.
    assertThat(workspace.bytes()).isEqualTo((length + 1) * value.view().bytes());
  }

  @Test
  void whatANormKeptForItsGradientGoesBackToo() {
    Tensor value = parameterValue(Shape.of(64, 5));
    Tensor gradient = zeros(value.shape());
    List<Long> bytes = new ArrayList<>();

    for (int step = 0; step < 2; step++) {
      Tape tape = Tape.recording(workspace);
      Variable x = tape.parameter(value, gradient);
      tape.backward(tape.layerNorm("norm", x, null, null, EPSILON), value);
      bytes.add(workspace.bytes());
    }

    assertThat(bytes.getLast()).isEqualTo(bytes.getFirst());
  }

  @Test
  void crossEntropyGradientsAgreeWithFiniteDifferences() {
    Tensor x = parameterValue(Shape.of(2, 3, 4));
    Tensor dx = zeros(x.shape());
    Tensor head = parameterValue(Shape.of(VOCABULARY, 4));
    Tensor dHead = zeros(head.shape());
    Tensor targets = targets(2, 3);
    double weight = 0.25;

    Tape tape = Tape.recording(workspace);
    Variable logits = tape.linear("logits", tape.parameter(x, dx), tape.parameter(head, dHead), null);
    tape.backward(tape.crossEntropy(logits, targets, weight));

    for (List<Tensor> pair : List.of(List.of(x, dx), List.of(head, dHead))) {
      double[] differences = GradientCheck.centralDifferences(pair.getFirst(), () -> {
        Tape inference = Tape.inference(workspace);
        Variable y = inference.linear("logits", inference.constant(x), inference.constant(head), null);
        double loss = inference.crossEntropy(y, targets, 1).value().toDouble();
        workspace.reset();
        return weight * loss;
      });
      GradientCheck.assertAgree(pair.getFirst().name(), pair.getLast().toDoubles(), differences);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 6, 100})
  void gradientsThroughTheHeadSomeRowsAtATimeAgreeWithFiniteDifferences(int rowsAtATime) {
    Tensor x = parameterValue(Shape.of(2, 3, 4));
    Tensor dx = zeros(x.shape());
    Tensor head = parameterValue(Shape.of(VOCABULARY, 4));
    Tensor dHead = zeros(head.shape());
    Tensor targets = targets(2, 3);
    double multiplier = 0.7;
    double weight = 0.25;

    Tape tape = Tape.recording(workspace);
    // The scaling by 1 makes x a result, whose gradient does not exist before the backward pass.
    Variable features = tape.scale(1, tape.parameter(x, dx));
    tape.backward(
        tape.headCrossEntropy(features, tape.parameter(head, dHead), targets, multiplier, weight, rowsAtATime));

    for (List<Tensor> pair : List.of(List.of(x, dx), List.of(head, dHead))) {
      double[] differences = GradientCheck.centralDifferences(pair.getFirst(), () -> {
        Tape inference = Tape.inference(workspace);
        Loss loss = inference.headCrossEntropy(
            inference.constant(x), inference.constant(head), targets, multiplier, 1, rowsAtATime);
        double value = loss.value().toDouble();
        workspace.reset();
        return weight * value;
      });
      GradientCheck.assertAgree(pair.getFirst().name(), pair.getLast().toDoubles(), differences);
    }
  }

  @Test
  void lossesThroughTheHeadAreThoseOfTheWholeLogits() {
    Variable x = Tape.inference(workspace).constant(parameterValue(Shape.of(2, 3, 4)));
    Variable head = Tape.inference(workspace).constant(parameterValue(Shape.of(VOCABULARY, 4)));
    Tape tape = Tape.inference(workspace);

    Loss whole = tape.crossEntropy(tape.linear("logits", x, head, null, 0.7, null), targets(2, 3), 1);
    Loss inParts = tape.headCrossEntropy(x, head, targets(2, 3), 0.7, 1, 4);

    assertThat(inParts.perPosition().toDoubles()).isEqualTo(whole.perPosition().toDoubles());
    assertThat(inParts.value().toDouble()).isEqualTo(whole.value().toDouble());
  }

  @Test
  void ofTheLogitsOnlyTheRowsAtHandTakeMemory() {
    Variable x = Tape.inference(workspace).constant(zeros(Shape.of(64, 1)));
    Variable head = Tape.inference(workspace).constant(zeros(Shape.of(1000, 1)));
    Tensor targets = targets(8, 8);
    long before = workspace.bytes();

    Tape.inference(workspace).headCrossEntropy(x, head, targets, 1, 1, 4);

    assertThat(workspace.bytes() - before).isBetween(4 * 1000 * 8L, 5 * 1000 * 8L);
  }

  @Test
  void noRowsAtATimeAreRefused() {
    Variable x = Tape.inference(workspace).constant(zeros(Shape.of(6, 1)));
    Variable head = Tape.inference(workspace).constant(zeros(Shape.of(VOCABULARY, 1)));

    assertThatThrownBy(() -> Tape.inference(workspace).headCrossEntropy(x, head, targets(2, 3), 1, 1, 0))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll("rowsAtATime is 0", "at least 1");
  }

  @Test
  void theGradientOfATiedHeadIsTheSumOfBothPaths() {
    Tensor table = parameterValue(Shape.of(VOCABULARY, 4));
    Tensor tied = zeros(table.shape());
    Tensor lookup = zeros(table.shape());
    Tensor readout = zeros(table.shape());

    tiedLoss(table, tied, tied);
    tiedLoss(table, lookup, readout);

    double[] sum = lookup.toDoubles();
    double[] second = readout.toDoubles();
    Arrays.setAll(sum, i -> sum[i] + second[i]);
    GradientCheck.assertAgree("tied table", tied.toDoubles(), sum);
    assertThat(Numbers.norm(lookup.toDoubles())).as("share of the lookup").isGreaterThan(0.01);
    assertThat(Numbers.norm(second)).as("share of the readout").isGreaterThan(0.01);
  }

  private void tiedLoss(Tensor table, Tensor lookupGradient, Tensor readoutGradient) {
    Tape tape = Tape.recording(workspace);
    Variable embedded = tape.embedding("embedding", targets(2, 3), tape.parameter(table, lookupGradient), null, 1.5);
    Variable normalized = tape.layerNorm("norm", embedded, null, null, EPSILON);
    Variable logits = tape.linear("logits", normalized, tape.parameter(table, readoutGradient), null, 0.5, null);
    tape.backward(tape.crossEntropy(logits, targets(2, 3), 1));
    workspace.reset();
  }

  @Test
  void theLossIsTheMeanOverPositions() {
    Tensor logits = parameterValue(Shape.of(2, 3, VOCABULARY));
    Tape tape = Tape.inference(workspace);
    double[] kept = logits.toDoubles();

    Loss loss = tape.crossEntropy(tape.constant(logits), targets(2, 3), 0.5);

    assertThat(loss.perPosition().toDoubles()).hasSize(6);
    assertThat(loss.value().toDouble()).isCloseTo(Numbers.mean(loss.perPosition().toDoubles()), within(1e-15));
    assertThat(logits.toDoubles()).as("logits of inference are not overwritten").isEqualTo(kept);
  }

  @Test
  void resultsThatTheLossDoesNotDependOnAreNoObstacle() {
    Tensor value = parameterValue(Shape.of(3));
    Tensor gradient = zeros(value.shape());
    Tape tape = Tape.recording(workspace);
    Variable x = tape.parameter(value, gradient);
    Variable used = tape.scale(2, x);
    Variable unused = tape.gelu("unused", x, Gelu.Form.EXACT);

    tape.backward(used, value);

    assertThat(unused.gradient()).isNull();
    assertThat(gradient.toDoubles()).isEqualTo(Arrays.stream(value.toDoubles()).map(v -> 2 * v).toArray());
  }

  @Test
  void anInferenceTapeRefusesABackwardPass() {
    Tape tape = Tape.inference(workspace);
    Variable logits = tape.constant(parameterValue(Shape.of(6, VOCABULARY)));
    Loss loss = tape.crossEntropy(logits, targets(2, 3), 1);

    assertThatThrownBy(() -> tape.backward(loss)).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Tape.recording");
    assertThat(tape.isRecording()).isFalse();
  }

  @Test
  void aResultOfConstantsHasNoBackwardPass() {
    Tape tape = Tape.recording(workspace);
    Tensor value = parameterValue(Shape.of(3));
    Variable out = tape.scale(2, tape.constant(value));

    assertThatThrownBy(() -> tape.backward(out, value)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'scale' does not depend on any parameter");
  }

  @Test
  void aParameterAndItsGradientHaveTheSameShape() {
    Tensor value = parameterValue(Shape.of(3));
    Tensor gradient = parameterValue(Shape.of(4));

    assertThatThrownBy(() -> Tape.recording(workspace).parameter(value, gradient))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll("[3]", "[4]");
  }

  private Tensor parameterValue(Shape shape) {
    Tensor tensor = storage.allocate("p" + shape, DType.F64, shape);
    tensor.set(Numbers.normal(SEED, shape.elements(), shape.elements()));
    return tensor;
  }

  private Tensor zeros(Shape shape) {
    Tensor tensor = storage.allocate("zeros", DType.F64, shape);
    tensor.set(new double[Math.toIntExact(shape.elements())]);
    return tensor;
  }

  private Tensor targets(long... sizes) {
    Tensor tensor = storage.allocate("targets", DType.I32, Shape.of(sizes));
    tensor.set(Numbers.below(VOCABULARY, SEED, 100, tensor.shape().elements()));
    return tensor;
  }
}
