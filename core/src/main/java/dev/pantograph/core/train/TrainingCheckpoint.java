package dev.pantograph.core.train;

import dev.pantograph.core.checkpoint.Safetensors;
import dev.pantograph.core.checkpoint.SafetensorsException;
import dev.pantograph.core.checkpoint.SafetensorsSource;
import dev.pantograph.core.checkpoint.SafetensorsTensor;
import dev.pantograph.core.checkpoint.SafetensorsType;
import dev.pantograph.core.checkpoint.SafetensorsWriter;
import dev.pantograph.core.nn.Parameter;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.optim.AdamWOptimizer;
import dev.pantograph.core.sparse.Relayout;
import dev.pantograph.core.sparse.Topology;
import dev.pantograph.core.sparse.TopologySchedule;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SparseIndices;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All state of a run in one safetensors file: parameters under their names, moments as {@code <name>.firstMoment} and
 * {@code <name>.secondMoment}, and the number of updates as metadata. Multipliers are not in it: they are computed from
 * the model's scaling, so that loading never rescales a weight.
 *
 * <p>A masked parameter has its mask as {@code <name>.mask}. Of a compressed one there are the values alone, {@code
 * [nonZeros]}; where they belong is in {@code <name>.rowOffsets} and {@code <name>.columnIndices}, as compressed sparse
 * rows, with the version of its topology and its density as metadata. A pattern that never changed is not restored but
 * compared: a function of seed, name and density, it is the model's already, or the file is another model's. One that
 * did change becomes the model's, if the run that goes on may change it too.
 */
final class TrainingCheckpoint {
  private static final String STEP = "pantograph.step";
  private static final String TOPOLOGY_VERSION = ".topologyVersion";
  private static final String DENSITY = ".density";
  private static final String MASK = ".mask";
  private static final String ROW_OFFSETS = ".rowOffsets";
  private static final String COLUMN_INDICES = ".columnIndices";

  private TrainingCheckpoint() {}

  static void save(Path file, Transformer model, AdamWOptimizer optimizer, long step) {
    SequencedMap<String, SafetensorsSource> sources = new LinkedHashMap<>();
    model.parameters().forEach(parameter ->
        patterns(parameter).forEach((name, tensor) -> sources.put(name, source(tensor))));
    state(model, optimizer).forEach((name, tensor) -> sources.put(name, source(tensor)));
    Map<String, String> metadata = new LinkedHashMap<>(Map.of(STEP, Long.toString(step)));
    for (Parameter parameter : model.parameters()) {
      Topology topology = parameter.topology();
      if (topology != null) {
        metadata.put(parameter.name() + TOPOLOGY_VERSION, Long.toString(topology.version()));
        metadata.put(parameter.name() + DENSITY, Double.toString(parameter.density()));
      }
    }
    SafetensorsWriter.write(file, sources, metadata);
  }

  private static SafetensorsSource source(Tensor tensor) {
    return new SafetensorsSource(SafetensorsType.of(tensor.type()), tensor.shape(), () -> download(tensor));
  }

  /** Which weights of a parameter there are, where that is not as in the model; without indices, all. */
  private record Layout(@Nullable SparseIndices indices, double density, long version) {}

  /**
   * Restores model and optimizer; returns the step to go on with.
   *
   * @param schedule by which the topology may have changed before the file was saved
   */
  static long restore(Path file, Transformer model, AdamWOptimizer optimizer, TopologySchedule schedule) {
    try (Safetensors saved = Safetensors.open(file)) {
      String step = saved.metadata().get(STEP);
      if (step == null) {
        throw new SafetensorsException("%s: its metadata lacks '%s'; it was not saved by a training run"
            .formatted(file, STEP));
      }
      // All checks come first, so that a checkpoint of another model leaves this one as it was.
      Map<String, Layout> layouts = new LinkedHashMap<>();
      if (schedule.isStatic()) {
        requireSamePatterns(file, saved, model);
      } else {
        layouts.putAll(layouts(file, saved, model));
      }
      for (Parameter parameter : model.parameters()) {
        Layout layout = layouts.get(parameter.name());
        Shape shape = layout == null ? parameter.value().shape()
            : layout.indices() == null ? parameter.shape() : Shape.of(layout.indices().nonZeros());
        for (String suffix : List.of("", ".firstMoment", ".secondMoment")) {
          requireSize(file, saved, parameter.name() + suffix, parameter.value().type(), shape);
        }
      }
      Map<String, Relayout> changes = new LinkedHashMap<>();
      layouts.forEach((name, layout) -> changes.put(name,
          model.replaceTopology(name, layout.indices(), layout.density(), layout.version())));
      if (!changes.isEmpty()) {
        optimizer.follow(changes);
      }
      state(model, optimizer).forEach((name, tensor) -> tensor.upload(saved.tensor(name).data()));
      long updates = Long.parseLong(step);
      optimizer.resumeAfter(updates);
      return updates;
    }
  }

  /** Gives a model the weights of a checkpoint, zero where the checkpoint has none. */
  static void load(Path file, Transformer model) {
    try (Safetensors saved = Safetensors.open(file)) {
      Map<String, double[]> values = new LinkedHashMap<>();
      for (Parameter parameter : model.parameters()) {
        values.put(parameter.name(), values(file, saved, parameter));
      }
      values.forEach((name, numbers) -> model.parameter(name).value().set(numbers));
    }
  }

  private static double[] values(Path file, Safetensors saved, Parameter parameter) {
    String name = parameter.name();
    SparseIndices indices = indices(file, saved, parameter);
    if (parameter.topology() != null || parameter.mask() != null) {
      requireSamePattern(file, saved, parameter);
    }
    requireSize(file, saved, name, parameter.value().type(),
        indices == null ? parameter.shape() : Shape.of(indices.nonZeros()));
    double[] values = doubles(saved, name);
    if (parameter.topology() != null || parameter.mask() != null) {
      return values;
    }
    if (saved.tensors().containsKey(name + MASK)) {
      double[] mask = doubles(saved, name + MASK);
      for (int i = 0; i < mask.length; i++) {
        values[i] *= mask[i];
      }
    }
    return indices == null ? values : Relayout.scattered(indices, values);
  }

  private static double[] doubles(Safetensors saved, String name) {
    SafetensorsTensor tensor = saved.tensor(name);
    if (tensor.type() == SafetensorsType.F64) {
      return tensor.data().toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED);
    }
    float[] floats = saved.floats(name);
    double[] values = new double[floats.length];
    Arrays.setAll(values, i -> floats[i]);
    return values;
  }

  private static void requireSize(Path file, Safetensors saved, String name, DType type, Shape shape) {
    SafetensorsTensor tensor = saved.tensor(name);
    if (!tensor.shape().equals(shape) || tensor.type() != SafetensorsType.of(type)) {
      throw new SafetensorsException("%s: '%s' is %s%s, the model needs %s%s; it was saved by another model"
          .formatted(file, name, tensor.type(), tensor.shape(), type, shape));
    }
  }

  /** The layouts of a file that are not the model's. */
  private static Map<String, Layout> layouts(Path file, Safetensors saved, Transformer model) {
    Map<String, Layout> layouts = new LinkedHashMap<>();
    for (Parameter parameter : model.parameters()) {
      if (!parameter.role().isHiddenWeight()) {
        continue;
      }
      SparseIndices indices = indices(file, saved, parameter);
      Topology topology = parameter.topology();
      long version = number(file, saved, parameter.name() + TOPOLOGY_VERSION, Long::parseLong, 0L);
      if (indices != null && version == 0 && topology != null && topology.version() == 0) {
        requireSamePattern(file, saved, parameter);
      } else if (indices != null || topology != null) {
        layouts.put(parameter.name(), new Layout(indices,
            indices == null ? 1 : number(file, saved, parameter.name() + DENSITY, Double::parseDouble, 1.0), version));
      }
    }
    return layouts;
  }

  private static <T> T number(Path file, Safetensors saved, String key, Function<String, T> parser, T absent) {
    String text = saved.metadata().get(key);
    try {
      return text == null ? absent : parser.apply(text);
    } catch (NumberFormatException e) {
      throw new SafetensorsException("%s: metadata '%s' is '%s' (expected: a number); the file is damaged, take another"
          .formatted(file, key, text), e);
    }
  }

  /** The indices of a compressed weight, checked; null if it is not compressed. */
  private static @Nullable SparseIndices indices(Path file, Safetensors saved, Parameter parameter) {
    String name = parameter.name();
    if (!saved.tensors().containsKey(name + ROW_OFFSETS)) {
      return null;
    }
    try {
      return SparseIndices.of(Math.toIntExact(parameter.shape().size(0)), Math.toIntExact(parameter.shape().size(1)),
          saved.tensor(name + ROW_OFFSETS).data().toArray(ValueLayout.JAVA_INT_UNALIGNED),
          saved.tensor(name + COLUMN_INDICES).data().toArray(ValueLayout.JAVA_INT_UNALIGNED));
    } catch (IllegalArgumentException | IllegalStateException | IndexOutOfBoundsException e) {
      throw new SafetensorsException("%s: '%s' has indices that are no pattern of %s: %s; it was saved by another model"
          .formatted(file, name, parameter.shape(), e.getMessage()), e);
    }
  }

  private static void requireSamePatterns(Path file, Safetensors saved, Transformer model) {
    model.parameters().forEach(parameter -> requireSamePattern(file, saved, parameter));
  }

  private static void requireSamePattern(Path file, Safetensors saved, Parameter parameter) {
    boolean compressed = saved.tensors().containsKey(parameter.name() + ROW_OFFSETS);
    boolean masked = saved.tensors().containsKey(parameter.name() + MASK);
    if (compressed != (parameter.topology() != null) || masked != (parameter.mask() != null)) {
      throw new SafetensorsException(
          "%s: '%s' is %s, the model needs it %s; set density and storage of the sparse weights as they were saved"
              .formatted(file, parameter.name(), held(compressed, masked),
                  held(parameter.topology() != null, parameter.mask() != null)));
    }
    patterns(parameter).forEach((name, tensor) -> {
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

  /** What tells which weights there are: a mask, or the indices of compressed weights. */
  private static SequencedMap<String, Tensor> patterns(Parameter parameter) {
    SequencedMap<String, Tensor> patterns = new LinkedHashMap<>();
    Topology topology = parameter.topology();
    if (parameter.mask() != null) {
      patterns.put(parameter.mask().name(), parameter.mask());
    }
    if (topology != null) {
      patterns.put(parameter.name() + ROW_OFFSETS, topology.memory().with(topology.pattern().rowOffsets()));
      patterns.put(parameter.name() + COLUMN_INDICES, topology.memory().with(topology.pattern().columnIndices()));
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
