import org.jspecify.annotations.NullMarked;

/**
 * Shared libraries: how they are found, opened and called. The one module of the native backends that needs
 * {@code --enable-native-access}.
 */
@NullMarked
module dev.pantograph.backends.foreign {
  requires transitive dev.pantograph.spi;
  requires static org.jspecify;

  exports dev.pantograph.backends.foreign;
}
