package dev.pantograph.tck.rules;

import dev.pantograph.spi.DType;
import dev.pantograph.tck.Outcome;
import dev.pantograph.tck.kernels.KernelCase;

/** A rule about every kernel in every element type. */
public non-sealed interface KernelRule extends Rule {
  /**
   * Looks whether the rule holds.
   *
   * @throws AssertionError if not; says what was found and what was expected
   */
  Outcome check(Subject subject, KernelCase kernel, DType type);

  /** Whether the rule is about what the backend declares that it refuses, too. */
  default boolean coversRefused() {
    return false;
  }
}
