import org.jspecify.annotations.NullMarked;

/** Results of a CPU backend beside the times a wafer with streamed weights would take. */
@NullMarked
module dev.pantograph.backends.wafer {
  requires dev.pantograph.backends.reference;
  requires dev.pantograph.backends.vector;
  requires dev.pantograph.dataflow;
  requires dev.pantograph.spi;
  requires static org.jspecify;

  provides dev.pantograph.spi.BackendProvider with
      dev.pantograph.backends.wafer.WaferBackendProvider;

  exports dev.pantograph.backends.wafer;
}
