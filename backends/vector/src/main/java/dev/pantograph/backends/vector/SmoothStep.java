package dev.pantograph.backends.vector;

import static jdk.incubator.vector.VectorOperators.GT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A function that goes from 0 to 1, point-symmetric about (0, ½): {@code f(x) = ½ + x·P(x²)/Q(x²)} while |x| is below an
 * end, 0 and 1 beyond. The coefficients are of least greatest error, found by Lawson's reweighting of the linearised
 * quotient, and the errors given are those of float32 arithmetic.
 *
 * <p>Such functions saturate, which quotients do too: one takes half the operations of an exponential followed by a
 * polynomial or a division. The price is that a value close to 0 has the absolute error of one close to ½.
 */
final class SmoothStep {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final int SIGN = 1 << 31;
  private static final int HALF = Float.floatToRawIntBits(0.5f);

  /** Φ(x), the normal distribution function, to 1.5·10⁻⁷. */
  static final SmoothStep NORMAL = new SmoothStep(5.4f,
      new float[] {0.3989422917366028f, 0.032632578164339066f, 0.004787796642631292f, 0.0001686417090240866f,
        8.309709301101975e-06f, 5.084151766254763e-08f, -7.0203926005874e-11f},
      new float[] {0.24846449494361877f, 0.028411777690052986f, 0.0019228110322728753f, 8.099748083623126e-05f,
        1.947902546817204e-06f});

  /** {@code (x·Φ(x))′ = Φ(x) + x·φ(x)} with the normal density φ, to 2.7·10⁻⁷. */
  static final SmoothStep NORMAL_SLOPE = new SmoothStep(5.9f,
      new float[] {0.7978852987289429f, -0.03120352141559124f, 0.014222499914467335f, 1.669561788730789e-05f,
        3.566049781511538e-05f, 1.8478674235211656e-07f, 3.04687941543591e-11f},
      new float[] {0.2942332625389099f, 0.04088463634252548f, 0.0035064113326370716f, 0.00019085548410657793f,
        8.790344509179704e-06f});

  /** {@code τ(x) = ½·(1 + tanh(√(2/π)·(x + 0.044715·x³)))}, to 1.9·10⁻⁷. */
  static final SmoothStep TANH = new SmoothStep(5,
      new float[] {0.3989422917366028f, 0.027199823409318924f, 0.003196784295141697f, 9.752940968610346e-05f,
        4.530003025138285e-06f, -1.563026863493633e-08f, 1.2684782391136906e-10f},
      new float[] {0.23567166924476624f, 0.021914111450314522f, 0.001004821271635592f, 5.7984339946415275e-05f,
        3.633455492035864e-07f});

  /** {@code (x·τ(x))′}, to 2.7·10⁻⁷. */
  static final SmoothStep TANH_SLOPE = new SmoothStep(5.4f,
      new float[] {0.7978851795196533f, -0.04755009710788727f, 0.013299480080604553f, -0.00026733370032161474f,
        2.8873997507616878e-05f, -5.105889044898504e-08f, 1.0533852679017741e-09f},
      new float[] {0.2753942906856537f, 0.03219147399067879f, 0.0018013020744547248f, 0.00011591514339670539f,
        4.750033895106753e-06f});

  /** {@code σ(x) = 1/(1 + e^{−x})}, to 1.6·10⁻⁷. */
  static final SmoothStep LOGISTIC = new SmoothStep(17.4f,
      new float[] {0.25f, 0.008935150690376759f, 7.335351983783767e-05f, 1.9449055344011867e-07f,
        1.604827937207176e-10f, 2.2598222392759132e-14f, -1.2885385312529475e-18f},
      new float[] {0.11907393485307693f, 0.0018829088658094406f, 8.658189472043887e-06f, 1.3131304932301191e-08f,
        5.226535350344452e-12f});

  private final float endSquared;
  private final float p0;
  private final float p1;
  private final float p2;
  private final float p3;
  private final float p4;
  private final float p5;
  private final float p6;
  private final float q1;
  private final float q2;
  private final float q3;
  private final float q4;
  private final float q5;

  /** P from its constant on; Q, whose constant is 1, from its linear term on. */
  private SmoothStep(float end, float[] p, float[] q) {
    endSquared = end * end;
    p0 = p[0];
    p1 = p[1];
    p2 = p[2];
    p3 = p[3];
    p4 = p[4];
    p5 = p[5];
    p6 = p[6];
    q1 = q[0];
    q2 = q[1];
    q3 = q[2];
    q4 = q[3];
    q5 = q[4];
  }

  /**
   * f(x). A vector that crosses a real call costs an allocation, and the compiler stops inlining methods of our own,
   * though not those of the Vector API, once a compilation is large (decision 010): so this method calls none, and is
   * for kernels that do little else. Others have {@link #apply}.
   */
  FloatVector at(FloatVector x) {
    FloatVector s = x.mul(x);
    FloatVector p = FloatVector.broadcast(F, p6).fma(s, FloatVector.broadcast(F, p5))
        .fma(s, FloatVector.broadcast(F, p4)).fma(s, FloatVector.broadcast(F, p3))
        .fma(s, FloatVector.broadcast(F, p2)).fma(s, FloatVector.broadcast(F, p1))
        .fma(s, FloatVector.broadcast(F, p0));
    FloatVector q = FloatVector.broadcast(F, q5).fma(s, FloatVector.broadcast(F, q4))
        .fma(s, FloatVector.broadcast(F, q3)).fma(s, FloatVector.broadcast(F, q2))
        .fma(s, FloatVector.broadcast(F, q1)).fma(s, FloatVector.broadcast(F, 1));
    FloatVector half = x.reinterpretAsInts().and(SIGN).or(HALF).reinterpretAsFloats();
    return p.mul(x).div(q).blend(half, s.compare(GT, endSquared)).add(0.5f);
  }

  /**
   * {@code y[i] = f(x[i])} for the first {@code count}, in whole vectors: what fills the last one up is written too. It
   * is {@link #at} written out, for callers so large that a vector as argument would become an object.
   */
  void apply(float[] x, float[] y, int count) {
    for (int i = 0; i < count; i += F.length()) {
      FloatVector v = FloatVector.fromArray(F, x, i);
      FloatVector s = v.mul(v);
      FloatVector p = FloatVector.broadcast(F, p6).fma(s, FloatVector.broadcast(F, p5))
          .fma(s, FloatVector.broadcast(F, p4)).fma(s, FloatVector.broadcast(F, p3))
          .fma(s, FloatVector.broadcast(F, p2)).fma(s, FloatVector.broadcast(F, p1))
          .fma(s, FloatVector.broadcast(F, p0));
      FloatVector q = FloatVector.broadcast(F, q5).fma(s, FloatVector.broadcast(F, q4))
          .fma(s, FloatVector.broadcast(F, q3)).fma(s, FloatVector.broadcast(F, q2))
          .fma(s, FloatVector.broadcast(F, q1)).fma(s, FloatVector.broadcast(F, 1));
      FloatVector half = v.reinterpretAsInts().and(SIGN).or(HALF).reinterpretAsFloats();
      p.mul(v).div(q).blend(half, s.compare(GT, endSquared)).add(0.5f).intoArray(y, i);
    }
  }
}
