package dev.pantograph.lab.coordcheck;

import dev.pantograph.core.data.BatchSource;
import dev.pantograph.core.nn.ActivationObserver.Activation;
import dev.pantograph.core.nn.ActivationObserver;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.core.train.DivergenceException;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.lab.coordcheck.CoordinateCheckResult.Layer;
import dev.pantograph.lab.scale.Axis;
import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Trains models of several sizes for a few steps on one fixed batch and measures mean |x| of each kind of activation
 * and mean |x − x₀|, its change since before the first update. Under a parameterization that transfers, neither depends
 * on the size (Yang et al., "Tensor Programs V", arXiv 2203.03466, appendix D.1).
 *
 * <p>The last step decides. Under µP the logits fall like 1/√width before the first update, for initial head and
 * activations are independent, and take a few updates to become flat.
 *
 * @param batches whose step 0 is the fixed batch
 * @param steps forward passes measured, the first before any update
 * @param seeds number of repetitions averaged
 * @param tolerance largest slope of log₂ size per doubling that counts as flat
 */
public record CoordinateCheck(BatchSource batches, int steps, int seeds, double tolerance) {
  /** Steps enough for updates to show in every layer. */
  public static final int DEFAULT_STEPS = 6;
  /** The threshold measured for widths and densities over the first six steps, with margin. */
  public static final double DEFAULT_TOLERANCE = 0.2;

  /**
   * One model to check.
   *
   * @param size its place on the axis
   * @param config its shape
   * @param scaling its parameterization at that size, whose learning rate is used
   */
  public record Member(double size, TransformerConfig config, Scaling scaling) {}

  /** Mean |x| and mean |x − x₀| of one kind of activation at each step, summed over blocks and seeds. */
  private static final class Trace {
    final double[] size;
    final double[] update;
    final int[] samples;

    Trace(int steps) {
      size = new double[steps];
      update = new double[steps];
      samples = new int[steps];
    }
  }

  /**
   * Runs the check.
   *
   * @param axis along which the members differ
   */
  public CoordinateCheckResult run(Backend backend, Axis axis, List<Member> members) {
    List<Map<Activation, Trace>> traces = members.stream().map(member -> trace(backend, member)).toList();
    double[] position = members.stream().mapToDouble(member -> axis.position(member.size())).toArray();
    List<Layer> layers = new ArrayList<>();
    for (Activation activation : Activation.values()) {
      layers.add(layer(activation, traces.stream().map(t -> t.get(activation)).toList(), position));
    }
    String name = members.getFirst().scaling().parameterization().name();
    return new CoordinateCheckResult(name, axis, members.stream().map(Member::size).toList(), layers);
  }

  private Map<Activation, Trace> trace(Backend backend, Member member) {
    Map<Activation, Trace> traces = new EnumMap<>(Activation.class);
    for (Activation activation : Activation.values()) {
      traces.put(activation, new Trace(steps));
    }
    AdamWSettings settings = new AdamWSettings(0.9, 0.95, AdamW.Decay.COUPLED, 1);
    Schedule schedule = new Schedule(new Schedule.Shape.Constant(), 0, steps);
    for (int seed = 0; seed < seeds; seed++) {
      try (Transformer model = new Transformer(backend, DType.F32, member.config(), member.scaling(), seed);
          Trainer trainer = new Trainer(model, new FixedBatch(batches), settings, schedule)) {
        Recorder recorder = new Recorder(traces, member.config().layers() - 1);
        for (int step = 0; step < steps; step++) {
          recorder.step = step;
          trainer.step(recorder);
        }
      } catch (DivergenceException _) {
        // What was measured up to here stands; missing steps make the slope undefined, which is not flat.
      }
    }
    return traces;
  }

  private static final class Recorder implements ActivationObserver {
    private final Map<Activation, Trace> traces;
    private final int lastBlock;
    private final Map<String, double[]> initial = new HashMap<>();
    private int step;

    Recorder(Map<Activation, Trace> traces, int lastBlock) {
      this.traces = traces;
      this.lastBlock = lastBlock;
    }

    @Override
    public void observe(Activation activation, int block, Tensor value) {
      if (activation == Activation.RESIDUAL && block != lastBlock) {
        return;
      }
      double[] x = value.toDoubles();
      double[] x0 = initial.computeIfAbsent(activation + "." + block, _ -> x);
      double size = 0;
      double update = 0;
      for (int i = 0; i < x.length; i++) {
        size += Math.abs(x[i]);
        update += Math.abs(x[i] - x0[i]);
      }
      Trace trace = traces.get(activation);
      if (trace != null) {
        trace.size[step] += size / x.length;
        trace.update[step] += update / x.length;
        trace.samples[step]++;
      }
    }
  }

  private Layer layer(Activation activation, List<Trace> traces, double[] position) {
    List<List<Double>> sizes = new ArrayList<>();
    List<List<Double>> updates = new ArrayList<>();
    List<Double> sizeSlopes = new ArrayList<>();
    List<Double> updateSlopes = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      int s = step;
      double[] size = traces.stream().mapToDouble(t -> t.size[s] / t.samples[s]).toArray();
      double[] update = traces.stream().mapToDouble(t -> t.update[s] / t.samples[s]).toArray();
      sizes.add(Arrays.stream(size).boxed().toList());
      updates.add(Arrays.stream(update).boxed().toList());
      sizeSlopes.add(slope(position, size));
      updateSlopes.add(step == 0 ? 0 : slope(position, update));
    }
    boolean flat = Math.abs(sizeSlopes.getLast()) <= tolerance && Math.abs(updateSlopes.getLast()) <= tolerance;
    return new Layer(activation.label(), sizes, updates, sizeSlopes, updateSlopes, flat, tolerance);
  }

  /** Least-squares slope of log₂ y over x; NaN if a y is missing or zero. */
  private static double slope(double[] x, double[] y) {
    double meanX = Arrays.stream(x).average().orElse(0);
    double numerator = 0;
    double denominator = 0;
    for (int i = 0; i < x.length; i++) {
      numerator += (x[i] - meanX) * (Math.log(y[i]) / Math.log(2));
      denominator += (x[i] - meanX) * (x[i] - meanX);
    }
    double slope = numerator / denominator;
    return Double.isInfinite(slope) ? Double.NaN : slope;
  }

  /** The same batch at every step. */
  private record FixedBatch(BatchSource source) implements BatchSource {
    @Override
    public int batch() {
      return source.batch();
    }

    @Override
    public int time() {
      return source.time();
    }

    @Override
    public int microBatches() {
      return 1;
    }

    @Override
    public void fill(long step, int micro, MemorySegment inputs, MemorySegment targets) {
      source.fill(0, 0, inputs, targets);
    }
  }
}
