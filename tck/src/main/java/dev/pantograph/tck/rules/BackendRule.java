package dev.pantograph.tck.rules;

import dev.pantograph.tck.Outcome;

/** A rule about a backend as a whole. */
public non-sealed interface BackendRule extends Rule {
  /**
   * Looks whether the rule holds.
   *
   * @throws AssertionError if not; says what was found and what was expected
   */
  Outcome check(Subject subject);
}
