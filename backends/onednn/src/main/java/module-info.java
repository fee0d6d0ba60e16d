import org.jspecify.annotations.NullMarked;

/** Matrix products in float32 and bfloat16 by oneDNN; all else by the Vector API. */
@NullMarked
module dev.pantograph.backends.onednn {
  requires dev.pantograph.backends.foreign;
  requires dev.pantograph.backends.vector;
  requires dev.pantograph.spi;
  requires static org.jspecify;

  provides dev.pantograph.spi.BackendProvider with
      dev.pantograph.backends.onednn.OneDnnBackendProvider;

  exports dev.pantograph.backends.onednn;
}
