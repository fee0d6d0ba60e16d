import org.jspecify.annotations.NullMarked;

/**
 * Tensors, autograd, transformer layers, optimizers, schedules and the rules that carry hyperparameters across scale.
 */
@NullMarked
module dev.pantograph.core {
  requires transitive dev.pantograph.spi;
  requires tools.jackson.databind;
  requires static org.jspecify;

  uses dev.pantograph.spi.BackendProvider;

  exports dev.pantograph.core.autograd;
  exports dev.pantograph.core.backend;
  exports dev.pantograph.core.checkpoint;
  exports dev.pantograph.core.cost;
  exports dev.pantograph.core.data;
  exports dev.pantograph.core.fault;
  exports dev.pantograph.core.kernel;
  exports dev.pantograph.core.nn;
  exports dev.pantograph.core.optim;
  exports dev.pantograph.core.profile;
  exports dev.pantograph.core.scaling;
  exports dev.pantograph.core.schedule;
  exports dev.pantograph.core.sparse;
  exports dev.pantograph.core.tensor;
  exports dev.pantograph.core.trace;
  exports dev.pantograph.core.train;
  exports dev.pantograph.core.validation;

  opens dev.pantograph.core.kernel to tools.jackson.databind;
}
