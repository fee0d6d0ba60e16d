package dev.pantograph.backends.cuda;

import dev.pantograph.spi.BackendOptions;
import java.util.Set;

/**
 * What a user can choose beside device and libraries, when the backend is opened or by system properties {@code
 * pantograph.cuda.NAME}. By default float32 is float32, and nothing depends on timing: the same kernels on the same
 * device leave the same bits.
 *
 * @param tf32 whether float32 factors of products are rounded to 10 bits after the binary point
 * @param roundedBias whether a bias may be rounded to bfloat16 where the result is: the library's fused kernels take no
 *     other beside such a result
 * @param timedSearch whether the library's algorithms for a product are tried before one is taken
 * @param anyOrder whether attention's gradient may be summed in an order that depends on timing, with less memory
 * @param synchronous whether each kernel is waited for: for profiles, and to find the kernel that fails
 */
record CudaSettings(
    boolean tf32, boolean roundedBias, boolean timedSearch, boolean anyOrder, boolean synchronous) {
  private static final String PROPERTIES = "pantograph.cuda.";
  private static final String TF32 = "tf32";
  private static final String ROUNDED_BIAS = "rounded-bias";
  private static final String TIMED_SEARCH = "timed-search";
  private static final String ANY_ORDER = "any-order";
  private static final String SYNCHRONOUS = "synchronous";

  /** All of them. */
  static final Set<String> NAMES = Set.of(TF32, ROUNDED_BIAS, TIMED_SEARCH, ANY_ORDER, SYNCHRONOUS);

  static CudaSettings of(BackendOptions options) {
    return new CudaSettings(flag(options, TF32), flag(options, ROUNDED_BIAS), flag(options, TIMED_SEARCH),
        flag(options, ANY_ORDER), flag(options, SYNCHRONOUS));
  }

  private static boolean flag(BackendOptions options, String name) {
    String setting = options.settings().getOrDefault(name, System.getProperty(PROPERTIES + name, "false"));
    return switch (setting) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("backend '%s': setting %s = '%s' (expected: true or false)"
          .formatted(CudaBackendProvider.ID, name, setting));
    };
  }
}
