package dev.pantograph.core.validation;

import java.util.Arrays;

/**
 * A result that differs from the oracle's by more than rounding explains.
 *
 * @param step training step, or {@link #NO_STEP}
 * @param number of the kernel within the step, or of all, from 0
 * @param kernel what it computes and in what sizes
 * @param operand name of the result in the kernel's formula
 * @param buffer what the result's memory is for
 * @param others the kernel's other operands, each with what its memory is for: which layer it was
 * @param index of the worst element, one number for each dimension
 * @param difference the worst element and how many are wrong
 */
public record Divergence(
    long step, long number, String kernel, String operand, String buffer, String others, long[] index,
    Difference difference) {
  /** No step was named. */
  public static final long NO_STEP = -1;

  @Override
  public String toString() {
    return "%skernel %d, %s: %s%s in '%s' is %s, expected %s ± %.1e; it is off by %s. Wrong: %d of %d elements. %s"
        .formatted(step == NO_STEP ? "" : "step %d, ".formatted(step), number, kernel, operand, Arrays.toString(index),
            buffer, difference.actual(), difference.expected(), difference.allowed(), difference.error(),
            difference.wrong(), difference.elements(), others);
  }
}
