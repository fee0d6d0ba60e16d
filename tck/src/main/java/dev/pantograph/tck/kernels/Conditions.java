package dev.pantograph.tck.kernels;

import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import org.jspecify.annotations.Nullable;

/**
 * Under which circumstances a kernel is run.
 *
 * @param strided operands lie in any arrangement the kernel's contract allows, else they are contiguous
 * @param inPlace results replace operands where the contract allows it
 * @param results what written memory holds before
 * @param accumulators what memory that is added to holds before
 * @param special a value put into some elements of one operand; or none
 * @param specialOperand which of the floating-point inputs gets it, in order of their creation
 * @param badToken a token index outside the vocabulary is among the indices
 * @param overlap two operands made to share memory; or none
 * @param far a buffer at whose far end all operands lie; or none
 */
public record Conditions(
    boolean strided, boolean inPlace, Content results, Content accumulators, @Nullable Special special,
    int specialOperand, boolean badToken, @Nullable Overlap overlap, @Nullable Buffer far) {

  /** Contiguous, apart, with zeros where results will be. */
  public static final Conditions PLAIN =
      new Conditions(false, false, Content.ZEROS, Content.ZEROS, null, -1, false, null, null);

  /** What memory holds before a kernel writes it. */
  public enum Content {
    ZEROS,
    /** Numbers of the size of operands. */
    NUMBERS,
    NAN,
    /** Great numbers of either sign. */
    GARBAGE
  }

  /** Two operands, by name, that overlap although the contract forbids it. */
  public record Overlap(String written, String other) {}

  public Conditions withStrides() {
    return new Conditions(true, inPlace, results, accumulators, special, specialOperand, badToken, overlap, far);
  }

  /** Results replace operands, or not. */
  public Conditions withInPlace(boolean replaced) {
    return new Conditions(strided, replaced, results, accumulators, special, specialOperand, badToken, overlap, far);
  }

  public Conditions withResults(Content content) {
    return new Conditions(strided, inPlace, content, accumulators, special, specialOperand, badToken, overlap, far);
  }

  public Conditions withAccumulators(Content content) {
    return new Conditions(strided, inPlace, results, content, special, specialOperand, badToken, overlap, far);
  }

  public Conditions withSpecial(Special value, int operand) {
    return new Conditions(strided, inPlace, results, accumulators, value, operand, badToken, overlap, far);
  }

  public Conditions withBadToken() {
    return new Conditions(strided, inPlace, results, accumulators, special, specialOperand, true, overlap, far);
  }

  public Conditions withOverlap(Overlap shared) {
    return new Conditions(strided, inPlace, results, accumulators, special, specialOperand, badToken, shared, far);
  }

  public Conditions withFar(Buffer buffer) {
    return new Conditions(strided, inPlace, results, accumulators, special, specialOperand, badToken, overlap, buffer);
  }

  /** Size of a buffer with room for operands beyond 2³¹ elements of a type. */
  public static long farBytes(DType type) {
    return (1L << 31) * type.bytes() + Operands.FAR_END;
  }
}
