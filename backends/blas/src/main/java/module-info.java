import org.jspecify.annotations.NullMarked;

/** Matrix products by whatever CBLAS the machine has; all else by the Vector API. */
@NullMarked
module dev.pantograph.backends.blas {
  requires dev.pantograph.backends.foreign;
  requires dev.pantograph.backends.vector;
  requires dev.pantograph.spi;
  requires static org.jspecify;

  provides dev.pantograph.spi.BackendProvider with
      dev.pantograph.backends.blas.BlasBackendProvider;

  exports dev.pantograph.backends.blas;
}
