package dev.pantograph.jmh;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The ceiling of float32 arithmetic: fused multiply-adds on registers alone, sixteen independent chains so that none
 * waits for its own latency. A backend's own measure would do the same, but a change to its threads or its vectors
 * would then move the ceiling along with the kernels under it, and the gate would see nothing.
 */
final class FmaPeak {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int CHAINS = 16;
  private static final int ROUNDS = 1_000_000;
  private static final int REPETITIONS = 12;

  private FmaPeak() {}

  /** FLOP/s of the best repetition, on all threads of the team at once. */
  static double measure(ThreadTeam team) {
    float[] sums = new float[team.threads()];
    double best = 0;
    for (int repetition = 0; repetition < REPETITIONS; repetition++) {
      double seconds = team.seconds(thread -> sums[thread] = chains(ROUNDS));
      best = Math.max(best, 2.0 * team.threads() * CHAINS * SPECIES.length() * ROUNDS / seconds);
    }
    for (float sum : sums) {
      if (Float.isNaN(sum)) {
        throw new IllegalStateException("the chains must converge");
      }
    }
    return best;
  }

  private static float chains(int rounds) {
    FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    FloatVector a0 = one, a1 = one, a2 = one, a3 = one, a4 = one, a5 = one, a6 = one, a7 = one;
    FloatVector b0 = one, b1 = one, b2 = one, b3 = one, b4 = one, b5 = one, b6 = one, b7 = one;
    for (int i = 0; i < rounds; i++) {
      a0 = a0.fma(half, one);
      a1 = a1.fma(half, one);
      a2 = a2.fma(half, one);
      a3 = a3.fma(half, one);
      a4 = a4.fma(half, one);
      a5 = a5.fma(half, one);
      a6 = a6.fma(half, one);
      a7 = a7.fma(half, one);
      b0 = b0.fma(half, one);
      b1 = b1.fma(half, one);
      b2 = b2.fma(half, one);
      b3 = b3.fma(half, one);
      b4 = b4.fma(half, one);
      b5 = b5.fma(half, one);
      b6 = b6.fma(half, one);
      b7 = b7.fma(half, one);
    }
    FloatVector sum = a0.add(a1).add(a2).add(a3).add(a4).add(a5).add(a6).add(a7)
        .add(b0).add(b1).add(b2).add(b3).add(b4).add(b5).add(b6).add(b7);
    return sum.lane(0);
  }
}
