import org.jspecify.annotations.NullMarked;

/** What a backend implements: kernels, buffers and the provider through which it is found. */
@NullMarked
module dev.pantograph.spi {
  requires static transitive org.jspecify;

  exports dev.pantograph.spi;
}
