package dev.pantograph.backends.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The ceiling of float32 arithmetic: multiply-adds on registers alone, in more independent chains than one takes cycles,
 * so that none waits for its own result. The best of many short repetitions, since a shared machine only ever slows them.
 */
final class MultiplyAddPeak {
  private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
  private static final int CHAINS = 16;
  private static final int ROUNDS = 20_000;
  private static final int TASKS_PER_THREAD = 8;
  private static final int REPETITIONS = 100;

  private MultiplyAddPeak() {}

  /** FLOP/s of all the pool's threads. */
  static double measure(WorkerPool pool) {
    int tasks = TASKS_PER_THREAD * pool.threads();
    float[] results = new float[tasks];
    long least = Long.MAX_VALUE;
    for (int repetition = 0; repetition < REPETITIONS; repetition++) {
      long start = System.nanoTime();
      pool.run(tasks, (task, worker) -> results[task] = chains());
      least = Math.min(least, System.nanoTime() - start);
    }
    for (float result : results) {
      // Read, so that nothing was computed in vain: each chain runs from 1 towards the fixed point 2 of x/2 + 1.
      if (!(result > CHAINS)) {
        throw new AssertionError("chains of multiply-adds ended at " + result);
      }
    }
    return 2.0 * tasks * ROUNDS * CHAINS * SPECIES.length() / (least * 1e-9);
  }

  private static float chains() {
    FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    FloatVector a0 = one, a1 = one, a2 = one, a3 = one, a4 = one, a5 = one, a6 = one, a7 = one;
    FloatVector b0 = one, b1 = one, b2 = one, b3 = one, b4 = one, b5 = one, b6 = one, b7 = one;
    for (int i = 0; i < ROUNDS; i++) {
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
