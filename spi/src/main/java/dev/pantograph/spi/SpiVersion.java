package dev.pantograph.spi;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The version of this package that a {@link BackendProvider} outside Pantograph was compiled against. Write it as
 *
 * <pre>{@code
 * @SpiVersion(SpiVersion.CURRENT)
 * public final class MyBackendProvider implements BackendProvider
 * }</pre>
 *
 * <p>The compiler copies the constant into the class file, so it says what the compiler saw, and it is read from that
 * file before anything of the plugin is loaded. A plugin of another version, or of none, is not loaded.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.CLASS)
public @interface SpiVersion {
  /**
   * The version of this package. It rises with every change that a compiled backend would notice: a kernel more or
   * fewer, another component of a record, another method without a default.
   */
  int CURRENT = 2;

  // No default: it would be looked up here, in the package that is running, and always agree.
  int value();
}
