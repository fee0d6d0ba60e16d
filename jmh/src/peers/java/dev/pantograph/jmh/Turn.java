package dev.pantograph.jmh;

/** One contestant's turn within a round, and the round itself. */
final class Turn {
  /** Longer than the threads of any contestant wait in a loop for more work after its last call. */
  private static final long REST_MILLISECONDS = 60;

  private Turn() {}

  /** Lets the machine come to rest, so that idle threads of the one before take no time from the next. */
  static void rest() {
    try {
      Thread.sleep(REST_MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted between two turns", e);
    }
  }

  /**
   * Time of one call, as the mean over as many calls in a row as take {@code seconds}; one call before them is not
   * counted.
   */
  static double secondsPerCall(Runnable work, double seconds) {
    work.run();
    long start = System.nanoTime();
    long end = start;
    int calls = 0;
    while (end - start < seconds * 1e9) {
      work.run();
      calls++;
      end = System.nanoTime();
    }
    return (end - start) * 1e-9 / calls;
  }

  /** FMA peak of a round, GFLOP/s: the better of one before its turns and one after, for either may be disturbed. */
  static double peakAround(int threads, Runnable turns) {
    try (ThreadTeam team = new ThreadTeam(threads)) {
      double before = FmaPeak.measure(team);
      turns.run();
      return Math.max(before, FmaPeak.measure(team)) * 1e-9;
    }
  }
}
