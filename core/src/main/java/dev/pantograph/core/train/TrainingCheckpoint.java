package dev.pantograph.core.train;

import dev.pantograph.core.checkpoint.Safetensors;
import dev.pantograph.core.checkpoint.SafetensorsException;
import dev.pantograph.core.checkpoint.SafetensorsSource;
import dev.pantograph.core.checkpoint.SafetensorsType;
import dev.pantograph.core.checkpoint.SafetensorsWriter;
import dev.pantograph.core.nn.Parameter;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.optim.AdamWOptimizer;
import dev.pantograph.core.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * All state of a run in one safetensors file: parameters under their names, masks as {@code <name>.mask}, moments as
 * {@code <name>.firstMoment} and {@code <name>.secondMoment}, and the number of updates as metadata. Multipliers are
 * not in it: they are computed from the model's scaling, so that loading never rescales a weight.
 */
final class TrainingCheckpoint {
  private static final String STEP = "pantograph.step";

  private TrainingCheckpoint() {}

  static void save(Path file, Transformer model, AdamWOptimizer optimizer, long step) {
    SequencedMap<String, SafetensorsSource> sources = new LinkedHashMap<>();
    state(model, optimizer).forEach((name, tensor) ->
        sources.put(name,
            new SafetensorsSource(SafetensorsType.of(tensor.type()), tensor.shape(), () -> download(tensor))));
    SafetensorsWriter.write(file, sources, Map.of(STEP, Long.toString(step)));
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

  private static SequencedMap<String, Tensor> state(Transformer model, AdamWOptimizer optimizer) {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>();
    for (Parameter parameter : model.parameters()) {
      state.put(parameter.name(), parameter.value());
      if (parameter.mask() != null) {
        state.put(parameter.mask().name(), parameter.mask());
      }
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
