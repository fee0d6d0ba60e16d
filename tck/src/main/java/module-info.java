import org.jspecify.annotations.NullMarked;

/** The conformance kit: numbered rules that every backend keeps, over every kernel, against the float64 oracle. */
@NullMarked
module dev.pantograph.tck {
  requires transitive dev.pantograph.spi;
  requires transitive org.junit.jupiter.api;
  requires dev.pantograph.backends.reference;
  requires java.management;
  requires jdk.management;
  requires static transitive org.jspecify;

  uses dev.pantograph.spi.BackendProvider;

  exports dev.pantograph.tck;
}
