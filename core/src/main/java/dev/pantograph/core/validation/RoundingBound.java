package dev.pantograph.core.validation;

import dev.pantograph.core.kernel.Elements;
import dev.pantograph.core.kernel.Snapshot;
import dev.pantograph.core.validation.Difference.Bound;
import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.Copy;
import dev.pantograph.spi.CrossEntropy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Embedding;
import dev.pantograph.spi.EmbeddingGradient;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.GeluGradient;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.LinearCombination;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Norm;
import dev.pantograph.spi.NormGradient;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SparseMatMul;
import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.SwiGlu;
import dev.pantograph.spi.SwiGluGradient;
import dev.pantograph.spi.View;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far rounding may take the results of one kernel from the same formula in float64, by the lengths of its sums and
 * the sizes of its operands. A sum of n terms, taken in any order, is off by no more than {@code λ·√n·u·Σ|terms|} with
 * the unit roundoff u, except with a probability that falls as exp(−λ²/2) (Higham &amp; Mary 2019, A New Approach to
 * Probabilistic Rounding Error Analysis, SIAM J. Sci. Comput. 41(5)). {@code Σ|terms|} is itself bounded, by the
 * operands' greatest rows and columns (Cauchy–Schwarz) or their greatest elements. Where operands are not finite, so is
 * the bound, and any result passes.
 */
public final class RoundingBound {
  /** λ. Sums of terms of either sign, as most here are, stay far below their bound. */
  private static final double CONFIDENCE = 4;
  /** Roundings of the operations around a sum: scaling, exponential, root, division. */
  private static final int OPERATIONS_AROUND = 16;
  /** Greatest slope of both forms of the activation. */
  private static final double GELU_SLOPE = 1.13;

  private final Snapshot before;
  private final Map<View, Bound> bounds = new IdentityHashMap<>();

  private RoundingBound(Snapshot before) {
    this.before = before;
  }

  /**
   * The bound of each written operand, by its view in {@link Kernel#operands}.
   *
   * @param before what the operands held that the kernel reads
   */
  public static Map<View, Bound> of(Kernel kernel, Snapshot before) {
    RoundingBound bound = new RoundingBound(before);
    bound.add(kernel);
    return bound.bounds;
  }

  private void add(Kernel kernel) {
    switch (kernel) {
      case MatMul k -> add(k);
      case SparseMatMul k -> {
        long terms = k.x().size(1);
        double product = elements(k.x()).greatestNorm(-1) * Math.sqrt(terms) * greatest(k.values());
        allow(k.out(), terms, Math.abs(k.alpha()) * (product + greatest(k.bias())) + addend(k.beta(), k.c()));
      }
      case SampledMatMul k -> allow(k.out(), k.tokens(),
          Math.abs(k.alpha()) * elements(k.dy()).greatestNorm(-2) * elements(k.x()).greatestNorm(-2));
      case Attention k -> add(k);
      case AttentionGradient k -> add(k);
      case Norm k -> add(k);
      case NormGradient k -> add(k);
      case Gelu k -> allow(k.out(), 0, greatest(k.x()));
      case GeluGradient k -> allow(k.dx(), 0, GELU_SLOPE * greatest(k.dOut()));
      case SwiGlu k -> allow(k.out(), 0, greatest(k.gate()) * greatest(k.up()));
      case SwiGluGradient k -> {
        double gate = greatest(k.gate());
        allow(k.dUp(), 0, greatest(k.dOut()) * gate);
        allow(k.dGate(), 0, greatest(k.dOut()) * greatest(k.up()) * (1 + gate));
      }
      case Embedding k -> allow(k.out(), 1, Math.abs(k.scale()) * (greatest(k.table()) + greatest(k.positions())));
      case EmbeddingGradient k -> {
        long rows = k.tokens().elements();
        double sum = Math.abs(k.scale()) * Math.sqrt(rows)
            * elements(k.dOut().reshape(Shape.of(rows, k.dOut().size(-1)))).greatestNorm(0);
        allow(k.dTable(), rows, sum);
        allow(k.dPositions(), rows, sum);
      }
      case CrossEntropy k -> {
        double size = 1 + greatest(k.logits());
        allow(k.losses(), k.logits().size(1), size);
        allow(k.dLogits(), k.logits().size(1), size * Math.abs(k.gradientScale()));
      }
      case AdamW k -> k.slots().forEach(slot -> add(k, slot));
      case SquaredNorm k -> {
        long terms = k.inputs().stream().mapToLong(View::elements).sum();
        // The terms are not negative: their sum is the result.
        bounds.put(k.out(), (_, expected) -> allowed(DType.F64, terms, expected, expected));
      }
      case Sum k -> {
        long terms = k.out().elements() == 0 ? 0 : k.x().elements() / k.out().elements();
        double column = elements(k.x().reshape(Shape.of(terms, k.out().elements()))).greatestNorm(0);
        allow(k.out(), terms, Math.abs(k.scale()) * Math.sqrt(terms) * column);
      }
      case LinearCombination k ->
          allow(k.out(), 0, Math.abs(k.alpha()) * greatest(k.x()) + addend(k.beta(), k.y()));
      case Product k -> allow(k.out(), 0, greatest(k.x()) * greatest(k.y()));
      case Fill k -> bounds.put(k.out(), Bound.EXACT);
      case Copy k -> bounds.put(k.out(), Bound.EXACT);
      case Randomize k -> bounds.put(k.out(), Bound.EXACT);
    }
  }

  private void add(MatMul k) {
    double rows = elements(k.a()).greatestNorm(-1);
    double product = Math.abs(k.alpha()) * (rows * elements(k.b()).greatestNorm(-2) + greatest(k.bias()));
    double z = product + addend(k.beta(), k.c());
    switch (k.epilogue()) {
      case MatMul.Epilogue.None _ -> allow(k.out(), k.k(), z);
      case MatMul.Epilogue.Activation(View preActivation, var _) -> {
        allow(preActivation, k.k(), z);
        allow(k.out(), k.k(), GELU_SLOPE * z);
      }
      case MatMul.Epilogue.ActivationGradient _ -> allow(k.out(), k.k(), GELU_SLOPE * z);
      case MatMul.Epilogue.RowSums(View sums, var _) -> {
        allow(k.out(), k.k(), z);
        allow(sums, k.k(), Math.abs(k.alpha()) * Math.sqrt(k.k()) * rows);
      }
    }
  }

  /** Size of the logits' terms: an error of a logit is a relative error of its probability. */
  private double logits(View q, View k, @Nullable View slopes, double scale) {
    return Math.abs(scale) * elements(q).greatestNorm(-1) * elements(k).greatestNorm(-1)
        + greatest(slopes) * q.size(2);
  }

  private void add(Attention k) {
    double logits = logits(k.q(), k.k(), k.slopes(), k.scale());
    long terms = k.q().size(2) + k.q().size(3);
    allow(k.out(), terms, greatest(k.v()) * (1 + logits));
    allow(k.logSumExp(), terms, 1 + logits);
  }

  private void add(AttentionGradient k) {
    long time = k.q().size(2);
    double probability = 1 + logits(k.q(), k.k(), k.slopes(), k.scale()) + greatest(k.logSumExp());
    double norm = elements(k.dOut()).greatestNorm(-1);
    double dProbability = norm * (elements(k.v()).greatestNorm(-1) + elements(k.out()).greatestNorm(-1));
    double dLogit = Math.abs(k.scale()) * probability * dProbability;
    long terms = time + k.q().size(3);
    // A query's probabilities add up to 1, a key's do not.
    double mass = greatestMass(k);
    allow(k.dq(), terms, dLogit * greatest(k.k()));
    allow(k.dk(), terms, dLogit * greatest(k.q()) * mass);
    allow(k.dv(), terms, probability * greatest(k.dOut()) * mass);
  }

  /** Sum of a key's probabilities over all queries, of the key that has most. */
  private double greatestMass(AttentionGradient k) {
    Elements q = elements(k.q());
    Elements keys = elements(k.k());
    Elements logSumExp = elements(k.logSumExp());
    int time = Math.toIntExact(k.q().size(2));
    double greatest = 0;
    for (long head = 0; head < k.q().size(0) * k.q().size(1); head++) {
      double slope = k.slopes() == null ? 0 : elements(k.slopes()).get(head % k.q().size(1));
      for (int s = 0; s < time; s++) {
        double[] key = keys.row(head * time + s);
        double mass = 0;
        for (int t = s; t < time; t++) {
          double logit = k.scale() * product(q.row(head * time + t), key) - slope * (t - s);
          mass += Math.exp(logit - logSumExp.get(head * time + t));
        }
        greatest = Math.max(greatest, mass);
      }
    }
    return greatest;
  }

  private static double product(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private void add(Norm k) {
    double x = greatest(k.x());
    long c = k.x().size(-1);
    double inverse = greatestInverseStd(k);
    double gain = k.gain() == null ? 1 : greatest(k.gain());
    allow(k.mean(), c, x);
    allow(k.inverseStd(), c, inverse * (1 + x * inverse));
    allow(k.out(), c, gain * x * inverse * (1 + x * inverse) + greatest(k.bias()));
  }

  /** Of all rows, in float64. */
  private double greatestInverseStd(Norm k) {
    Elements x = elements(k.x());
    long c = k.x().size(-1);
    double greatest = 0;
    for (long row = 0; row < x.count(); row += c) {
      double sum = 0;
      double squares = 0;
      for (long i = row; i < row + c; i++) {
        sum += x.get(i);
        squares += x.get(i) * x.get(i);
      }
      double mean = k.mean() == null ? 0 : sum / c;
      greatest = Math.max(greatest, 1 / Math.sqrt(Math.max(squares / c - mean * mean, 0) + k.epsilon()));
    }
    return greatest;
  }

  private void add(NormGradient k) {
    long c = k.dx().size(-1);
    long rows = k.dx().shape().rows();
    double normalized = (greatest(k.x()) + greatest(k.mean())) * greatest(k.inverseStd());
    double gradient = greatest(k.dOut()) * (k.gain() == null ? 1 : greatest(k.gain()));
    allow(k.dx(), c, greatest(k.inverseStd()) * gradient * (2 + normalized * normalized));
    double column = Math.sqrt(rows)
        * elements(k.dOut().reshape(Shape.of(rows, c))).greatestNorm(0);
    allow(k.dGain(), rows, column * normalized);
    allow(k.dBias(), rows, column);
  }

  private void add(AdamW k, AdamW.Slot slot) {
    Elements control = elements(k.control());
    double clip = k.squaredGradientNorm() == null ? 1
        : Math.min(1, k.maxGradientNorm() / (Math.sqrt(elements(k.squaredGradientNorm()).get(0)) + 1e-6));
    double rate = Math.abs(control.get(AdamW.LEARNING_RATE) * slot.learningRateScale());
    Elements gradient = elements(slot.gradient());
    Elements first = elements(slot.firstMoment());
    Elements second = elements(slot.secondMoment());
    DType type = slot.value().type();
    bounds.put(slot.firstMoment(), (i, expected) ->
        allowed(type, 0, Math.abs(first.get(i)) + clip * Math.abs(gradient.get(i)), expected));
    bounds.put(slot.secondMoment(), (i, expected) ->
        allowed(type, 0, second.get(i) + square(clip * gradient.get(i)), expected));
    bounds.put(slot.value(), (i, expected) -> {
      double moment = Math.abs(first.get(i)) + clip * Math.abs(gradient.get(i));
      double squares = k.beta2() * second.get(i) + (1 - k.beta2()) * square(clip * gradient.get(i));
      double root = Math.sqrt(squares / control.get(AdamW.BIAS_CORRECTION_2));
      double step = rate * moment / control.get(AdamW.BIAS_CORRECTION_1) / (root + slot.epsilon());
      // Squares below the normal numbers keep few digits or none.
      double lost = squares < leastNormal(type) / unitRoundoff(type)
          ? rate * moment / control.get(AdamW.BIAS_CORRECTION_1) / slot.epsilon() : 0;
      return allowed(type, 0, Math.abs(expected) + step, expected) + (moment == 0 ? 0 : lost);
    });
  }

  private static double square(double x) {
    return x * x;
  }

  private Elements elements(View view) {
    return before.elements(view);
  }

  private double greatest(@Nullable View view) {
    return view == null ? 0 : elements(view).greatest();
  }

  /** The factor of an absent addend is not used, whatever it is. */
  private double addend(double factor, @Nullable View view) {
    return view == null ? 0 : Math.abs(factor) * greatest(view);
  }

  /** Allows what rounding does to sums of this many terms whose magnitudes add up to {@code size}. */
  private void allow(@Nullable View view, long terms, double size) {
    if (view != null) {
      bounds.put(view, (_, expected) -> allowed(view.type(), terms, size, expected));
    }
  }

  private static double allowed(DType type, long terms, double size, double expected) {
    double sum = size + Math.abs(expected);
    if (!Double.isFinite(sum)) {
      return Double.isFinite(size) ? 0 : Double.POSITIVE_INFINITY;
    }
    return (CONFIDENCE * Math.sqrt(terms) + OPERATIONS_AROUND) * unitRoundoff(type) * sum
        + 2 * storageRoundoff(type) * Math.abs(expected) + leastNormal(type);
  }

  /** Of the arithmetic behind a result: bfloat16 is a way to store, the sums are float32. */
  private static double unitRoundoff(DType type) {
    return type == DType.F64 ? 0x1p-53 : 0x1p-24;
  }

  private static double storageRoundoff(DType type) {
    return type == DType.BF16 ? 0x1p-8 : unitRoundoff(type);
  }

  /** What lies below may be flushed to zero. */
  private static double leastNormal(DType type) {
    return type == DType.F64 ? Double.MIN_NORMAL : Float.MIN_NORMAL;
  }
}
