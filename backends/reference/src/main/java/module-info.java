import org.jspecify.annotations.NullMarked;

/** The oracle: every kernel as its formula, scalar, in float64. */
@NullMarked
module dev.pantograph.backends.reference {
  requires dev.pantograph.spi;
  requires static org.jspecify;

  provides dev.pantograph.spi.BackendProvider with
      dev.pantograph.backends.reference.ReferenceBackendProvider;

  exports dev.pantograph.backends.reference;
}
