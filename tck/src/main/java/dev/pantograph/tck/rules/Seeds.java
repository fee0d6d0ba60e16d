package dev.pantograph.tck.rules;

/** Seeds of the samples of a rule: others for every rule and round, the same in every run. */
final class Seeds {
  private static final int ROUNDS_PER_RULE = 1000;

  private Seeds() {}

  static long of(Rule rule, int round) {
    return (long) rule.number() * ROUNDS_PER_RULE + round;
  }
}
