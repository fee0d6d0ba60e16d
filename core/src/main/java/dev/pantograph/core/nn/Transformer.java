package dev.pantograph.core.nn;

import dev.pantograph.core.autograd.Loss;
import dev.pantograph.core.autograd.Tape;
import dev.pantograph.core.autograd.Variable;
import dev.pantograph.core.nn.ActivationObserver.Activation;
import dev.pantograph.core.scaling.Role;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.Randomize.Distribution;
import dev.pantograph.spi.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A GPT-2-style decoder, built and scaled as its {@link Scaling} says. With the residual branch multiplier m and the
 * attention scale s of the parameterization:
 *
 * <pre>
 *   h = α_in·(tokens[x] + positions)
 *   for each block:  h = h + m·attention(norm(h); s)
 *                    h = h + m·feedForward(norm(h))
 *   logits = (α_out/m_N)·norm(h)·headᵀ
 * </pre>
 *
 * <p>A model without learned {@link Positions} has no table of them; with ALiBi, every attention has the same slopes.
 *
 * <p>Initial values and masks are functions of (seed, parameter name, index): a parameter starts with the same values
 * whatever else is in the model, on every backend.
 */
public final class Transformer implements AutoCloseable {
  private record Norm(Parameter gain, @Nullable Parameter bias) {}

  private record Linear(Parameter weight, @Nullable Parameter bias) {}

  private record Block(Norm attentionNorm, Linear queryKeyValue, Linear attentionOut, Norm feedForwardNorm, Linear up,
      Linear down) {}

  /**
   * Rows of logits computed at a time. Each time, the head is read twice and its gradient updated once: with 1024 rows
   * that is a few hundredths of the arithmetic on any machine, and of a vocabulary of 50,000 they take 200 MB.
   */
  private static final int LOGIT_ROWS = 1024;

  private final TransformerConfig config;
  private final Scaling scaling;
  private final Backend backend;
  private final Precision precision;
  private final DType type;
  private final long seed;
  private final Storage storage;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();

  private final Parameter tokens;
  private final @Nullable Parameter positions;
  private final @Nullable Tensor slopes;
  private final List<Block> blocks = new ArrayList<>();
  private final Norm finalNorm;
  private final Parameter head;

  /**
   * A model all in one element type.
   *
   * @param type F32, or F64 on a backend that computes in it
   * @param seed of the initial values and masks
   */
  public Transformer(Backend backend, DType type, TransformerConfig config, Scaling scaling, long seed) {
    this(backend, Precision.of(type), config, scaling, seed);
  }

  /**
   * Allocates and initialises the parameters.
   *
   * @param precision element types; the initial values do not depend on that of the products
   * @param seed of the initial values and masks
   */
  public Transformer(Backend backend, Precision precision, TransformerConfig config, Scaling scaling, long seed) {
    this.backend = backend;
    this.precision = precision;
    this.type = precision.parameters();
    this.config = config;
    this.scaling = scaling;
    this.seed = seed;
    this.storage = new Storage(backend);
    int c = config.width();
    int f = config.feedForward();
    tokens = matrix("tokens", Role.TOKEN_EMBEDDING, config.vocabulary(), c);
    positions = config.positions() == Positions.LEARNED
        ? matrix("positions", Role.POSITION_EMBEDDING, config.context(), c) : null;
    slopes = config.positions() == Positions.ALIBI ? slopes() : null;
    for (int i = 0; i < config.layers(); i++) {
      String block = "blocks." + i + ".";
      blocks.add(new Block(
          norm(block + "attention.norm", Role.BLOCK_NORM),
          linear(block + "attention.qkv", Role.QUERY_KEY_VALUE, 3 * c, c),
          linear(block + "attention.out", Role.ATTENTION_OUTPUT, c, c),
          norm(block + "feedForward.norm", Role.BLOCK_NORM),
          linear(block + (config.activation().isGated() ? "feedForward.gateUp" : "feedForward.up"),
              Role.FEED_FORWARD_IN, config.feedForwardRows(), c),
          linear(block + "feedForward.down", Role.FEED_FORWARD_OUT, c, f)));
    }
    finalNorm = norm("norm", Role.FINAL_NORM);
    head = config.tiedHead() ? tokens : matrix("head", Role.UNEMBEDDING, config.vocabulary(), c);
  }

  private Linear linear(String name, Role role, long out, long in) {
    return new Linear(matrix(name + ".weight", role, out, in),
        config.biases() ? vector(name + ".bias", Role.BLOCK_BIAS, out, 0) : null);
  }

  private Norm norm(String name, Role role) {
    return new Norm(vector(name + ".gain", role, config.width(), 1),
        config.hasNormBiases() ? vector(name + ".bias", role, config.width(), 0) : null);
  }

  private Parameter matrix(String name, Role role, long rows, long columns) {
    Shape shape = Shape.of(rows, columns);
    Tensor value = storage.allocate(name, type, shape);
    backend.submit(new Randomize(value.view(), new Distribution.Normal(0, scaling.initStd(role)), seed, stream(name)));
    return add(name, role, value, role.isHiddenWeight() && config.density() < 1 ? mask(name, shape) : null);
  }

  private Tensor slopes() {
    Tensor slopes = storage.allocate("slopes", type, Shape.of(config.heads()));
    slopes.set(Positions.slopes(config.heads()));
    return slopes;
  }

  private Tensor mask(String name, Shape shape) {
    String maskName = name + ".mask";
    Tensor mask = storage.allocate(maskName, type, shape);
    backend.submit(new Randomize(mask.view(), new Distribution.Bernoulli(config.density()), seed, stream(maskName)));
    return mask;
  }

  private Parameter vector(String name, Role role, long size, double initial) {
    Tensor value = storage.allocate(name, type, Shape.of(size));
    backend.submit(new Fill(value.view(), initial));
    return add(name, role, value, null);
  }

  private Parameter add(String name, Role role, Tensor value, @Nullable Tensor mask) {
    Tensor gradient = storage.allocate(name + ".gradient", type, value.shape());
    backend.submit(new Fill(gradient.view(), 0));
    Parameter parameter = new Parameter(name, role, value, gradient, mask);
    parameters.put(name, parameter);
    return parameter;
  }

  /** The stream of randomness a tensor has by its name: 64-bit FNV-1a, so that no two of a model's names share one. */
  private static long stream(String name) {
    long hash = 0xCBF29CE484222325L;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001B3L;
    }
    return hash;
  }

  public TransformerConfig config() {
    return config;
  }

  public Scaling scaling() {
    return scaling;
  }

  public Backend backend() {
    return backend;
  }

  /** Element type of the parameters. */
  public DType type() {
    return type;
  }

  public Precision precision() {
    return precision;
  }

  /** All parameters in the order of the forward pass. */
  public List<Parameter> parameters() {
    return List.copyOf(parameters.values());
  }

  /**
   * A parameter by name.
   *
   * @throws IllegalArgumentException if the model has none of that name
   */
  public Parameter parameter(String name) {
    Parameter parameter = parameters.get(name);
    if (parameter == null) {
      throw new IllegalArgumentException("the model has no parameter '%s'; it has %s"
          .formatted(name, parameters.keySet()));
    }
    return parameter;
  }

  /** {@link #forward(Tape, Tensor, ActivationObserver)} without an observer. */
  public Variable forward(Tape tape, Tensor inputs) {
    return forward(tape, inputs, null);
  }

  /**
   * Logits for every position.
   *
   * @param inputs token indices, I32 {@code [B, T]}, T at most the context
   * @param observer sees the activations; absent means residual additions are fused into the products before them
   * @return {@code [B, T, V]}
   * @throws IllegalArgumentException if the sequence is longer than the context
   */
  public Variable forward(Tape tape, Tensor inputs, @Nullable ActivationObserver observer) {
    Variable logits = tape.linear(
        "logits", features(tape, inputs, observer), weight(tape, head), null, scaling.logitMultiplier(), null);
    observe(observer, Activation.LOGITS, -1, logits);
    return logits;
  }

  /**
   * Mean cross-entropy of the prediction of {@code targets}, in nats.
   *
   * @param targets token indices, I32 {@code [B, T]}
   * @param weight factor of the gradient: 1, or 1/n when the gradients of n micro-batches are added
   * @param observer sees the activations; absent means that logits are computed some rows at a time, never held whole
   * @throws IllegalArgumentException if the sequence is longer than the context
   */
  public Loss loss(Tape tape, Tensor inputs, Tensor targets, double weight, @Nullable ActivationObserver observer) {
    if (observer != null) {
      return tape.crossEntropy(forward(tape, inputs, observer), targets, weight);
    }
    return tape.headCrossEntropy(features(tape, inputs, null), weight(tape, head), targets, scaling.logitMultiplier(),
        weight, LOGIT_ROWS);
  }

  /** What the head is applied to, {@code [B, T, C]}. */
  private Variable features(Tape tape, Tensor inputs, @Nullable ActivationObserver observer) {
    if (inputs.shape().size(1) > config.context()) {
      throw new IllegalArgumentException("inputs %s: %d positions, but the model's context is %d; shorten the sequence"
          .formatted(inputs, inputs.shape().size(1), config.context()));
    }
    Variable h = tape.embedding(
        "embedding", inputs, variable(tape, tokens), optional(tape, positions), scaling.embeddingMultiplier());
    observe(observer, Activation.EMBEDDING, -1, h);
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      Variable qkv = apply(tape, block.queryKeyValue(), normalize(tape, block.attentionNorm(), h));
      observe(observer, Activation.QUERY_KEY_VALUE, i, qkv);
      Variable mixed = tape.attention("attention", qkv, config.heads(), slopes, scaling.attentionScale());
      h = addBranch(tape, block.attentionOut(), mixed, h, observer, Activation.ATTENTION_OUT, i);
      h = addFeedForward(tape, block, h, observer, i);
      observe(observer, Activation.RESIDUAL, i, h);
    }
    return normalize(tape, finalNorm, h);
  }

  private Variable addFeedForward(
      Tape tape, Block block, Variable h, @Nullable ActivationObserver observer, int number) {
    Variable x = normalize(tape, block.feedForwardNorm(), h);
    Gelu.Form form = config.activation().geluForm();
    if (observer == null && form != null) {
      return tape.feedForward(block.down().weight().name(), x, affine(tape, block.up()), form,
          affine(tape, block.down()), scaling.branchMultiplier(), h);
    }
    Variable up = apply(tape, block.up(), x);
    observe(observer, Activation.FEED_FORWARD_IN, number, up);
    Variable hidden = form == null ? tape.swiGlu("swiGlu", up) : tape.gelu("gelu", up, form);
    return addBranch(tape, block.down(), hidden, h, observer, Activation.FEED_FORWARD_OUT, number);
  }

  private Variable addBranch(Tape tape, Linear projection, Variable x, Variable h,
      @Nullable ActivationObserver observer,
      Activation activation, int block) {
    double multiplier = scaling.branchMultiplier();
    Variable bias = optional(tape, projection.bias());
    String name = projection.weight().name();
    if (observer == null) {
      return tape.linear(name, x, weight(tape, projection.weight()), bias, multiplier, h);
    }
    Variable branch = tape.linear(name, x, weight(tape, projection.weight()), bias);
    observe(observer, activation, block, branch);
    return tape.add(1, h, multiplier, branch);
  }

  private Variable normalize(Tape tape, Norm norm, Variable x) {
    String name = norm.gain().name();
    Variable gain = variable(tape, norm.gain());
    return switch (config.normalization()) {
      case LAYER ->
          tape.layerNorm(name, x, gain, optional(tape, norm.bias()), config.normEpsilon(), precision.compute());
      case RMS -> tape.rmsNorm(name, x, gain, null, config.normEpsilon(), precision.compute());
    };
  }

  private Variable apply(Tape tape, Linear linear, Variable x) {
    return tape.linear(linear.weight().name(), x, weight(tape, linear.weight()), optional(tape, linear.bias()));
  }

  private Tape.Affine affine(Tape tape, Linear linear) {
    return new Tape.Affine(weight(tape, linear.weight()), optional(tape, linear.bias()));
  }

  private static @Nullable Variable optional(Tape tape, @Nullable Parameter parameter) {
    return parameter == null ? null : variable(tape, parameter);
  }

  /** The factor of a product: masked weights are zero, and so are their gradients. */
  private Variable weight(Tape tape, Parameter parameter) {
    return parameter.mask() == null
        ? tape.parameter(parameter.value(), parameter.gradient(), precision.compute())
        : tape.multiply(variable(tape, parameter), tape.constant(parameter.mask()), precision.compute());
  }

  private static Variable variable(Tape tape, Parameter parameter) {
    return tape.parameter(parameter.value(), parameter.gradient());
  }

  private static void observe(@Nullable ActivationObserver observer, Activation activation, int block, Variable value) {
    if (observer != null) {
      observer.observe(activation, block, value.value());
    }
  }

  /** Releases parameters, gradients and masks. */
  @Override
  public void close() {
    storage.close();
  }
}
