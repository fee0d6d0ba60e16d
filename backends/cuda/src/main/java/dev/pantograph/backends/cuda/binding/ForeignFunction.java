package dev.pantograph.backends.cuda.binding;

import java.lang.invoke.MethodHandle;

/** A row of the table of one library's functions: each table is an enumeration. */
public interface ForeignFunction {
  Signature signature();

  /** See {@link Signature#handle}. */
  default MethodHandle handle() {
    return signature().handle();
  }
}
