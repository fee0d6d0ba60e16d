package dev.pantograph.backends.cuda.binding;

import dev.pantograph.backends.foreign.SharedLibrary;
import java.lang.invoke.MethodHandle;

/** Links functions as the tables describe them; {@code -Pjextract} has another class in place of this one. */
final class Linkage {
  private Linkage() {}

  /** See {@link ForeignFunction#handle}. */
  static MethodHandle handle(ForeignFunction function) {
    return SharedLibrary.downcall(function.signature().descriptor());
  }
}
