import org.jspecify.annotations.NullMarked;

/** The time of matrix products on a wafer to which the weights are streamed: a described device and formulas. */
@NullMarked
module dev.pantograph.dataflow {
  requires transitive dev.pantograph.spi;
  requires tools.jackson.databind;
  requires tools.jackson.dataformat.yaml;
  requires static org.jspecify;

  exports dev.pantograph.dataflow;

  opens dev.pantograph.dataflow to tools.jackson.databind;
}
