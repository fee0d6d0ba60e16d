package dev.pantograph.lab.replay;

import dev.pantograph.core.checkpoint.Safetensors;
import dev.pantograph.core.data.RecordedBatches;
import dev.pantograph.core.nn.Parameter;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.Role;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.lab.replay.ReplayResult.Deviation;
import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Runs a recorded training trajectory again, same weights and same batches, and compares every loss, gradient norm and
 * final parameter norm. Float32 sums differ in order between implementations, hence the tolerances.
 */
public final class Replay {
  /** Relative tolerance of losses, which decide. */
  public static final double LOSS_TOLERANCE = 2e-4;
  /** Relative tolerance of gradient norms. */
  public static final double GRADIENT_NORM_TOLERANCE = 1e-3;
  /** Relative tolerance of final parameter norms. */
  public static final double PARAMETER_NORM_TOLERANCE = 1e-3;
  /**
   * Relative tolerance for the bias of queries, keys and values. The true gradient of its key part is zero, so Adam
   * turns rounding noise there into full-size steps.
   */
  public static final double KEY_BIAS_TOLERANCE = 2e-2;

  /** Learning-rate scales, decays and ε are computed, not summed: only the last bits may differ. */
  private static final double GROUP_TOLERANCE = 1e-9;

  private Replay() {}

  /**
   * Replays the recording in a folder.
   *
   * @param lossTolerance relative tolerance of the losses
   * @throws ReplayException if the recording is malformed or does not fit the model it describes
   */
  public static ReplayResult run(Path folder, Backend backend, double lossTolerance) {
    Recording recording = Recording.read(folder);
    Recording.Train train = recording.train();
    Scaling scaling = RecordedParameterization.of(recording);
    AdamWSettings settings =
        new AdamWSettings(train.beta1(), train.beta2(), AdamW.Decay.COUPLED, train.maxGradientNorm());
    List<Deviation> deviations = new ArrayList<>();
    try (Safetensors init = Safetensors.open(folder.resolve("init.safetensors"));
        RecordedBatches batches = RecordedBatches.open(folder.resolve("batches.u16"), train.steps(), train.accum(),
            train.batch(), recording.config().context());
        Transformer model = new Transformer(backend, DType.F32, recording.config().transformer(), scaling, 0)) {
      load(model, init);
      try (Trainer trainer = new Trainer(model, batches, settings, train.scheduled())) {
        Worst losses = new Worst("loss", lossTolerance);
        Worst gradientNorms = new Worst("gradient norm", GRADIENT_NORM_TOLERANCE);
        trainer.train(train.steps(), report -> {
          int step = Math.toIntExact(report.step());
          losses.compare("step " + step, report.loss(), recording.losses().get(step));
          gradientNorms.compare("step " + step, report.gradientNorm(), recording.gradientNorms().get(step));
        });
        deviations.add(losses.deviation());
        deviations.add(gradientNorms.deviation());
      }
      deviations.addAll(compareParameterNorms(recording, model));
      if (recording.groups() != null) {
        deviations.add(compareGroups(recording.groups(), model));
      }
    }
    return new ReplayResult(Objects.requireNonNullElse(recording.source(), folder.toString()), backend.id(),
        train.steps(),
        deviations);
  }

  private static void load(Transformer model, Safetensors init) {
    Set<String> unused = new TreeSet<>(init.tensors().keySet());
    for (Parameter parameter : model.parameters()) {
      String name = RecordedNames.of(parameter.name());
      load(parameter.value(), name, init, unused);
      if (parameter.mask() != null) {
        load(parameter.mask(), name + ".mask", init, unused);
      }
    }
    if (!unused.isEmpty()) {
      throw new ReplayException("init.safetensors has tensors the model does not: %s%s".formatted(unused,
          unused.stream().anyMatch(name -> name.endsWith(".mask")) ? "; a run with masks needs config.sparsity above 0"
              : ""));
    }
  }

  private static void load(Tensor target, String name, Safetensors init, Set<String> unused) {
    if (!init.tensors().containsKey(name)) {
      throw new ReplayException("init.safetensors has no tensor '%s', which a model of this configuration needs"
          .formatted(name));
    }
    if (!init.tensor(name).shape().equals(target.shape())) {
      throw new ReplayException("init.safetensors: '%s' has shape %s, needed %s"
          .formatted(name, init.tensor(name).shape(),
          target.shape()));
    }
    target.upload(MemorySegment.ofArray(init.floats(name)));
    unused.remove(name);
  }

  private static List<Deviation> compareParameterNorms(Recording recording, Transformer model) {
    Worst norms = new Worst("parameter norm", PARAMETER_NORM_TOLERANCE);
    Worst keyBias = new Worst("query, key, value bias norm", KEY_BIAS_TOLERANCE);
    for (Parameter parameter : model.parameters()) {
      String name = RecordedNames.of(parameter.name());
      Double recorded = recording.finalParameterNorms().get(name);
      if (recorded == null) {
        throw new ReplayException("golden.json: final_param_l2 lacks '%s'".formatted(name));
      }
      double ours = Math.sqrt(Arrays.stream(parameter.value().toDoubles()).map(x -> x * x).sum());
      (name.endsWith("c_attn.bias") ? keyBias : norms).compare(name, ours, recorded);
    }
    return keyBias.isEmpty() ? List.of(norms.deviation()) : List.of(norms.deviation(), keyBias.deviation());
  }

  /** Whether each parameter's learning-rate scale, decay and ε are those of the recorded optimizer. */
  private static Deviation compareGroups(List<Recording.Group> groups, Transformer model) {
    Worst multipliers = new Worst("optimizer groups", GROUP_TOLERANCE);
    Scaling scaling = model.scaling();
    for (Parameter parameter : model.parameters()) {
      String name = RecordedNames.of(parameter.name());
      Recording.Group group = groups.stream().filter(g -> g.params().contains(name)).findFirst()
          .orElseThrow(() -> new ReplayException("golden.json: no optimizer group holds '%s'".formatted(name)));
      Role role = parameter.role();
      multipliers.compare(name + " lr_scale", scaling.learningRateScale(role), group.learningRateScale());
      multipliers.compare(name + " weight_decay", scaling.coupledWeightDecay(role), group.weightDecay());
      multipliers.compare(name + " eps", scaling.epsilon(role), group.epsilon());
    }
    return multipliers.deviation();
  }

  /** The largest relative deviation seen so far of one kind of quantity. */
  private static final class Worst {
    private final String quantity;
    private final double tolerance;
    private double worst = -1;
    private String where = "";
    private double ours;
    private double recorded;

    Worst(String quantity, double tolerance) {
      this.quantity = quantity;
      this.tolerance = tolerance;
    }

    void compare(String place, double our, double theirs) {
      double difference = Math.abs(our - theirs);
      double deviation = difference == 0 ? 0 : difference / Math.abs(theirs);
      // A NaN on either side must show as the worst there is.
      if (!(deviation <= worst)) {
        worst = Double.isNaN(deviation) ? Double.POSITIVE_INFINITY : deviation;
        where = place;
        ours = our;
        recorded = theirs;
      }
    }

    boolean isEmpty() {
      return worst < 0;
    }

    Deviation deviation() {
      return new Deviation(quantity, worst, where, ours, recorded, tolerance);
    }
  }
}
