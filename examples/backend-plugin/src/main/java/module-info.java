/** A backend for Pantograph: matrix products by plain loops on several threads. */
module org.example.loops {
  requires dev.pantograph.spi;
  requires dev.pantograph.backends.reference;

  provides dev.pantograph.spi.BackendProvider with org.example.loops.LoopsProvider;
}
