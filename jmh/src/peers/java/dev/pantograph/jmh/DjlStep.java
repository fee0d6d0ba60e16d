package dev.pantograph.jmh;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.training.GradientCollector;
import dev.pantograph.core.nn.Parameter;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.spi.HostBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The training step in DJL on libtorch. DJL has linear layers, layer norm, GELU, softmax and AdamW as operations; it
 * has no scaled dot product attention and no fused cross-entropy, so these are composed: attention of two batched
 * products, a mask added and a softmax, which holds the whole {@code [B, H, T, T]}; the loss of a log-softmax and a
 * gather. Clipping goes into AdamW as its factor on the gradients.
 */
final class DjlStep implements StepPeer {
  private static final float WEIGHT_DECAY = 0.1f;
  private static final float EPSILON = 1e-8f;
  private static final float NO_VALUE_CLIPPING = -1;

  /** A trained tensor and its moments. */
  private record Trained(NDArray value, NDArray firstMoment, NDArray secondMoment) {}

  private final LibTorch torch;
  private final TransformerConfig config;
  private final PeerModel model;
  private final AdamWSettings settings = AdamWSettings.defaults();
  private final NDManager manager;
  private final Map<String, Trained> parameters = new LinkedHashMap<>();
  private final NDArray causalMask;
  private final long[] inputs;
  private final long[] targets;
  private int updates;

  /** A model with the weights that {@code initial} has now. */
  DjlStep(LibTorch torch, PeerModel model, Transformer initial, int threads) {
    this.torch = torch;
    this.model = model;
    this.config = model.config();
    this.manager = torch.newManager();
    torch.setThreads(threads);
    for (Parameter parameter : initial.parameters()) {
      NDArray value = LibTorch.tensor(manager, HostBuffer.of(parameter.value().view().buffer()),
          parameter.value().shape().toArray()).duplicate();
      value.setRequiresGradient(true);
      parameters.put(parameter.name(), new Trained(value, value.zerosLike(), value.zerosLike()));
    }
    causalMask = causalMask(manager, model.time());
    PeerBatch batch = new PeerBatch(model);
    inputs = new long[model.tokensPerStep()];
    targets = new long[model.tokensPerStep()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = batch.token(i);
      targets[i] = batch.token(i + 1);
    }
  }

  /** 0 where a position may look, −∞ in its future. */
  private static NDArray causalMask(NDManager manager, int time) {
    float[] mask = new float[time * time];
    for (int row = 0; row < time; row++) {
      for (int column = row + 1; column < time; column++) {
        mask[row * time + column] = Float.NEGATIVE_INFINITY;
      }
    }
    return manager.create(mask, new Shape(time, time));
  }

  @Override
  public String name() {
    return "DJL";
  }

  @Override
  public String details() {
    return torch.version() + ", float32; attention and cross-entropy composed of its operations";
  }

  @Override
  public Steps run(int count) {
    List<Double> seconds = new ArrayList<>();
    double loss = Double.NaN;
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      try (NDManager step = manager.newSubManager()) {
        loss = step(step);
      }
      seconds.add((System.nanoTime() - start) * 1e-9);
    }
    return new Steps(seconds, loss);
  }

  private double step(NDManager step) {
    NDArray x = step.create(inputs, new Shape(model.batch(), model.time()));
    NDArray y = step.create(targets, new Shape(inputs.length, 1));
    NDArray loss;
    try (GradientCollector collector = torch.newGradientCollector()) {
      loss = forward(x).logSoftmax(-1).gather(y, 1).mean().neg();
      collector.backward(loss);
    }
    double value = loss.getFloat();
    update();
    return value;
  }

  /** Logits {@code [B·T, V]}. An operation's result belongs to the manager of its first operand: activations first. */
  private NDArray forward(NDArray x) {
    int c = config.width();
    NDArray tokens = parameter("tokens");
    NDArray h = x.getNDArrayInternal().embedding(x, tokens, SparseFormat.DENSE).singletonOrThrow()
        .add(parameter("positions"));
    for (int i = 0; i < config.layers(); i++) {
      String block = "blocks." + i + ".";
      NDArray qkv = linear(block + "attention.qkv", norm(block + "attention.norm", h));
      h = h.add(linear(block + "attention.out", attention(qkv)));
      NDArray up = linear(block + "feedForward.up", norm(block + "feedForward.norm", h));
      h = h.add(linear(block + "feedForward.down", up.getNDArrayInternal().gelu()));
    }
    NDArray normalized = norm("norm", h).reshape(inputs.length, c);
    return normalized.matMul(tokens.transpose());
  }

  private NDArray parameter(String name) {
    return Objects.requireNonNull(parameters.get(name), name).value();
  }

  private NDArray norm(String name, NDArray x) {
    return x.getNDArrayInternal().layerNorm(x, new Shape(config.width()), parameter(name + ".gain"),
        parameter(name + ".bias"), (float) config.normEpsilon()).singletonOrThrow();
  }

  private NDArray linear(String name, NDArray x) {
    return x.getNDArrayInternal().linear(x, parameter(name + ".weight"), parameter(name + ".bias"))
        .singletonOrThrow();
  }

  private NDArray attention(NDArray qkv) {
    NDList parts = qkv.split(3, 2);
    NDArray q = heads(parts.get(0));
    NDArray k = heads(parts.get(1));
    NDArray v = heads(parts.get(2));
    NDArray scores = q.matMul(k.swapAxes(2, 3)).mul(1 / Math.sqrt(config.headDim())).add(causalMask);
    return scores.softmax(-1).matMul(v).swapAxes(1, 2).reshape(model.batch(), model.time(), config.width());
  }

  /** {@code [B, T, C]} as {@code [B, H, T, D]}. */
  private NDArray heads(NDArray x) {
    return x.reshape(model.batch(), model.time(), config.heads(), config.headDim()).swapAxes(1, 2);
  }

  /** Clips by the global norm and updates; DJL's operation clears the gradients as well. */
  private void update() {
    Map<Trained, NDArray> gradients = new LinkedHashMap<>();
    double squares = 0;
    for (Trained parameter : parameters.values()) {
      NDArray gradient = parameter.value().getGradient();
      gradients.put(parameter, gradient);
      try (NDArray norm = gradient.norm()) {
        squares += Math.pow(norm.getFloat(), 2);
      }
    }
    updates++;
    double factor = Math.min(1, settings.maxGradientNorm() / Math.sqrt(squares));
    double corrected = OurStep.LEARNING_RATE * Math.sqrt(1 - Math.pow(settings.beta2(), updates))
        / (1 - Math.pow(settings.beta1(), updates));
    gradients.forEach((parameter, gradient) -> {
      NDArray value = parameter.value();
      value.getNDArrayInternal().adamUpdate(
          new NDList(value, gradient, parameter.firstMoment(), parameter.secondMoment()), new NDList(value),
          (float) OurStep.LEARNING_RATE, (float) corrected, WEIGHT_DECAY, (float) factor, NO_VALUE_CLIPPING,
          (float) settings.beta1(), (float) settings.beta2(), EPSILON, false, true);
      gradient.close();
    });
  }

  @Override
  public void close() {
    manager.close();
  }
}
