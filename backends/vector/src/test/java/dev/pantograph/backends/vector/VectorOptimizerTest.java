package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.View;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class VectorOptimizerTest {
  private static final double LEARNING_RATE = 3e-2;
  private static final double SCHEDULE = 0.5;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.95;
  private static final double SCALE = 0.25;
  private static final double WEIGHT_DECAY = 0.1;
  private static final double EPSILON = 1e-8;

  private final WorkerPool pool = new WorkerPool(2);
  private final VectorOptimizer optimizer = new VectorOptimizer(pool);
  private final Tensors tensors = new Tensors(7);

  @AfterEach
  void close() {
    tensors.close();
    pool.close();
  }

  @ParameterizedTest
  @EnumSource(AdamW.Decay.class)
  void agreesWithTheFormula(AdamW.Decay decay) {
    check(decay, null, 1);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.25, 1e4})
  void clipsByTheGlobalNorm(double squaredNorm) {
    View norm = tensors.empty(DType.F64);
    Tensors.set(norm, 0, squaredNorm);
    check(AdamW.Decay.COUPLED, norm, Math.min(1, 2 / (Math.sqrt(squaredNorm) + 1e-6)));
  }

  private void check(AdamW.Decay decay, @Nullable View norm, double clip) {
    List<AdamW.Slot> slots = new ArrayList<>();
    for (long size : new long[] {1, 0, 15, 40_000, Chunks.SIZE, 33}) {
      slots.add(slot(size, decay));
    }
    AdamW kernel = new AdamW(slots, control(), norm, 2, BETA1, BETA2);
    List<double[][]> expected = slots.stream().map(slot -> expected(slot, kernel.control(), clip)).toList();
    optimizer.run(kernel);
    for (int i = 0; i < slots.size(); i++) {
      AdamW.Slot slot = slots.get(i);
      Tolerance tolerance = Tolerance.ofSum(1, 1);
      tolerance.check("first moment", Tensors.values(slot.firstMoment()), expected.get(i)[0]);
      tolerance.check("second moment", Tensors.values(slot.secondMoment()), expected.get(i)[1]);
      tolerance.check("value", Tensors.values(slot.value()), expected.get(i)[2]);
    }
  }

  private AdamW.Slot slot(long size, AdamW.Decay decay) {
    View second = tensors.random(size);
    for (int i = 0; i < size; i++) {
      Tensors.set(second, i, Math.abs(Tensors.values(second.slice(0, i, 1))[0]));
    }
    return new AdamW.Slot(tensors.random(size), tensors.random(size), tensors.random(size), second,
        SCALE, WEIGHT_DECAY, decay, EPSILON);
  }

  private View control() {
    View control = tensors.empty(DType.F32, AdamW.CONTROL_SIZE);
    Tensors.set(control, AdamW.LEARNING_RATE, LEARNING_RATE);
    Tensors.set(control, AdamW.SCHEDULE, SCHEDULE);
    Tensors.set(control, AdamW.BIAS_CORRECTION_1, 1 - Math.pow(BETA1, 3));
    Tensors.set(control, AdamW.BIAS_CORRECTION_2, 1 - Math.pow(BETA2, 3));
    return control;
  }

  /** First moment, second moment and value after one step, by the formula in float64. */
  private static double[][] expected(AdamW.Slot slot, View controlView, double clip) {
    double[] control = Tensors.values(controlView);
    double[] gradient = Tensors.values(slot.gradient());
    double[] m = Tensors.values(slot.firstMoment());
    double[] v = Tensors.values(slot.secondMoment());
    double[] w = Tensors.values(slot.value());
    double rate = control[AdamW.LEARNING_RATE] * SCALE;
    double decay = WEIGHT_DECAY * (slot.decay() == AdamW.Decay.COUPLED ? rate : control[AdamW.SCHEDULE]);
    for (int i = 0; i < w.length; i++) {
      double g = clip * gradient[i];
      w[i] -= decay * w[i];
      m[i] = BETA1 * m[i] + (1 - BETA1) * g;
      v[i] = BETA2 * v[i] + (1 - BETA2) * g * g;
      double root = Math.sqrt(v[i] / control[AdamW.BIAS_CORRECTION_2]);
      w[i] -= rate * (m[i] / control[AdamW.BIAS_CORRECTION_1]) / (root + EPSILON);
    }
    return new double[][] {m, v, w};
  }

  @Test
  void stepsHaveTheSameBitsForAnyNumberOfThreads() {
    AdamW.Slot alone = slot(100_003, AdamW.Decay.COUPLED);
    AdamW.Slot together = new AdamW.Slot(tensors.copyOf(alone.value()), alone.gradient(),
        tensors.copyOf(alone.firstMoment()), tensors.copyOf(alone.secondMoment()), SCALE, WEIGHT_DECAY,
        AdamW.Decay.COUPLED, EPSILON);
    try (WorkerPool one = new WorkerPool(1)) {
      new VectorOptimizer(one).run(new AdamW(List.of(alone), control(), null, 1, BETA1, BETA2));
    }
    optimizer.run(new AdamW(List.of(together), control(), null, 1, BETA1, BETA2));
    assertThat(Tensors.bits(together.value())).isEqualTo(Tensors.bits(alone.value()));
  }

  @Test
  void sumsSquaresOverTensorsInFloat64() {
    List<View> inputs = List.of(tensors.random(1), tensors.random(0, 3), tensors.random(7, 5), tensors.random(50_001),
        tensors.random(16));
    double expected = 0;
    for (View input : inputs) {
      for (double x : Tensors.values(input)) {
        expected += x * x;
      }
    }
    View out = tensors.empty(DType.F64);
    optimizer.run(new SquaredNorm(out, inputs));
    double together = Tensors.values(out)[0];
    assertThat(together).isCloseTo(expected, within(1e-8));
    try (WorkerPool one = new WorkerPool(1)) {
      new VectorOptimizer(one).run(new SquaredNorm(out, inputs));
    }
    assertThat(Tensors.values(out)[0]).isEqualTo(together);
    optimizer.run(new SquaredNorm(out, List.of()));
    assertThat(Tensors.values(out)[0]).isZero();
  }

  @Test
  void refusesFloat64() {
    View out = tensors.empty(DType.F64);
    View input = tensors.empty(DType.F64, 3);
    assertThatThrownBy(() -> optimizer.run(new SquaredNorm(out, List.of(input)))).isInstanceOf(KernelException.class)
        .hasMessageContaining("SquaredNorm");
  }
}
