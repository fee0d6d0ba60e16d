package dev.pantograph.core.nn;

import dev.pantograph.core.autograd.Loss;
import dev.pantograph.core.autograd.Tape;
import dev.pantograph.core.autograd.Variable;
import dev.pantograph.core.nn.ActivationObserver.Activation;
import dev.pantograph.core.scaling.Role;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.sparse.Relayout;
import dev.pantograph.core.sparse.StorageChoice;
import dev.pantograph.core.sparse.Topology;
import dev.pantograph.core.sparse.WeightStorage;
import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.Randomize.Distribution;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SparseIndices;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
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
 * whatever else is in the model, on every backend. Compressed weights are those of the dense model that the mask
 * leaves.
 */
public final class Transformer implements AutoCloseable {
  private record Norm(Parameter gain, @Nullable Parameter bias) {}

  /** The weight by name: what holds it may be replaced. */
  private record Linear(String weight, @Nullable Parameter bias) {}

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
  private final StorageChoice sparseStorage;
  private final Storage storage;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private Map<String, Tensor> wholeGradients = Map.of();

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
    this.sparseStorage = config.density() == 1 ? new StorageChoice(WeightStorage.MASKED, "no weight is sparse")
        : StorageChoice.of(config.sparsity().storage(), backend, type, precision.compute());
    this.storage = new Storage(backend);
    try {
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
    } catch (RuntimeException | Error e) {
      storage.close();
      throw e;
    }
  }

  private Linear linear(String name, Role role, int out, int in) {
    return new Linear(weight(name + ".weight", role, out, in).name(),
        config.biases() ? vector(name + ".bias", Role.BLOCK_BIAS, out, 0) : null);
  }

  private Norm norm(String name, Role role) {
    return new Norm(vector(name + ".gain", role, config.width(), 1),
        config.hasNormBiases() ? vector(name + ".bias", role, config.width(), 0) : null);
  }

  private Parameter matrix(String name, Role role, long rows, long columns) {
    Tensor value = normal(name, role, rows, columns);
    return add(new Parameter(name, role, value, gradient(name, value.shape())));
  }

  private Tensor normal(String name, Role role, long rows, long columns) {
    Tensor value = storage.allocate(name, type, Shape.of(rows, columns));
    backend.submit(new Randomize(value.view(), initial(role), seed, stream(name)));
    return value;
  }

  private Distribution initial(Role role) {
    return new Distribution.Normal(0, scaling(role, initialDensity(role)).initStd(role));
  }

  /** A weight of a block: sparse if the model is. */
  private Parameter weight(String name, Role role, int rows, int columns) {
    double density = initialDensity(role);
    if (density == 1) {
      return matrix(name, role, rows, columns);
    }
    SparseIndices indices =
        config.sparsity().pattern().draw(name, rows, columns, density, seed, stream(maskName(name)));
    requireWeightInEveryRow(name, indices, density);
    return add(sparseStorage.storage() == WeightStorage.COMPRESSED
        ? compressed(name, role, indices, density) : masked(name, role, indices, density));
  }

  /**
   * Refuses a topology that a weight cannot have.
   *
   * @throws IllegalArgumentException if a row is left with no weight, and that is not allowed
   */
  public void requireWeightInEveryRow(String name, SparseIndices indices, double density) {
    if (config.sparsity().emptyRows()) {
      return;
    }
    long empty = IntStream.range(0, indices.rows()).filter(row -> indices.rowOffset(row) == indices.rowOffset(row + 1))
        .count();
    if (empty > 0) {
      throw new IllegalArgumentException("""
          weight '%s': %d of %d rows have no weight at density %s (expected: at least one of the %d in each); raise \
          the density, widen the model, or allow empty rows in the model's sparsity"""
          .formatted(name, empty, indices.rows(), density, indices.columns()));
    }
  }

  /** All of the dense weight's initial values, and a mask. */
  private Parameter masked(String name, Role role, SparseIndices indices, double density) {
    Tensor value = normal(name, role, indices.rows(), indices.columns());
    Tensor mask = storage.allocate(maskName(name), type, value.shape());
    mask.set(Relayout.scattered(indices, DoubleStream.generate(() -> 1).limit(indices.nonZeros()).toArray()));
    return new Parameter(name, role, value.shape(), value, gradient(name, value.shape()), mask, null, density);
  }

  /** Those of the dense weight's initial values that there are. */
  private Parameter compressed(String name, Role role, SparseIndices indices, double density) {
    Distribution initial = initial(role);
    double[] values = new double[indices.nonZeros()];
    for (int row = 0; row < indices.rows(); row++) {
      for (int i = indices.rowOffset(row); i < indices.rowOffset(row + 1); i++) {
        values[i] = initial.sample(seed, stream(name), (long) row * indices.columns() + indices.column(i));
      }
    }
    return stored(name, role, Shape.of(indices.rows(), indices.columns()), values,
        Topology.place(storage, backend, name, indices, 0), density);
  }

  private Parameter stored(
      String name, Role role, Shape shape, double[] values, @Nullable Topology topology, double density) {
    Tensor value = storage.allocate(name, type, topology == null ? shape : Shape.of(values.length));
    value.set(values);
    return new Parameter(name, role, shape, value, gradient(name, value.shape()), null, topology, density);
  }

  /**
   * Gives a weight of a block another topology: weights that stay keep their value, new ones start at zero. The
   * parameter of that name is another one afterwards, the memory of this one is released.
   *
   * @param indices which weights there are from now on; null for all of them, stored densely
   * @param density nominal share of them
   * @param version of the topology
   * @return the way of everything else that is kept for each weight
   * @throws IllegalArgumentException if the weight is masked
   */
  public Relayout replaceTopology(String name, @Nullable SparseIndices indices, double density, long version) {
    Parameter before = parameter(name);
    if (before.mask() != null) {
      throw new IllegalArgumentException("weight '%s' is masked (expected: compressed or dense), and a mask does not "
          .formatted(name) + "change; set storage to compressed");
    }
    Topology topology = before.topology();
    Relayout relayout = new Relayout(topology == null ? null : topology.indices(), indices);
    double[] values = relayout.apply(before.value().toDoubles());
    storage.free(before.value());
    storage.free(before.gradient());
    if (topology != null) {
      storage.free(topology.memory());
    }
    add(stored(name, before.role(), before.shape(), values,
        indices == null ? null : Topology.place(storage, backend, name, indices, version), density));
    return relayout;
  }

  /**
   * Makes the following passes leave whole gradients of compressed weights, zeros included, instead of those of the
   * weights there are. They are added to what the tensors hold.
   *
   * @param wholes by the weight's name, {@code [fanOut, fanIn]}; empty for none
   */
  public void gatherWholeGradients(Map<String, Tensor> wholes) {
    wholeGradients = Map.copyOf(wholes);
  }

  /** Seed of initial values, masks and topologies. */
  public long seed() {
    return seed;
  }

  /** Nominal density of a role's weights as the model was made. */
  public double initialDensity(Role role) {
    return role.isHiddenWeight() ? config.layerDensity(role, config.density()) : 1;
  }

  /** The parameterization's values for a role whose weights have that density. */
  public Scaling scaling(Role role, double density) {
    return role.isHiddenWeight() ? scaling.relativeDensity(density / config.density()) : scaling;
  }

  private Tensor slopes() {
    Tensor slopes = storage.allocate("slopes", type, Shape.of(config.heads()));
    slopes.set(Positions.slopes(config.heads()));
    return slopes;
  }

  private static String maskName(String name) {
    return name + ".mask";
  }

  private Parameter vector(String name, Role role, long size, double initial) {
    Tensor value = storage.allocate(name, type, Shape.of(size));
    backend.submit(new Fill(value.view(), initial));
    return add(new Parameter(name, role, value, gradient(name, value.shape())));
  }

  private Tensor gradient(String name, Shape shape) {
    Tensor gradient = storage.allocate(name + ".gradient", type, shape);
    backend.submit(new Fill(gradient.view(), 0));
    return gradient;
  }

  private Parameter add(Parameter parameter) {
    parameters.put(parameter.name(), parameter);
    return parameter;
  }

  /** The stream of randomness a tensor has by its name: 64-bit FNV-1a, so that no two of a model's names share one. */
  public static long stream(String name) {
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

  /** How sparse weights are held, and why. */
  public StorageChoice sparseStorage() {
    return sparseStorage;
  }

  /** How weights that are yet to become sparse would be held. */
  public StorageChoice futureStorage() {
    return config.density() < 1 ? sparseStorage
        : StorageChoice.of(config.sparsity().storage(), backend, type, precision.compute());
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
      Variable qkv = apply(tape, block.queryKeyValue(), normalize(tape, block.attentionNorm(), h), 1, null);
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
    if (observer == null && form != null && isDense(block.up()) && isDense(block.down())) {
      return tape.feedForward(block.down().weight(), x, affine(tape, block.up()), form,
          affine(tape, block.down()), scaling.branchMultiplier(), h);
    }
    Variable up = apply(tape, block.up(), x, 1, null);
    observe(observer, Activation.FEED_FORWARD_IN, number, up);
    Variable hidden = form == null ? tape.swiGlu("swiGlu", up) : tape.gelu("gelu", up, form);
    return addBranch(tape, block.down(), hidden, h, observer, Activation.FEED_FORWARD_OUT, number);
  }

  private Variable addBranch(Tape tape, Linear projection, Variable x, Variable h,
      @Nullable ActivationObserver observer,
      Activation activation, int block) {
    double multiplier = scaling.branchMultiplier();
    if (observer == null) {
      return apply(tape, projection, x, multiplier, h);
    }
    Variable branch = apply(tape, projection, x, 1, null);
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

  private Variable apply(Tape tape, Linear linear, Variable x, double alpha, @Nullable Variable residual) {
    Parameter weight = parameter(linear.weight());
    Variable bias = optional(tape, linear.bias());
    Topology topology = weight.topology();
    return topology == null
        ? tape.linear(weight.name(), x, weight(tape, weight), bias, alpha, residual)
        : tape.sparseLinear(weight.name(), x, new Tape.SparseWeight(
            variable(tape, weight), topology.pattern(), wholeGradients.get(weight.name())), bias, alpha, residual);
  }

  private boolean isDense(Linear linear) {
    return parameter(linear.weight()).topology() == null;
  }

  private Tape.Affine affine(Tape tape, Linear linear) {
    return new Tape.Affine(weight(tape, parameter(linear.weight())), optional(tape, linear.bias()));
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
