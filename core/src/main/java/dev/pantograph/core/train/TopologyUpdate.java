package dev.pantograph.core.train;

import dev.pantograph.core.nn.Parameter;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.optim.AdamWOptimizer;
import dev.pantograph.core.sparse.Relayout;
import dev.pantograph.core.sparse.Selection;
import dev.pantograph.core.sparse.StorageChoice;
import dev.pantograph.core.sparse.Topology;
import dev.pantograph.core.sparse.TopologySchedule;
import dev.pantograph.core.sparse.TopologySchedule.Change;
import dev.pantograph.core.sparse.WeightStorage;
import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Philox;
import dev.pantograph.spi.SparseIndices;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Changes a model's topology, with the optimizer's state, on the host: downloads a layer's weights, chooses, and
 * uploads what is there now. The choice depends on seed, name, version of the topology, values and gradients alone.
 */
final class TopologyUpdate {
  private final Transformer model;
  private final AdamWOptimizer optimizer;
  private final TopologySchedule schedule;
  private @Nullable Storage wholeMemory;
  private Map<String, Tensor> wholeGradients = Map.of();

  TopologyUpdate(Transformer model, AdamWOptimizer optimizer, TopologySchedule schedule) {
    this.model = model;
    this.optimizer = optimizer;
    this.schedule = schedule;
  }

  /**
   * Refuses a schedule by which a model's topology cannot change.
   *
   * @throws IllegalArgumentException if it cannot
   */
  static void requireChangeable(Transformer model, TopologySchedule schedule) {
    if (schedule.isStatic()) {
      return;
    }
    String label = schedule.label();
    StorageChoice storage = model.futureStorage();
    if (storage.storage() != WeightStorage.COMPRESSED) {
      throw new IllegalArgumentException("topology '%s': sparse weights are masked, %s (expected: compressed, whose "
          .formatted(label, storage.reason()) + "topology can change); choose a backend with sparse products and set "
          + "storage to compressed");
    }
    double density = model.config().density();
    if (density == 1 && !(schedule instanceof TopologySchedule.GradualPruning)) {
      throw new IllegalArgumentException(
          "topology '%s': the model is dense (expected: a density below 1); set the density to begin with".formatted(
              label));
    }
    if (schedule instanceof TopologySchedule.GradualPruning pruning && pruning.finalDensity() >= density) {
      throw new IllegalArgumentException("topology '%s': finalDensity is %s (expected: below the density %s at the "
          .formatted(label, pruning.finalDensity(), density) + "start); prune to less, or begin with more");
    }
    if (!(schedule instanceof TopologySchedule.SparseToDense) && density < 1
        && !model.config().sparsity().pattern().isUnstructured()) {
      throw new IllegalArgumentException("topology '%s': the pattern is %s (expected: bernoulli or exact); weights "
          .formatted(label, model.config().sparsity().pattern().label()) + "that come and go one by one leave no other");
    }
  }

  /** Whether the change after that many updates chooses by whole gradients, which the step before it must leave. */
  boolean needsWholeGradients(long updates) {
    return schedule.after(updates, model.config().density()) instanceof Change.Regrow regrow && regrow.byGradient();
  }

  /** Makes the passes that follow leave whole gradients. */
  void beginWholeGradients() {
    endWholeGradients();
    Storage memory = new Storage(model.backend());
    Map<String, Tensor> wholes = new LinkedHashMap<>();
    for (Parameter parameter : sparseParameters()) {
      Tensor whole = memory.allocate(parameter.name() + ".wholeGradient", model.type(), parameter.shape());
      model.backend().submit(new Fill(whole.view(), 0));
      wholes.put(parameter.name(), whole);
    }
    wholeMemory = memory;
    wholeGradients = wholes;
    model.gatherWholeGradients(wholes);
  }

  /** Takes the gradients of the weights there are from the whole ones, for the step that was to compute them. */
  void gatherGradients() {
    wholeGradients.forEach((name, whole) -> {
      Parameter parameter = model.parameter(name);
      parameter.gradient().set(
          Relayout.gathered(Objects.requireNonNull(parameter.topology()).indices(), whole.toDoubles()));
    });
  }

  /** Releases whole gradients. */
  void endWholeGradients() {
    model.gatherWholeGradients(Map.of());
    wholeGradients = Map.of();
    if (wholeMemory != null) {
      wholeMemory.close();
      wholeMemory = null;
    }
  }

  /** Whether a change is due after that many updates. */
  boolean isDue(long updates) {
    return schedule.after(updates, model.config().density()) != null;
  }

  /**
   * Makes the change that is due after that many updates.
   *
   * @return whether there was one
   */
  boolean change(long updates) {
    Change change = schedule.after(updates, model.config().density());
    if (change == null) {
      return false;
    }
    // All choices come first, so that one that leaves a row empty leaves the model as it was.
    Map<String, Next> nexts = new LinkedHashMap<>();
    for (Parameter parameter : model.parameters()) {
      if (parameter.topology() != null || change instanceof Change.Prune && parameter.role().isHiddenWeight()) {
        nexts.put(parameter.name(), next(parameter, change));
      }
    }
    endWholeGradients();
    Map<String, Relayout> changes = new LinkedHashMap<>();
    nexts.forEach((name, next) -> changes.put(name,
        model.replaceTopology(name, next.indices(), next.density(), next.version())));
    optimizer.follow(changes);
    return true;
  }

  /** What a layer's topology becomes; without indices, all weights are there. */
  private record Next(@Nullable SparseIndices indices, double density, long version) {}

  private Next next(Parameter parameter, Change change) {
    Topology topology = parameter.topology();
    long version = topology == null ? 1 : topology.version() + 1;
    return switch (change) {
      case Change.Densify() -> new Next(null, 1, version);
      case Change.Prune prune -> {
        double density = density(parameter, prune);
        int count = (int) Math.min(Math.max(1, Math.round(density * parameter.shape().elements())),
            parameter.value().shape().elements());
        SparseIndices pruned = Selection.largest(indices(parameter), parameter.effectiveWeights(), count);
        yield checked(parameter, pruned, density, version);
      }
      case Change.Regrow regrow -> {
        SparseIndices regrown = Selection.regrown(indices(parameter), parameter.effectiveWeights(), regrow.fraction(),
            regrow.byGradient()
                ? Selection.byGradient(Objects.requireNonNull(wholeGradients.get(parameter.name())).toDoubles())
                : place -> randomKey(parameter, version, place));
        yield checked(parameter, regrown, parameter.density(), version);
      }
    };
  }

  private Next checked(Parameter parameter, SparseIndices indices, double density, long version) {
    model.requireWeightInEveryRow(parameter.name(), indices, density);
    return new Next(indices, density, version);
  }

  private double density(Parameter parameter, Change.Prune prune) {
    double initial = model.initialDensity(parameter.role());
    double end = model.config().layerDensity(parameter.role(), prune.finalDensity());
    return (1 - prune.progress()) * initial + prune.progress() * end;
  }

  private int randomKey(Parameter parameter, long version, int place) {
    return (int) Philox.word(model.seed(), Transformer.stream(parameter.name() + ".growth"),
        version * parameter.shape().elements() + place);
  }

  private static SparseIndices indices(Parameter parameter) {
    Topology topology = parameter.topology();
    return topology != null ? topology.indices() : Selection.everywhere(
        Math.toIntExact(parameter.shape().size(0)), Math.toIntExact(parameter.shape().size(1)));
  }

  private List<Parameter> sparseParameters() {
    return model.parameters().stream().filter(parameter -> parameter.topology() != null).toList();
  }
}
