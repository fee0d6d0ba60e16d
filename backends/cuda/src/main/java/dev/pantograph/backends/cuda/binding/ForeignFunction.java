package dev.pantograph.backends.cuda.binding;

import java.lang.invoke.MethodHandle;

/** A row of the table of one library's functions: each table is an enumeration. */
public interface ForeignFunction {
  Signature signature();

  /** A handle that takes the function's address first: for a static final field, from which calls are compiled in. */
  default MethodHandle handle() {
    return Linkage.handle(this);
  }
}
