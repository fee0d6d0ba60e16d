import org.jspecify.annotations.NullMarked;

/** The embedded default: kernels by the Vector API on a fixed pool of workers. */
@NullMarked
module dev.pantograph.backends.vector {
  requires dev.pantograph.spi;
  requires java.management;
  requires jdk.incubator.vector;
  requires jdk.management;
  requires static org.jspecify;

  provides dev.pantograph.spi.BackendProvider with
      dev.pantograph.backends.vector.VectorBackendProvider;

  exports dev.pantograph.backends.vector;
}
