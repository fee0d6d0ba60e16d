package dev.pantograph.tck.rules;

import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Shape;
import dev.pantograph.tck.kernels.Instance;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Comparisons that end in an {@link AssertionError} with everything needed to repeat what went wrong. */
final class Findings {
  private Findings() {}

  /** Every result of {@code actual} is what the oracle has, to the accuracy of the sample. */
  static void requireAgreement(String circumstances, Instance actual, Instance expected) {
    requireAgreement(circumstances, actual, expected, (_, _) -> false);
  }

  /** What a rule lets pass though it is not what the oracle has. */
  interface Leniency {
    boolean covers(double found, double wanted);
  }

  /** Every result of {@code actual} is what the oracle has, to the accuracy of the sample, or let pass. */
  static void requireAgreement(String circumstances, Instance actual, Instance expected, Leniency leniency) {
    List<Kernel.Operand> results = actual.written();
    List<Kernel.Operand> references = expected.written();
    for (int i = 0; i < results.size(); i++) {
      Kernel.Operand result = results.get(i);
      DType type = result.view().type();
      double[] found = actual.values(result.view());
      double[] wanted = expected.values(references.get(i).view());
      for (int e = 0; e < found.length; e++) {
        if (!actual.accuracy().agrees(type, found[e], wanted[e]) && !leniency.covers(found[e], wanted[e])) {
          throw new AssertionError("%s: %s%s is %s, expected %s; %s".formatted(circumstances, result.name(),
              place(e, result.view().shape()), found[e], wanted[e], actual.kernel()));
        }
      }
    }
  }

  /** Both runs of one kernel left the same bits in all results. */
  static void requireSameBits(String circumstances, Instance actual, List<double[]> expected) {
    List<double[]> found = actual.results();
    for (int i = 0; i < found.size(); i++) {
      int e = Arrays.mismatch(found.get(i), expected.get(i));
      if (e >= 0) {
        Kernel.Operand result = actual.written().get(i);
        throw new AssertionError("%s: %s%s is %s, expected the same bits as %s; %s".formatted(circumstances,
            result.name(), place(e, result.view().shape()), found.get(i)[e], expected.get(i)[e], actual.kernel()));
      }
    }
  }

  /** Nothing was written. */
  static void requireUntouched(String circumstances, Instance instance, Map<Buffer, byte[]> before) {
    instance.memory().forEach((buffer, bytes) -> {
      int at = Arrays.mismatch(bytes, before.getOrDefault(buffer, bytes));
      if (at >= 0) {
        throw new AssertionError("%s: byte %d of '%s' was written, expected nothing to be; %s"
            .formatted(circumstances, at, buffer.name(), instance.kernel()));
      }
    });
  }

  /** An error says all of this. */
  static void requireText(String circumstances, Throwable error, String... parts) {
    String message = String.valueOf(error.getMessage());
    for (String part : parts) {
      if (!message.contains(part)) {
        throw new AssertionError("%s: the error is '%s', expected it to name '%s'".formatted(circumstances, message,
            part), error);
      }
    }
  }

  /** Runs what must be refused. */
  static <E extends Throwable> E requireRefusal(String circumstances, Class<E> expected, Runnable refused) {
    try {
      refused.run();
    } catch (RuntimeException | Error e) {
      if (expected.isInstance(e)) {
        return expected.cast(e);
      }
      throw new AssertionError("%s: %s, expected %s".formatted(circumstances, e, expected.getSimpleName()), e);
    }
    throw new AssertionError(circumstances + ": went through, expected " + expected.getSimpleName());
  }

  static String place(int element, Shape shape) {
    long[] index = new long[shape.rank()];
    long rest = element;
    for (int d = index.length - 1; d >= 0; d--) {
      index[d] = rest % shape.size(d);
      rest /= shape.size(d);
    }
    return Arrays.toString(index);
  }
}
