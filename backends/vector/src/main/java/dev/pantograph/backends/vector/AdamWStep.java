package dev.pantograph.backends.vector;

import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/** One step of {@link AdamW} for one tensor: its memory and the factors, computed once in float64. */
final class AdamWStep {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  /** Keeps the clip factor finite when the gradient is zero. */
  private static final double NORM_EPSILON = 1e-6;

  private final MemorySegment value;
  private final MemorySegment gradient;
  private final MemorySegment first;
  private final MemorySegment second;
  private final long valueStart;
  private final long gradientStart;
  private final long firstStart;
  private final long secondStart;
  private final float clip;
  private final float beta1;
  private final float oneMinusBeta1;
  private final float beta2;
  private final float oneMinusBeta2;
  private final float decay;
  /** η / c₁. */
  private final float step;
  /** 1 / √c₂. */
  private final float rootScale;
  private final float epsilon;

  private AdamWStep(AdamW k, AdamW.Slot slot, double clip, double rate, double decay, double c1, double c2) {
    this.value = HostBuffer.segmentOf(slot.value());
    this.gradient = HostBuffer.segmentOf(slot.gradient());
    this.first = HostBuffer.segmentOf(slot.firstMoment());
    this.second = HostBuffer.segmentOf(slot.secondMoment());
    this.valueStart = slot.value().byteOffset();
    this.gradientStart = slot.gradient().byteOffset();
    this.firstStart = slot.firstMoment().byteOffset();
    this.secondStart = slot.secondMoment().byteOffset();
    this.clip = (float) clip;
    this.beta1 = (float) k.beta1();
    this.oneMinusBeta1 = (float) (1 - k.beta1());
    this.beta2 = (float) k.beta2();
    this.oneMinusBeta2 = (float) (1 - k.beta2());
    this.decay = (float) decay;
    this.step = (float) (rate / c1);
    this.rootScale = (float) (1 / Math.sqrt(c2));
    this.epsilon = (float) slot.epsilon();
  }

  static AdamWStep of(AdamW k, AdamW.Slot slot) {
    double rate = control(k, AdamW.LEARNING_RATE) * slot.learningRateScale();
    double decay = slot.weightDecay() * switch (slot.decay()) {
      case COUPLED -> rate;
      case INDEPENDENT -> control(k, AdamW.SCHEDULE);
    };
    return new AdamWStep(k, slot, clip(k.squaredGradientNorm(), k.maxGradientNorm()), rate, decay,
        control(k, AdamW.BIAS_CORRECTION_1), control(k, AdamW.BIAS_CORRECTION_2));
  }

  private static double control(AdamW k, int index) {
    return HostBuffer.segmentOf(k.control())
        .get(ValueLayout.JAVA_FLOAT, k.control().byteOffset() + (long) index * Float.BYTES);
  }

  private static double clip(@Nullable View squaredNorm, double maxNorm) {
    return squaredNorm == null ? 1 : Math.min(1, maxNorm / (Math.sqrt(squaredNorm(squaredNorm)) + NORM_EPSILON));
  }

  /** The value of the operand. */
  static double squaredNorm(View view) {
    return HostBuffer.segmentOf(view).get(ValueLayout.JAVA_DOUBLE, view.byteOffset());
  }

  /** Updates {@code length} elements from element {@code start} on. */
  void run(long start, int length) {
    int bound = FLOATS.loopBound(length);
    for (int i = 0; i < bound; i += FLOATS.length()) {
      long at = (start + i) * Float.BYTES;
      FloatVector g = FloatVector.fromMemorySegment(FLOATS, gradient, gradientStart + at, ORDER).mul(clip);
      FloatVector m = firstMoment(FloatVector.fromMemorySegment(FLOATS, first, firstStart + at, ORDER), g);
      FloatVector v = secondMoment(FloatVector.fromMemorySegment(FLOATS, second, secondStart + at, ORDER), g);
      m.intoMemorySegment(first, firstStart + at, ORDER);
      v.intoMemorySegment(second, secondStart + at, ORDER);
      value(FloatVector.fromMemorySegment(FLOATS, value, valueStart + at, ORDER), m, v)
          .intoMemorySegment(value, valueStart + at, ORDER);
    }
    if (bound < length) {
      runTail((start + bound) * Float.BYTES, FLOATS.indexInRange(bound, length));
    }
  }

  private void runTail(long at, VectorMask<Float> tail) {
    FloatVector g = FloatVector.fromMemorySegment(FLOATS, gradient, gradientStart + at, ORDER, tail).mul(clip);
    FloatVector m = firstMoment(FloatVector.fromMemorySegment(FLOATS, first, firstStart + at, ORDER, tail), g);
    FloatVector v = secondMoment(FloatVector.fromMemorySegment(FLOATS, second, secondStart + at, ORDER, tail), g);
    m.intoMemorySegment(first, firstStart + at, ORDER, tail);
    v.intoMemorySegment(second, secondStart + at, ORDER, tail);
    value(FloatVector.fromMemorySegment(FLOATS, value, valueStart + at, ORDER, tail), m, v)
        .intoMemorySegment(value, valueStart + at, ORDER, tail);
  }

  /** {@code β₁·m + (1 − β₁)·g}. */
  private FloatVector firstMoment(FloatVector m, FloatVector g) {
    return m.fma(FloatVector.broadcast(FLOATS, beta1), g.mul(oneMinusBeta1));
  }

  /** {@code β₂·v + (1 − β₂)·g²}. */
  private FloatVector secondMoment(FloatVector v, FloatVector g) {
    return v.fma(FloatVector.broadcast(FLOATS, beta2), g.mul(g).mul(oneMinusBeta2));
  }

  /** {@code w − decay·w − η·(m / c₁) / (√(v / c₂) + ε)}. */
  private FloatVector value(FloatVector w, FloatVector m, FloatVector v) {
    FloatVector root = v.lanewise(VectorOperators.SQRT).mul(rootScale).add(epsilon);
    return w.fma(FloatVector.broadcast(FLOATS, -decay), w).sub(m.mul(step).div(root));
  }
}
