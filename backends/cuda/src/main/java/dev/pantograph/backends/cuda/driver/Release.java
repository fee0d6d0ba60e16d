package dev.pantograph.backends.cuda.driver;

import dev.pantograph.backends.cuda.binding.BoundLibrary;

/** Calls that give something back. */
final class Release {
  private Release() {}

  /** Calls; a driver that is itself being torn down, as in shutdown hooks, has nothing left to give back. */
  static void of(
      BoundLibrary<DriverFunction> library, DriverFunction function, BoundLibrary.Call call, Object... arguments) {
    int status = library.status(function, call);
    if (status != DriverStatus.DEINITIALIZED.code()) {
      library.check(function, status, arguments);
    }
  }
}
