import org.jspecify.annotations.NullMarked;

/** Experiments: coordinate checks, learning-rate sweeps, transfer reports, replays of recorded runs. */
@NullMarked
module dev.pantograph.lab {
  requires transitive dev.pantograph.core;
  requires hipparchus.core;
  requires hipparchus.fitting;
  requires hipparchus.optim;
  requires org.apache.commons.statistics.distribution;
  requires tools.jackson.databind;
  requires tools.jackson.dataformat.yaml;
  requires static org.jspecify;

  exports dev.pantograph.lab.coordcheck;
  exports dev.pantograph.lab.plot;
  exports dev.pantograph.lab.replay;
  exports dev.pantograph.lab.run;
  exports dev.pantograph.lab.scale;
  exports dev.pantograph.lab.sparse;
  exports dev.pantograph.lab.sweep;
  exports dev.pantograph.lab.train;
  exports dev.pantograph.lab.transfer;

  opens dev.pantograph.lab.coordcheck to tools.jackson.databind;
  opens dev.pantograph.lab.replay to tools.jackson.databind;
  opens dev.pantograph.lab.run to tools.jackson.databind;
  opens dev.pantograph.lab.scale to tools.jackson.databind;
  opens dev.pantograph.lab.sparse to tools.jackson.databind;
  opens dev.pantograph.lab.sweep to tools.jackson.databind;
  opens dev.pantograph.lab.train to tools.jackson.databind;
  opens dev.pantograph.lab.transfer to tools.jackson.databind;
}
