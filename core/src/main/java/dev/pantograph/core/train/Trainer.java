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
import dev.pantograph.core.tensor.ScalarReading;
import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.core.tensor.Workspace;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
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
 *
 * <p>Host and device meet once a step, at its report. {@link #train} submits the passes of step n, then waits for the
 * report of step n − 1, which the device made before it came to them, then submits the update of step n: the host has
 * as long for that as the passes take, and the device is never without work. The host has not seen losses and norm of
 * step n when it submits the update; so the update looks whether they are finite, and changes nothing if not.
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
  /** The step whose gradients, or some of them, the parameters hold. */
  private long gradientsOf = -1;
  /** The step submitted last, until it was completed. */
  private @Nullable SubmittedStep last;
  private boolean training;

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
   * Makes one update and waits for its report.
   *
   * @param observer sees the activations of every micro-batch, those before the update
   * @throws DivergenceException if the loss or the gradient norm is not finite; no update was made then
   */
  public StepReport step(@Nullable ActivationObserver observer) {
    requireOutsideTrain("step");
    completeLast(_ -> {});
    return complete(update(passes(observer)));
  }

  /**
   * Makes so many updates, with the same bits as by {@link #step()}, and does not keep the device waiting in between:
   * the report of a step is waited for when the passes of the next have been submitted. When this returns, the listener
   * has heard of all.
   *
   * @param listener hears of each step before the next one's update, so that parameters, {@link #nextStep}, {@link
   *     #evaluate} and {@link #save} are those of that moment; it makes no steps itself and restores nothing
   * @throws DivergenceException if the loss or the gradient norm of a step is not finite; neither its update nor one
   *     after it was made then
   */
  public void train(long steps, Consumer<StepReport> listener) {
    requireOutsideTrain("train");
    completeLast(_ -> {});
    training = true;
    try {
      for (long end = step + steps; step < end;) {
        List<ScalarReading> losses = passes(null);
        completeLast(listener);
        // Where nothing has to be waited for, the next passes would only be in vain if this step diverged.
        if (update(losses).isDone() || topology.isDue(step)) {
          completeLast(listener);
        }
      }
      completeLast(listener);
    } finally {
      training = false;
    }
  }

  private void requireOutsideTrain(String what) {
    if (training) {
      throw new IllegalStateException("%s was called by the listener of train (expected: when train has returned, "
          .formatted(what) + "for the next step is under way)");
    }
  }

  /** Submits the passes over a step's micro-batches. Their losses are on the way. */
  private List<ScalarReading> passes(@Nullable ActivationObserver observer) {
    boolean wholeGradients = topology.needsWholeGradients(step + 1);
    if (wholeGradients) {
      topology.beginWholeGradients();
    }
    gradientsOf = step;
    List<ScalarReading> losses = new ArrayList<>(data.microBatches());
    for (int micro = 0; micro < data.microBatches(); micro++) {
      load(data, step, micro);
      losses.add((wholeGradients ? tapedPass(observer, micro == 0) : pass(observer, micro == 0)).readBack());
      workspace.reset();
    }
    return losses;
  }

  /** Submits the update by the gradients of the passes, which is none if one of these numbers is not finite. */
  private SubmittedStep update(List<ScalarReading> losses) {
    topology.gatherGradients();
    ScalarReading squaredNorm = optimizer.measureGradients();
    double factor = schedule.factor(step);
    optimizer.update(factor);
    SubmittedStep submitted =
        new SubmittedStep(step, losses, squaredNorm, factor * model.scaling().base().learningRate());
    step++;
    last = submitted;
    return submitted;
  }

  private void completeLast(Consumer<StepReport> listener) {
    if (last != null) {
      listener.accept(complete(last));
    }
  }

  /** Waits for what came out of the last step, and ends it. */
  private StepReport complete(SubmittedStep submitted) {
    double loss = 0;
    for (int micro = 0; micro < data.microBatches(); micro++) {
      double value = submitted.losses().get(micro).await();
      if (!Double.isFinite(value)) {
        undo(submitted);
        load(data, step, micro);
        throw new DivergenceException(step, "loss", value, firstNonFiniteActivation());
      }
      loss += value / data.microBatches();
    }
    double gradientNorm = Math.sqrt(submitted.squaredGradientNorm().await());
    if (!Double.isFinite(gradientNorm)) {
      undo(submitted);
      if (gradientsOf != step) {
        passes(null);
      }
      throw new DivergenceException(step, "gradient norm", gradientNorm, firstNonFiniteGradient());
    }
    last = null;
    if (topology.change(step)) {
      forgetPasses();
    }
    return new StepReport(submitted.step(), loss, gradientNorm, submitted.learningRate());
  }

  /** The update changed nothing, so that there was none. */
  private void undo(SubmittedStep submitted) {
    last = null;
    step = submitted.step();
    optimizer.resumeAfter(step);
    topology.endWholeGradients();
  }

  /**
   * Submits the pass over the micro-batch loaded last; returns where its loss will be. Its gradients become those of
   * the parameters, or are added to them.
   *
   * @param replacing whether they are the first of the step
   */
  private Tensor pass(@Nullable ActivationObserver observer, boolean replacing) {
    if (observer != null) {
      return tapedPass(observer, replacing);
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
    return pass.loss();
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
    backend.submit(optimizer.guardBy(loss.value(), replacing));
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
    List<ScalarReading> losses = new ArrayList<>(batches);
    for (int i = 0; i < batches; i++) {
      load(source, i, 0);
      Tape tape = Tape.inference(workspace);
      losses.add(model.loss(tape, inputs, targets, 1, null).value().readBack());
      workspace.reset();
    }
    double loss = 0;
    for (ScalarReading each : losses) {
      loss += each.await() / batches;
    }
    return loss;
  }

  /**
   * Writes parameters, masks, optimizer state and the step to one file, all of it or nothing.
   *
   * @throws DivergenceException if {@link #train} failed before it saw that its last step diverged; called again, this
   *     writes the state before that step
   * @throws dev.pantograph.core.checkpoint.SafetensorsException if it cannot be written
   */
  public void save(Path file) {
    completeLast(_ -> {});
    TrainingCheckpoint.save(file, model, optimizer, step);
  }

  /**
   * Continues a run that {@link #save} wrote: what follows has the same bits as if it had never stopped.
   *
   * @throws dev.pantograph.core.checkpoint.SafetensorsException if the file is broken or belongs to another model
   */
  public void restore(Path file) {
    requireOutsideTrain("restore");
    last = null;
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
    requireOutsideTrain("begin");
    last = null;
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
