package dev.pantograph.core.train;

import dev.pantograph.core.autograd.Loss;
import dev.pantograph.core.autograd.Tape;
import dev.pantograph.core.data.BatchSource;
import dev.pantograph.core.nn.ActivationObserver;
import dev.pantograph.core.nn.Parameter;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.optim.AdamWOptimizer;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.sparse.SparseTraining;
import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.core.tensor.Workspace;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The training loop of one model: batches in, updates out. Owns the optimizer's state and the step's workspace, not the
 * model.
 *
 * <p>A warm step takes no memory from the backend and hardly any from the heap. The pass over a step's first micro-batch,
 * which replaces the gradients, and that over its second, which adds to them, go through the tape once and are captured;
 * later ones submit the same kernels again. That is right as long as the shapes are, which a trainer never changes, and
 * as the workspace's blocks are where they were: they stay its own until it is closed, and between passes nobody holds
 * one. A pass with an observer has other kernels and always goes through the tape, as does one that finds blocks which a
 * failed pass before it did not give back.
 */
public final class Trainer implements AutoCloseable {
  private final Transformer model;
  private final BatchSource data;
  private final Schedule schedule;
  private final SparseTraining sparse;
  private final AdamWOptimizer optimizer;
  private final TopologyUpdate topology;
  private final CapturingBackend backend;
  private final Workspace workspace;
  private final Storage storage;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment hostInputs;
  private final MemorySegment hostTargets;
  private final Tensor inputs;
  private final Tensor targets;
  private @Nullable CapturedPass first;
  private @Nullable CapturedPass further;
  private long step;

  /** Prepares a run from step 0 with a topology that stays as it is. */
  public Trainer(Transformer model, BatchSource data, AdamWSettings settings, Schedule schedule) {
    this(model, data, settings, schedule, SparseTraining.fixed());
  }

  /**
   * Prepares a run from step 0. The gradients of the source's micro-batches are averaged before each update.
   *
   * @param sparse what becomes of the model's topology: it changes after a step's update, before the next pass
   * @throws IllegalArgumentException if the model's topology cannot change like that
   */
  public Trainer(
      Transformer model, BatchSource data, AdamWSettings settings, Schedule schedule, SparseTraining sparse) {
    this.model = model;
    this.data = data;
    this.schedule = schedule;
    this.sparse = sparse;
    TopologyUpdate.requireChangeable(model, sparse.schedule());
    this.optimizer = new AdamWOptimizer(model, settings, sparse.corrections());
    this.topology = new TopologyUpdate(model, optimizer, sparse.schedule());
    this.backend = new CapturingBackend(model.backend());
    this.workspace = new Workspace(backend);
    this.storage = new Storage(model.backend());
    Shape shape = Shape.of(data.batch(), data.time());
    this.inputs = storage.allocate("inputs", DType.I32, shape);
    this.targets = storage.allocate("targets", DType.I32, shape);
    this.hostInputs = arena.allocate(inputs.view().bytes(), HostBuffer.ALIGNMENT);
    this.hostTargets = arena.allocate(targets.view().bytes(), HostBuffer.ALIGNMENT);
  }

  /** Number of the next step, which is the number of updates made. */
  public long nextStep() {
    return step;
  }

  /** Tokens one step learns from. */
  public long tokensPerStep() {
    return (long) data.batch() * data.time() * data.microBatches();
  }

  /** Bytes of workspace taken from the backend so far. */
  public long workspaceBytes() {
    return workspace.bytes();
  }

  /** {@link #step(ActivationObserver)} without an observer. */
  public StepReport step() {
    return step(null);
  }

  /**
   * Makes one update.
   *
   * @param observer sees the activations of every micro-batch, those before the update
   * @throws DivergenceException if the loss or the gradient norm is not finite; no update was made then
   */
  public StepReport step(@Nullable ActivationObserver observer) {
    int accumulation = data.microBatches();
    double loss = 0;
    boolean wholeGradients = topology.needsWholeGradients(step + 1);
    if (wholeGradients) {
      topology.beginWholeGradients();
    }
    for (int micro = 0; micro < accumulation; micro++) {
      load(data, step, micro);
      double value = wholeGradients ? tapedPass(observer, micro == 0).toDouble() : pass(observer, micro == 0);
      workspace.reset();
      if (!Double.isFinite(value)) {
        throw new DivergenceException(step, "loss", value, firstNonFiniteActivation());
      }
      loss += value / accumulation;
    }
    topology.gatherGradients();
    double gradientNorm = optimizer.gradientNorm();
    if (!Double.isFinite(gradientNorm)) {
      throw new DivergenceException(step, "gradient norm", gradientNorm, firstNonFiniteGradient());
    }
    double factor = schedule.factor(step);
    optimizer.update(factor);
    step++;
    if (topology.change(step)) {
      forgetPasses();
    }
    return new StepReport(step - 1, loss, gradientNorm, factor * model.scaling().base().learningRate());
  }

  /**
   * The loss of the micro-batch loaded last. Its gradients become those of the parameters, or are added to them.
   *
   * @param replacing whether they are the first of the step
   */
  private double pass(@Nullable ActivationObserver observer, boolean replacing) {
    if (observer != null) {
      return tapedPass(observer, replacing).toDouble();
    }
    CapturedPass pass = replacing ? first : further;
    if (pass == null || workspace.isInUse()) {
      CapturedPass captured = capture(replacing);
      forget(pass);
      pass = captured;
      if (replacing) {
        first = pass;
      } else {
        further = pass;
      }
    } else {
      pass.kernels().run();
    }
    return pass.loss().toDouble();
  }

  /** Captured passes read and write where the weights were. */
  private void forgetPasses() {
    forget(first);
    forget(further);
    first = null;
    further = null;
  }

  private CapturedPass capture(boolean replacing) {
    backend.start();
    Tensor loss = tapedPass(null, replacing);
    return new CapturedPass(model.backend().replay(backend.stop()), loss);
  }

  private static void forget(@Nullable CapturedPass pass) {
    if (pass != null) {
      pass.kernels().close();
    }
  }

  private Tensor tapedPass(@Nullable ActivationObserver observer, boolean replacing) {
    Tape tape = replacing ? Tape.replacing(workspace) : Tape.recording(workspace);
    Loss loss = model.loss(tape, inputs, targets, 1.0 / data.microBatches(), observer);
    tape.backward(loss);
    return loss.value();
  }

  /**
   * Mean loss over batches of another source, in nats, without training on them.
   *
   * @param batches how many of its batches, from step 0
   */
  public double evaluate(BatchSource source, int batches) {
    if (source.batch() != data.batch() || source.time() != data.time()) {
      throw new IllegalArgumentException("evaluation batches are [%d, %d], training batches [%d, %d]; they must agree"
          .formatted(
          source.batch(), source.time(), data.batch(), data.time()));
    }
    double loss = 0;
    for (int i = 0; i < batches; i++) {
      load(source, i, 0);
      Tape tape = Tape.inference(workspace);
      loss += model.loss(tape, inputs, targets, 1, null).value().toDouble() / batches;
      workspace.reset();
    }
    return loss;
  }

  /**
   * Writes parameters, masks, optimizer state and the step to one file, all of it or nothing.
   *
   * @throws dev.pantograph.core.checkpoint.SafetensorsException if it cannot be written
   */
  public void save(Path file) {
    TrainingCheckpoint.save(file, model, optimizer, step);
  }

  /**
   * Continues a run that {@link #save} wrote: what follows has the same bits as if it had never stopped.
   *
   * @throws dev.pantograph.core.checkpoint.SafetensorsException if the file is broken or belongs to another model
   */
  public void restore(Path file) {
    step = TrainingCheckpoint.restore(file, model, optimizer, sparse.schedule());
    forgetPasses();
  }

  /**
   * Begins with the weights of a checkpoint, at step 0 and with moments of zero, whatever the checkpoint's run did: the
   * way from pre-training to fine-tuning. Weights that the checkpoint has not are zero where this model has them.
   *
   * @throws dev.pantograph.core.checkpoint.SafetensorsException if the file is broken, belongs to another model, or has
   *     other sparse weights than a model that is sparse itself
   */
  public void begin(Path file) {
    TrainingCheckpoint.load(file, model);
  }

  private void load(BatchSource source, long atStep, int micro) {
    source.fill(atStep, micro, hostInputs, hostTargets);
    inputs.upload(hostInputs);
    targets.upload(hostTargets);
  }

  /** The first parameter or activation, in the order of computation, that is not finite for the batch loaded last. */
  private String firstNonFiniteActivation() {
    for (Parameter parameter : model.parameters()) {
      if (!isFinite(parameter.value())) {
        return parameter.name();
      }
    }
    String[] first = {"losses"};
    boolean[] found = {false};
    model.forward(Tape.inference(workspace), inputs, (activation, block, value) -> {
      if (!found[0] && !isFinite(value)) {
        found[0] = true;
        first[0] = block < 0 ? activation.label() : "blocks." + block + ": " + activation.label();
      }
    });
    workspace.reset();
    return first[0];
  }

  private String firstNonFiniteGradient() {
    for (Parameter parameter : model.parameters()) {
      if (!isFinite(parameter.gradient())) {
        return parameter.gradient().name();
      }
    }
    return "the sum of squares of all gradients";
  }

  private static boolean isFinite(Tensor tensor) {
    for (double value : tensor.toDoubles()) {
      if (!Double.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /** Releases optimizer state and workspace; the model stays. */
  @Override
  public void close() {
    forgetPasses();
    topology.endWholeGradients();
    optimizer.close();
    workspace.close();
    storage.close();
    arena.close();
  }
}
