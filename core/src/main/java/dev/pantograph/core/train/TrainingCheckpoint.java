package dev.pantograph.core.train;

import dev.pantograph.core.checkpoint.Safetensors;
import dev.pantograph.core.checkpoint.SafetensorsException;
import dev.pantograph.core.checkpoint.SafetensorsSource;
import dev.pantograph.core.checkpoint.SafetensorsType;
import dev.pantograph.core.checkpoint.SafetensorsWriter;
import dev.pantograph.core.nn.Parameter;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.optim.AdamWOptimizer;
import dev.pantograph.core.sparse.Topology;
import dev.pantograph.core.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * All state of a run in one safetensors file: parameters under their names, moments as {@code <name>.firstMoment} and
 * {@code <name>.secondMoment}, and the number of updates as metadata. Multipliers are not in it: they are computed from
 * the model's scaling, so that loading never rescales a weight.
 *
 * <p>A masked parameter has its mask as {@code <name>.mask}. Of a compressed one there are the values alone, {@code
 * [nonZeros]}; where they belong is in {@code <name>.rowOffsets} and {@code <name>.columnIndices}, as compressed sparse
 * rows, with the version of its topology as metadata. A pattern is not restored but compared: a function of seed, name
 * and density, it is the model's already, or the file is another model's.
 */
final class TrainingCheckpoint {
  private static final String STEP = "pantograph.step";
  private static final String TOPOLOGY_VERSION = ".topologyVersion";

  private TrainingCheckpoint() {}

  static void save(Path file, Transformer model, AdamWOptimizer optimizer, long step) {
    SequencedMap<String, SafetensorsSource> sources = new LinkedHashMap<>();
    patterns(model).forEach((name, tensor) -> sources.put(name, source(tensor)));
    state(model, optimizer).forEach((name, tensor) -> sources.put(name, source(tensor)));
    Map<String, String> metadata = new LinkedHashMap<>(Map.of(STEP, Long.toString(step)));
    for (Parameter parameter : model.parameters()) {
      Topology topology = parameter.topology();
      if (topology != null) {
        metadata.put(parameter.name() + TOPOLOGY_VERSION, Long.toString(topology.version()));
      }
    }
    SafetensorsWriter.write(file, sources, metadata);
  }

  private static SafetensorsSource source(Tensor tensor) {
    return new SafetensorsSource(SafetensorsType.of(tensor.type()), tensor.shape(), () -> download(tensor));
  }

  /** Restores model and optimizer; returns the step to go on with. */
  static long restore(Path file, Transformer model, AdamWOptimizer optimizer) {
    try (Safetensors saved = Safetensors.open(file)) {
      String step = saved.metadata().get(STEP);
      if (step == null) {
        throw new SafetensorsException("%s: its metadata lacks '%s'; it was not saved by a training run"
            .formatted(file, STEP));
      }
      SequencedMap<String, Tensor> state = state(model, optimizer);
      // All checks come first, so that a checkpoint of another model leaves this one as it was.
      requireSamePatterns(file, saved, model);
      state.forEach((name, tensor) -> {
        if (!saved.tensor(name).shape().equals(tensor.shape())
            || saved.tensor(name).type() != SafetensorsType.of(tensor.type())) {
          throw new SafetensorsException("%s: '%s' is %s%s, the model needs %s%s; it was saved by another model"
              .formatted(file,
              name, saved.tensor(name).type(), saved.tensor(name).shape(), tensor.type(), tensor.shape()));
        }
      });
      state.forEach((name, tensor) -> tensor.upload(saved.tensor(name).data()));
      long updates = Long.parseLong(step);
      optimizer.resumeAfter(updates);
      return updates;
    }
  }

  private static void requireSamePatterns(Path file, Safetensors saved, Transformer model) {
    for (Parameter parameter : model.parameters()) {
      boolean compressed = saved.metadata().containsKey(parameter.name() + TOPOLOGY_VERSION);
      boolean masked = saved.tensors().containsKey(parameter.name() + ".mask");
      if (compressed != (parameter.topology() != null) || masked != (parameter.mask() != null)) {
        throw new SafetensorsException(
            "%s: '%s' is %s, the model needs it %s; set density and storage of the sparse weights as they were saved"
                .formatted(file, parameter.name(), held(compressed, masked),
                    held(parameter.topology() != null, parameter.mask() != null)));
      }
    }
    patterns(model).forEach((name, tensor) -> {
      if (saved.tensor(name).data().mismatch(download(tensor)) != -1) {
        throw new SafetensorsException(("%s: '%s' holds another pattern than the model's, %s against %s; set seed, "
            + "density and pattern as they were saved").formatted(file, name, saved.tensor(name).shape(),
            tensor.shape()));
      }
    });
  }

  private static String held(boolean compressed, boolean masked) {
    return compressed ? "compressed" : masked ? "masked" : "dense";
  }

  /** What tells which weights there are: masks, and the indices of compressed weights. */
  private static SequencedMap<String, Tensor> patterns(Transformer model) {
    SequencedMap<String, Tensor> patterns = new LinkedHashMap<>();
    for (Parameter parameter : model.parameters()) {
      Topology topology = parameter.topology();
      if (parameter.mask() != null) {
        patterns.put(parameter.mask().name(), parameter.mask());
      }
      if (topology != null) {
        patterns.put(parameter.name() + ".rowOffsets", topology.memory().with(topology.pattern().rowOffsets()));
        patterns.put(parameter.name() + ".columnIndices", topology.memory().with(topology.pattern().columnIndices()));
      }
    }
    return patterns;
  }

  private static SequencedMap<String, Tensor> state(Transformer model, AdamWOptimizer optimizer) {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>();
    for (Parameter parameter : model.parameters()) {
      state.put(parameter.name(), parameter.value());
    }
    state.putAll(optimizer.moments());
    return state;
  }

  private static MemorySegment download(Tensor tensor) {
    MemorySegment host = MemorySegment.ofArray(new byte[Math.toIntExact(tensor.view().bytes())]);
    tensor.download(host);
    return host;
  }
}
