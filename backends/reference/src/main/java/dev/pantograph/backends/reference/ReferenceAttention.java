package dev.pantograph.backends.reference;

import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.View;
import org.jspecify.annotations.Nullable;

/** Causal attention and its gradient, one batch element and head after another, each as matrices {@code [T, D]}. */
final class ReferenceAttention {
  private ReferenceAttention() {}

  static void run(Attention kernel) {
    long heads = kernel.out().size(0) * kernel.out().size(1);
    for (long head = 0; head < heads; head++) {
      attend(kernel, head);
    }
  }

  static void run(AttentionGradient kernel) {
    long heads = kernel.dq().size(0) * kernel.dq().size(1);
    for (long head = 0; head < heads; head++) {
      differentiate(kernel, head);
    }
  }

  private static void attend(Attention kernel, long head) {
    int length = Math.toIntExact(kernel.out().size(2));
    long dim = kernel.out().size(3);
    Elements out = Elements.of(kernel.out()).matrix(head);
    Elements logSumExp = Elements.of(kernel.logSumExp());
    Elements q = Elements.of(kernel.q()).matrix(head);
    Elements k = Elements.of(kernel.k()).matrix(head);
    Elements v = Elements.of(kernel.v()).matrix(head);
    double slope = slope(kernel.slopes(), head);
    for (int t = 0; t < length; t++) {
      double[] logits = new double[t + 1];
      for (int s = 0; s <= t; s++) {
        logits[s] = kernel.scale() * dot(q, t, k, s, dim) - slope * (t - s);
      }
      double normalizer = LogSumExp.of(logits);
      double[] weights = new double[t + 1];
      for (int s = 0; s <= t; s++) {
        weights[s] = Math.exp(logits[s] - normalizer);
      }
      for (long d = 0; d < dim; d++) {
        double sum = 0;
        for (int s = 0; s <= t; s++) {
          sum += weights[s] * v.get(s, d);
        }
        out.set(t, d, sum);
      }
      logSumExp.set(head * length + t, normalizer);
    }
  }

  private static void differentiate(AttentionGradient kernel, long head) {
    int length = Math.toIntExact(kernel.dq().size(2));
    int dim = Math.toIntExact(kernel.dq().size(3));
    Elements dOut = Elements.of(kernel.dOut()).matrix(head);
    Elements out = Elements.of(kernel.out()).matrix(head);
    Elements logSumExp = Elements.of(kernel.logSumExp());
    Elements q = Elements.of(kernel.q()).matrix(head);
    Elements k = Elements.of(kernel.k()).matrix(head);
    Elements v = Elements.of(kernel.v()).matrix(head);
    double slope = slope(kernel.slopes(), head);
    double[][] dq = new double[length][dim];
    double[][] dk = new double[length][dim];
    double[][] dv = new double[length][dim];
    for (int t = 0; t < length; t++) {
      double delta = dot(dOut, t, out, t, dim);
      for (int s = 0; s <= t; s++) {
        double logit = kernel.scale() * dot(q, t, k, s, dim) - slope * (t - s);
        double p = Math.exp(logit - logSumExp.get((long) head * length + t));
        double ds = p * (dot(dOut, t, v, s, dim) - delta);
        for (int d = 0; d < dim; d++) {
          dv[s][d] += p * dOut.get(t, d);
          dq[t][d] += kernel.scale() * ds * k.get(s, d);
          dk[s][d] += kernel.scale() * ds * q.get(t, d);
        }
      }
    }
    store(dq, Elements.of(kernel.dq()).matrix(head));
    store(dk, Elements.of(kernel.dk()).matrix(head));
    store(dv, Elements.of(kernel.dv()).matrix(head));
  }

  private static double slope(@Nullable View slopes, long head) {
    return slopes == null ? 0 : Elements.of(slopes).get(head % slopes.size(0));
  }

  private static double dot(Elements x, long i, Elements y, long j, long dim) {
    double sum = 0;
    for (long d = 0; d < dim; d++) {
      sum += x.get(i, d) * y.get(j, d);
    }
    return sum;
  }

  private static void store(double[][] values, Elements out) {
    for (int t = 0; t < values.length; t++) {
      for (int d = 0; d < values[t].length; d++) {
        out.set(t, d, values[t][d]);
      }
    }
  }
}
