package dev.pantograph.core.autograd;

import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.core.tensor.Workspace;
import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Copy;
import dev.pantograph.spi.CrossEntropy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Embedding;
import dev.pantograph.spi.EmbeddingGradient;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.GeluGradient;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.LinearCombination;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Norm;
import dev.pantograph.spi.NormGradient;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SparseMatMul;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.SwiGlu;
import dev.pantograph.spi.SwiGluGradient;
import dev.pantograph.spi.View;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Define-by-run automatic differentiation. Each operation submits its forward kernels at once and records how to submit
 * its backward kernels; {@link #backward} runs these in reverse.
 *
 * <p>Gradients of parameters are added to, or by a {@linkplain #replacing replacing} tape written anew. A result's
 * gradient is written by its first consumer and added to by the others. Once an operation's backward kernels are
 * submitted, its result and everything it kept go back to the workspace: nothing before it on the tape needs them.
 *
 * <p>A result has the element type of its first input, or of the residual it is added to, where nothing else is said,
 * and its gradient that of the result. What is stored in BF16 is computed in F32: see {@link Kernel}.
 *
 * <p>Every method gives the forward formula; {@code dX} stands for the gradient of the loss with respect to X.
 */
public final class Tape {
  /** What an operation does when the backward pass reaches it; {@code dOut} is the gradient of its result. */
  @FunctionalInterface
  private interface Backward {
    void run(Tensor dOut);
  }

  private record Step(Variable result, Backward backward, List<Tensor> kept) {}

  private final Workspace workspace;
  private final Backend backend;
  private final boolean recording;
  private final boolean replacing;
  private final List<Step> steps = new ArrayList<>();
  /** By their gradients: a parameter used twice is one variable, or its second gradient would replace the first. */
  private final Map<Tensor, Variable> parameters = new LinkedHashMap<>();
  private @Nullable Tensor handedOver;

  private Tape(Workspace workspace, boolean recording, boolean replacing) {
    this.workspace = workspace;
    this.backend = workspace.backend();
    this.recording = recording;
    this.replacing = replacing;
  }

  /** A tape that records for {@link #backward}. Results are allocated in the workspace. */
  public static Tape recording(Workspace workspace) {
    return new Tape(workspace, true, false);
  }

  /**
   * A tape that records, and whose backward pass replaces the gradients of its parameters, whatever they held, instead
   * of adding to them: the first micro-batch of a step. What a kernel writes need be neither zeroed nor read before.
   * A parameter that the loss does not depend on gets a gradient of zero.
   */
  public static Tape replacing(Workspace workspace) {
    return new Tape(workspace, true, true);
  }

  /** A tape that computes only forward: nothing is recorded and no gradient can be had. */
  public static Tape inference(Workspace workspace) {
    return new Tape(workspace, false, false);
  }

  /** Whether operations on parameters are recorded. */
  public boolean isRecording() {
    return recording;
  }

  /** A value that needs no gradient. */
  public Variable constant(Tensor value) {
    return Variable.constant(value);
  }

  /** A value whose gradient is added to {@code gradient}, of the same shape, or replaces it. */
  public Variable parameter(Tensor value, Tensor gradient) {
    if (!value.shape().equals(gradient.shape())) {
      throw new IllegalArgumentException("parameter '%s' has shape %s, its gradient %s"
          .formatted(value.name(), value.shape(), gradient.shape()));
    }
    return recording
        ? parameters.computeIfAbsent(gradient, memory -> Variable.parameter(value, memory, !replacing))
        : Variable.constant(value);
  }

  /**
   * A parameter rounded to another element type for this pass. Its gradient is added to {@code gradient} as it is, not
   * rounded.
   */
  public Variable parameter(Tensor value, Tensor gradient, DType type) {
    Variable exact = parameter(value, gradient);
    if (type == value.type()) {
      return exact;
    }
    Tensor rounded = workspace.allocate(value.name(), type, value.shape());
    backend.submit(new Copy(rounded.view(), value.view()));
    if (recording) {
      // The gradient needs no way back. The step is there to give the memory back.
      steps.add(new Step(Variable.constant(rounded), _ -> {}, List.of()));
    }
    return Variable.rounded(rounded, exact);
  }

  /** {@code out = α·x + β·y}, equal shapes; {@code dX = α·dOut}, {@code dY = β·dOut}. */
  public Variable add(double alpha, Variable x, double beta, Variable y) {
    Tensor out = like("add", x);
    backend.submit(new LinearCombination(out.view(), alpha, x.value().view(), beta, y.value().view()));
    return record(out, List.of(x, y), List.of(), dOut -> {
      addScaled(x, alpha, dOut);
      addScaled(y, beta, dOut);
    });
  }

  /** {@code out = α·x}; {@code dX = α·dOut}. */
  public Variable scale(double alpha, Variable x) {
    Tensor out = like("scale", x);
    backend.submit(new LinearCombination(out.view(), alpha, x.value().view(), 0, null));
    return record(out, List.of(x), List.of(), dOut -> addScaled(x, alpha, dOut));
  }

  /** Element by element, {@code out = x·y}; {@code dX = dOut·y}, {@code dY = dOut·x}. */
  public Variable multiply(Variable x, Variable y) {
    return multiply(x, y, x.value().type());
  }

  /** The same product, stored in an element type of its own; its gradient has that of the gradient of x. */
  public Variable multiply(Variable x, Variable y, DType type) {
    Tensor out = workspace.allocate("multiply", type, x.shape());
    backend.submit(new Product(out.view(), x.value().view(), y.value().view(), false));
    return record(out, x.gradientType(), List.of(x, y), List.of(), dOut -> {
      if (x.requiresGradient()) {
        boolean accumulate = hasGradient(x);
        backend.submit(new Product(gradient(x), dOut.view(), y.value().view(), accumulate));
      }
      if (y.requiresGradient()) {
        boolean accumulate = hasGradient(y);
        backend.submit(new Product(gradient(y), dOut.view(), x.value().view(), accumulate));
      }
    });
  }

  /** {@code out = a·b}, {@code [..., M, K]·[..., K, N]}; {@code dA = dOut·bᵀ}, {@code dB = aᵀ·dOut}. */
  public Variable matmul(Variable a, Variable b) {
    View left = a.value().view();
    View right = b.value().view();
    long[] sizes = left.shape().toArray();
    sizes[sizes.length - 1] = right.size(-1);
    Tensor out = workspace.allocate("matmul", a.value().type(), Shape.of(sizes));
    backend.submit(MatMul.product(out.view(), left, right));
    return record(out, List.of(a, b), List.of(), dOut -> {
      if (a.requiresGradient()) {
        boolean accumulate = hasGradient(a);
        backend.submit(MatMul.scaled(gradient(a), dOut.view(), right.transpose(), 1, accumulate));
      }
      if (b.requiresGradient()) {
        boolean accumulate = hasGradient(b);
        backend.submit(MatMul.scaled(gradient(b), left.transpose(), dOut.view(), 1, accumulate));
      }
    });
  }

  /** {@code out = x·weightᵀ + bias}; see {@link #linear(String, Variable, Variable, Variable, double, Variable)}. */
  public Variable linear(String name, Variable x, Variable weight, @Nullable Variable bias) {
    return linear(name, x, weight, bias, 1, null);
  }

  /**
   * An affine layer, scaled and added to a residual stream: {@code out = α·(x·weightᵀ + bias) + residual}. With the
   * rows of x folded together: {@code dX = α·dOut·weight}, {@code dWeight = α·dOutᵀ·x}, {@code dBias = α·Σ dOut},
   * {@code dResidual = dOut}.
   *
   * @param x {@code [..., K]}
   * @param weight {@code [N, K]}
   * @param bias {@code [N]}, or absent
   * @param alpha multiplier of the layer, not of the residual
   * @param residual {@code [..., N]}, or absent
   */
  public Variable linear(
      String name, Variable x, Variable weight, @Nullable Variable bias, double alpha, @Nullable Variable residual) {
    View w = weight.value().view();
    View input = rows(x.value());
    Tensor out = layerResult(name, x, w.size(0), residual);
    backend.submit(new MatMul(rows(out), input, w.transpose(), alpha, bias == null ? null : bias.value().view(),
        residual == null ? 0 : 1, residual == null ? null : rows(residual.value())));
    return record(out, inputs(x, weight, bias, residual), List.of(), dOut -> {
      Tensor factor = factor(dOut, w.type());
      View d = rows(factor);
      affineGradients(weight, bias, d, input, alpha);
      if (x.requiresGradient()) {
        boolean accumulate = hasGradient(x);
        backend.submit(MatMul.scaled(gradient(x).reshape(input.shape()), d, w, alpha, accumulate));
      }
      recycleUnless(dOut, factor);
      if (residual != null) {
        handOver(dOut, residual);
      }
    });
  }

  /**
   * Weight of a sparse layer {@code [N, K]}.
   *
   * @param values by rows, {@code [nonZeros]}
   * @param pattern where they are
   * @param wholeGradient where the gradient of all N·K places is added, instead of that of the values; usually absent
   */
  public record SparseWeight(Variable values, SparsePattern pattern, @Nullable Tensor wholeGradient) {}

  /**
   * The same layer with a sparse weight, {@code out = α·(x·Wᵀ + bias) + residual}. Of {@code dW = α·dOutᵀ·x} only what
   * belongs to a weight that is there is computed; the other gradients are those of the dense layer.
   *
   * @param x {@code [..., K]}, of the element type of the values
   * @param weight W {@code [N, K]}
   * @param bias {@code [N]}, or absent
   * @param alpha multiplier of the layer, not of the residual
   * @param residual {@code [..., N]}, or absent
   */
  public Variable sparseLinear(String name, Variable x, SparseWeight weight, @Nullable Variable bias, double alpha,
      @Nullable Variable residual) {
    Variable values = weight.values();
    SparsePattern pattern = weight.pattern();
    View w = values.value().view();
    View input = rows(x.value());
    Tensor out = layerResult(name, x, pattern.rows(), residual);
    backend.submit(new SparseMatMul(rows(out), input, w, pattern, true, alpha,
        bias == null ? null : bias.value().view(), residual == null ? 0 : 1, residual == null ? null : rows(residual.value())));
    return record(out, inputs(x, values, bias, residual), List.of(), dOut -> {
      View d = rows(dOut);
      if (weight.wholeGradient() != null) {
        backend.submit(MatMul.scaled(weight.wholeGradient().view(), d.transpose(), input, alpha, true));
      } else if (values.requiresGradient()) {
        boolean accumulate = hasGradient(values);
        backend.submit(new SampledMatMul(gradient(values), d, input, pattern, alpha, accumulate));
      }
      biasGradient(bias, d, alpha);
      if (x.requiresGradient()) {
        boolean accumulate = hasGradient(x);
        backend.submit(SparseMatMul.inputGradient(
            gradient(x).reshape(input.shape()), d, w, pattern, alpha, accumulate));
      }
      if (residual != null) {
        handOver(dOut, residual);
      }
    });
  }

  /** Memory for the result of a layer with {@code units} rows of weights. */
  private Tensor layerResult(String name, Variable x, long units, @Nullable Variable residual) {
    long[] sizes = x.shape().toArray();
    sizes[sizes.length - 1] = units;
    DType type = residual == null ? x.value().type() : residual.value().type();
    return workspace.allocate(name, type, Shape.of(sizes));
  }

  /** A gradient of the residual stream as the factor of two products: once in the type of the other factor. */
  private Tensor factor(Tensor dOut, DType type) {
    if (dOut.type() == type) {
      return dOut;
    }
    Tensor factor = workspace.allocate(dOut.name(), type, dOut.shape());
    backend.submit(new Copy(factor.view(), dOut.view()));
    return factor;
  }

  private void recycleUnless(Tensor itself, Tensor factor) {
    if (factor != itself) {
      workspace.recycle(factor);
    }
  }

  /**
   * {@code dWeight = α·dᵀ·input}, and {@code dBias = α·Σ d} in the same kernel if both are wanted.
   *
   * @param d gradient of the layer's result, {@code [rows, N]}
   * @param input {@code [rows, K]}
   */
  private void affineGradients(Variable weight, @Nullable Variable bias, View d, View input, double alpha) {
    Variable summed = bias != null && bias.requiresGradient() ? bias : null;
    if (weight.requiresGradient()) {
      boolean accumulate = hasGradient(weight);
      MatMul product = MatMul.scaled(gradient(weight), d.transpose(), input, alpha, accumulate);
      backend.submit(summed == null ? product : product.with(rowSums(summed)));
    } else {
      biasGradient(summed, d, alpha);
    }
  }

  /** {@code dBias = α·Σ d} in a kernel of its own, if it is wanted. */
  private void biasGradient(@Nullable Variable bias, View d, double alpha) {
    if (bias != null && bias.requiresGradient()) {
      boolean accumulate = hasGradient(bias);
      backend.submit(new Sum(gradient(bias), d, alpha, accumulate));
    }
  }

  private MatMul.Epilogue rowSums(Variable bias) {
    boolean accumulate = hasGradient(bias);
    return new MatMul.Epilogue.RowSums(gradient(bias), accumulate);
  }

  /** Weight {@code [N, K]} and bias {@code [N]}, if any, of an affine layer. */
  public record Affine(Variable weight, @Nullable Variable bias) {
    private @Nullable View biasView() {
      return bias == null ? null : bias.value().view();
    }
  }

  /**
   * Two affine layers with a Gaussian error linear unit between them, scaled and added to a residual stream:
   * {@code z = x·upᵀ + bias}, {@code hidden = gelu(z)}, {@code out = α·(hidden·downᵀ + bias) + residual}. The gradients
   * are those of {@link #linear(String, Variable, Variable, Variable, double, Variable) linear} and {@link #gelu},
   * without a pass of their own over the hidden units: {@code dz = α·dOut·down ⊙ gelu′(z)}.
   *
   * @param x {@code [..., K]}
   * @param up weight {@code [F, K]}
   * @param down weight {@code [N, F]}
   * @param alpha multiplier of the layers, not of the residual
   * @param residual {@code [..., N]}
   */
  public Variable feedForward(
      String name, Variable x, Affine up, Gelu.Form form, Affine down, double alpha, Variable residual) {
    DType type = x.value().type();
    View wUp = up.weight().value().view();
    View wDown = down.weight().value().view();
    View input = rows(x.value());
    Shape hiddenShape = Shape.of(input.size(0), wUp.size(0));
    Tensor z = workspace.allocate(name + ".in", type, hiddenShape);
    Tensor hidden = workspace.allocate(name + ".gelu", type, hiddenShape);
    Tensor out = workspace.allocate(name, residual.value().type(), residual.shape());
    backend.submit(new MatMul(hidden.view(), input, wUp.transpose(), 1, up.biasView(), 0, null,
        new MatMul.Epilogue.Activation(z.view(), form)));
    backend.submit(new MatMul(rows(out), hidden.view(), wDown.transpose(), alpha, down.biasView(),
        1, rows(residual.value())));
    List<Variable> inputs = inputs(x, up.weight(), up.bias(), down.weight(), down.bias(), residual);
    return record(out, inputs, List.of(z, hidden), dOut -> {
      Tensor factor = factor(dOut, wDown.type());
      View d = rows(factor);
      affineGradients(down.weight(), down.bias(), d, hidden.view(), alpha);
      // Nobody reads the hidden units any more: their memory takes the gradient of z.
      View dz = hidden.view();
      backend.submit(new MatMul(dz, d, wDown, alpha, null, 0, null,
          new MatMul.Epilogue.ActivationGradient(z.view(), form)));
      recycleUnless(dOut, factor);
      affineGradients(up.weight(), up.bias(), dz, input, 1);
      if (x.requiresGradient()) {
        boolean accumulate = hasGradient(x);
        backend.submit(MatMul.scaled(gradient(x).reshape(input.shape()), dz, wUp, 1, accumulate));
      }
      handOver(dOut, residual);
    });
  }

  /** Layer normalisation over the last dimension; see {@link Norm}. */
  public Variable layerNorm(String name, Variable x, @Nullable Variable gain, @Nullable Variable bias, double epsilon) {
    return layerNorm(name, x, gain, bias, epsilon, x.value().type());
  }

  /** Layer normalisation with a result of another element type. */
  public Variable layerNorm(
      String name, Variable x, @Nullable Variable gain, @Nullable Variable bias, double epsilon, DType type) {
    Tensor mean = workspace.allocate(name + ".mean", x.value().type().computed(), Shape.of(x.shape().rows()));
    return norm(name, x, mean, gain, bias, epsilon, type);
  }

  /** RMSNorm over the last dimension, which subtracts no mean; see {@link Norm}. */
  public Variable rmsNorm(String name, Variable x, @Nullable Variable gain, @Nullable Variable bias, double epsilon) {
    return rmsNorm(name, x, gain, bias, epsilon, x.value().type());
  }

  /** RMSNorm with a result of another element type. */
  public Variable rmsNorm(
      String name, Variable x, @Nullable Variable gain, @Nullable Variable bias, double epsilon, DType type) {
    return norm(name, x, null, gain, bias, epsilon, type);
  }

  private Variable norm(String name, Variable x, @Nullable Tensor mean, @Nullable Variable gain,
      @Nullable Variable bias, double epsilon, DType type) {
    Tensor out = workspace.allocate(name, type, x.shape());
    Tensor inverseStd =
        workspace.allocate(name + ".inverseStd", x.value().type().computed(), Shape.of(x.shape().rows()));
    View meanView = mean == null ? null : mean.view();
    View gainView = gain == null ? null : gain.value().view();
    backend.submit(new Norm(out.view(), meanView, inverseStd.view(), x.value().view(), gainView,
        bias == null ? null : bias.value().view(), epsilon));
    List<Tensor> saved = mean == null ? List.of(inverseStd) : List.of(mean, inverseStd);
    return record(out, inputs(x, gain, bias), saved, dOut -> {
      boolean accumulate = hasGradient(x);
      // The first gradient to reach x takes over the memory of dOut, which nobody reads again.
      boolean inPlace = !accumulate && dOut.type() == x.gradientType();
      View dx = inPlace ? dOut.view() : gradient(x);
      backend.submit(new NormGradient(dx, summedGradient(gain), summedGradient(bias), dOut.view(),
          x.value().view(), meanView, inverseStd.view(), gainView, accumulate));
      if (inPlace) {
        handOver(dOut, x);
      }
    });
  }

  /** Gaussian error linear unit; see {@link Gelu}. */
  public Variable gelu(String name, Variable x, Gelu.Form form) {
    Tensor out = workspace.allocate(name, x.value().type(), x.shape());
    backend.submit(new Gelu(out.view(), x.value().view(), form));
    return record(out, List.of(x), List.of(), dOut -> {
      boolean accumulate = hasGradient(x);
      View dx = accumulate ? gradient(x) : dOut.view();
      backend.submit(new GeluGradient(dx, dOut.view(), x.value().view(), form, accumulate));
      if (!accumulate) {
        handOver(dOut, x);
      }
    });
  }

  /**
   * SwiGLU of the two halves of the last dimension, {@code silu(gate)·up}; see {@link SwiGlu}.
   *
   * @param gateAndUp {@code [..., 2F]}: gate, then up
   * @return {@code [..., F]}
   * @throws IllegalArgumentException if the last dimension is odd
   */
  public Variable swiGlu(String name, Variable gateAndUp) {
    View x = rows(gateAndUp.value());
    if (x.size(1) % 2 != 0) {
      throw new IllegalArgumentException(
          "swiGlu of %s: the last dimension must be even, gate and up side by side".formatted(gateAndUp.value()));
    }
    long width = x.size(1) / 2;
    View gate = x.slice(1, 0, width);
    View up = x.slice(1, width, width);
    long[] sizes = gateAndUp.shape().toArray();
    sizes[sizes.length - 1] = width;
    Tensor out = workspace.allocate(name, gateAndUp.value().type(), Shape.of(sizes));
    backend.submit(new SwiGlu(rows(out), gate, up));
    return record(out, List.of(gateAndUp), List.of(), dOut -> {
      boolean accumulate = hasGradient(gateAndUp);
      View d = gradient(gateAndUp).reshape(x.shape());
      backend.submit(new SwiGluGradient(
          d.slice(1, 0, width), d.slice(1, width, width), rows(dOut), gate, up, accumulate));
    });
  }

  /**
   * Causal multi-head self-attention; see {@link Attention}. Head h uses channels {@code [h·D, (h+1)·D)} of each third.
   *
   * @param qkv queries, keys and values side by side, {@code [B, T, 3C]}
   * @param heads H, divides C
   * @param slopes of the logits against distance, a constant {@code [H]}; absent means 0
   * @param scale factor of the products of queries and keys
   * @return {@code [B, T, C]}
   */
  public Variable attention(String name, Variable qkv, long heads, @Nullable Tensor slopes, double scale) {
    Shape shape = qkv.shape();
    long channels = shape.size(2) / 3;
    DType type = qkv.value().type();
    Tensor out = workspace.allocate(name, type, Shape.of(shape.size(0), shape.size(1), channels));
    Tensor logSumExp =
        workspace.allocate(name + ".logSumExp", type.computed(), Shape.of(shape.size(0), heads, shape.size(1)));
    View all = qkv.value().view();
    View q = heads(all.slice(-1, 0, channels), heads);
    View k = heads(all.slice(-1, channels, channels), heads);
    View v = heads(all.slice(-1, 2 * channels, channels), heads);
    View result = heads(out.view(), heads);
    View slopeView = slopes == null ? null : slopes.view();
    backend.submit(new Attention(result, logSumExp.view(), q, k, v, slopeView, scale));
    return record(out, List.of(qkv), List.of(logSumExp), dOut -> {
      Tensor d = workspace.allocate(name + ".dQkv", type, shape);
      backend.submit(new AttentionGradient(
          heads(d.view().slice(-1, 0, channels), heads),
          heads(d.view().slice(-1, channels, channels), heads),
          heads(d.view().slice(-1, 2 * channels, channels), heads),
          heads(dOut.view(), heads), result, logSumExp.view(), q, k, v, slopeView, scale));
      if (!handOver(d, qkv)) {
        workspace.recycle(d);
      }
    });
  }

  /** {@code [B, T, C]} as {@code [B, H, T, D]}. */
  private static View heads(View view, long heads) {
    return view.split(2, heads).permute(0, 2, 1, 3);
  }

  /**
   * Token lookup plus positions; see {@link Embedding}.
   *
   * @param tokens I32 {@code [B, T]}
   * @param table {@code [V, C]}
   * @param positions {@code [≥ T, C]}, or absent
   */
  public Variable embedding(String name, Tensor tokens, Variable table, @Nullable Variable positions, double scale) {
    Shape shape = Shape.of(tokens.shape().size(0), tokens.shape().size(1), table.shape().size(1));
    Tensor out = workspace.allocate(name, table.value().type(), shape);
    backend.submit(new Embedding(out.view(), tokens.view(), table.value().view(),
        positions == null ? null : positions.value().view(), scale));
    return record(out, inputs(table, positions), List.of(), dOut ->
        backend.submit(new EmbeddingGradient(Objects.requireNonNullElseGet(summedGradient(table), () -> scratch(table)),
            summedGradient(positions), dOut.view(), tokens.view(), scale)));
  }

  /**
   * Mean cross-entropy over all positions; see {@link CrossEntropy}. When gradients are wanted, the logits' memory is
   * overwritten with their gradient, {@code weight/rows·(softmax − one-hot)}.
   *
   * @param logits {@code [..., V]}
   * @param targets I32, one for each row of the logits
   * @param weight factor of the gradient: 1, or 1/n when the gradients of n micro-batches are added
   * @throws IllegalArgumentException if the logits are a parameter itself, whose value would be lost
   */
  public Loss crossEntropy(Variable logits, Tensor targets, double weight) {
    View rows = rows(logits.value());
    Tensor losses = workspace.allocate("losses", logits.value().type().computed(), Shape.of(rows.size(0)));
    boolean differentiate = recording && logits.requiresGradient();
    if (differentiate && logits.gradientMemory() != null) {
      throw new IllegalArgumentException(
          "'%s' has a gradient already: logits must be fresh results, for their memory is overwritten"
              .formatted(logits.value().name()));
    }
    backend.submit(new CrossEntropy(losses.view(), differentiate ? rows : null, rows,
        targets.view().reshape(losses.shape()), weight / rows.size(0)));
    return new Loss(mean(losses), losses, logits, differentiate ? logits.value() : null);
  }

  /**
   * Mean cross-entropy of the logits {@code multiplier·x·headᵀ}, which are never held whole: {@code rowsAtATime} rows
   * are computed, turned into losses and their gradient, multiplied with the head and with x, and forgotten. The
   * gradient of the head is added to in this forward pass already, that of x is kept for {@link #backward}.
   *
   * <p>Fewer rows take less memory, V numbers each, but read the head and update its gradient more often.
   *
   * @param x {@code [..., C]}
   * @param head {@code [V, C]}
   * @param targets I32, one for each row of x
   * @param weight factor of the gradient: 1, or 1/n when the gradients of n micro-batches are added
   * @param rowsAtATime rows of logits in memory at a time
   * @throws IllegalArgumentException if that is less than 1
   */
  public Loss headCrossEntropy(
      Variable x, Variable head, Tensor targets, double multiplier, double weight, int rowsAtATime) {
    if (rowsAtATime < 1) {
      throw new IllegalArgumentException(
          "head cross-entropy: rowsAtATime is %d (expected: at least 1); give the rows of logits to hold at once"
              .formatted(rowsAtATime));
    }
    View input = rows(x.value());
    View table = head.value().view();
    DType type = x.value().type();
    long count = input.size(0);
    Tensor losses = workspace.allocate("losses", type.computed(), Shape.of(count));
    View targetRows = targets.view().reshape(losses.shape());
    boolean wantsInput = recording && x.requiresGradient();
    boolean wantsHead = recording && head.requiresGradient();
    Tensor dInput = wantsInput ? like("gradient of " + x.value().name(), x) : null;
    Tensor logits = workspace.allocate("logits", type, Shape.of(Math.min(count, rowsAtATime), table.size(0)));
    for (long first = 0; first < count; first += rowsAtATime) {
      long rows = Math.min(rowsAtATime, count - first);
      View some = input.slice(0, first, rows);
      View someLogits = logits.view().slice(0, 0, rows);
      backend.submit(MatMul.scaled(someLogits, some, table.transpose(), multiplier, false));
      backend.submit(new CrossEntropy(losses.view().slice(0, first, rows), wantsInput || wantsHead ? someLogits : null,
          someLogits, targetRows.slice(0, first, rows), weight / count));
      if (dInput != null) {
        backend.submit(MatMul.scaled(rows(dInput).slice(0, first, rows), someLogits, table, multiplier, false));
      }
      if (wantsHead) {
        boolean accumulate = hasGradient(head);
        backend.submit(MatMul.scaled(gradient(head), someLogits.transpose(), some, multiplier, accumulate));
      }
    }
    workspace.recycle(logits);
    return new Loss(mean(losses), losses, x, dInput);
  }

  private Tensor mean(Tensor losses) {
    Tensor mean = workspace.allocate("loss", losses.type(), Shape.scalar());
    backend.submit(new Sum(mean.view(), losses.view(), 1.0 / losses.view().elements(), false));
    return mean;
  }

  /** Runs the backward pass from a loss. Ends the tape: it can record a new computation afterwards. */
  public void backward(Loss loss) {
    requireParameters(loss.input());
    Tensor gradient = Objects.requireNonNull(loss.gradient(), "formed in the forward pass of a recording tape");
    if (takesOver(loss.input())) {
      loss.input().gradient(gradient);
    } else {
      addScaled(loss.input(), 1, gradient);
    }
    runBackward();
  }

  /** Runs the backward pass from any result, whose gradient is given. Ends the tape. */
  public void backward(Variable result, Tensor dResult) {
    requireParameters(result);
    addScaled(result, 1, dResult);
    runBackward();
  }

  private void requireParameters(Variable result) {
    if (!recording) {
      throw new IllegalStateException("this tape is for inference: make it with Tape.recording to get gradients");
    }
    if (!result.requiresGradient()) {
      throw new IllegalArgumentException(
          "'%s' does not depend on any parameter: it has no backward pass".formatted(result.value().name()));
    }
  }

  private void runBackward() {
    for (int i = steps.size() - 1; i >= 0; i--) {
      Step step = steps.get(i);
      Tensor dOut = step.result().gradient();
      handedOver = null;
      if (dOut != null) {
        step.backward().run(dOut);
        step.result().gradient(null);
      }
      recycle(step, dOut);
    }
    steps.clear();
    for (Variable parameter : parameters.values()) {
      if (!hasGradient(parameter)) {
        backend.submit(new Fill(gradient(parameter), 0));
      }
    }
    parameters.clear();
  }

  private void recycle(Step step, @Nullable Tensor dOut) {
    Tensor value = step.result().value();
    // Logits hold their gradient in their own memory: one block, given back once.
    if (dOut != null && dOut.view().buffer() != value.view().buffer()) {
      recycleUnlessHandedOver(dOut);
    }
    recycleUnlessHandedOver(value);
    for (Tensor kept : step.kept()) {
      workspace.recycle(kept);
    }
  }

  private void recycleUnlessHandedOver(Tensor tensor) {
    if (handedOver == null || handedOver.view().buffer() != tensor.view().buffer()) {
      workspace.recycle(tensor);
    }
  }

  /**
   * Makes {@code gradient} the gradient of {@code input} if it is the first to arrive there, else adds it. Nothing may
   * read it afterwards.
   *
   * @return whether its memory now belongs to the input
   */
  private boolean handOver(Tensor gradient, Variable input) {
    if (takesOver(input) && gradient.type() == input.gradientType()) {
      input.gradient(gradient.with(gradient.view().reshape(input.shape())));
      handedOver = gradient;
      return true;
    }
    addScaled(input, 1, gradient);
    return false;
  }

  private void addScaled(Variable input, double factor, Tensor gradient) {
    if (input.requiresGradient()) {
      boolean accumulate = hasGradient(input);
      View target = gradient(input);
      backend.submit(new LinearCombination(target, factor, gradient.view(), 1, accumulate ? target : null));
    }
  }

  /** Whether the first gradient's memory can become this variable's: not a parameter's, which lies where it lies. */
  private static boolean takesOver(Variable variable) {
    return variable.requiresGradient() && !hasGradient(variable) && variable.gradientMemory() == null;
  }

  private static boolean hasGradient(Variable variable) {
    return variable.gradient() != null;
  }

  /** The variable's gradient, of unspecified content if there was none. */
  private View gradient(Variable variable) {
    Tensor gradient = variable.gradient();
    if (gradient == null) {
      Tensor value = variable.value();
      gradient = variable.gradientMemory() != null ? variable.gradientMemory()
          : workspace.allocate("gradient of " + value.name(), variable.gradientType(), value.shape());
      variable.gradient(gradient);
    }
    return gradient.view();
  }

  /** The gradient for kernels that only ever add: zeroed if there was none; null if none is wanted. */
  private @Nullable View summedGradient(@Nullable Variable variable) {
    if (variable == null || !variable.requiresGradient()) {
      return null;
    }
    if (!hasGradient(variable)) {
      backend.submit(new Fill(gradient(variable), 0));
    }
    return gradient(variable);
  }

  private View scratch(Variable variable) {
    Tensor value = variable.value();
    return workspace.allocate("scratch for " + value.name(), value.type().computed(), value.shape()).view();
  }

  private Tensor like(String name, Variable x) {
    return workspace.allocate(name, x.value().type(), x.shape());
  }

  /** All leading dimensions folded into one. */
  private static View rows(Tensor tensor) {
    return tensor.view().reshape(Shape.of(tensor.shape().rows(), tensor.shape().size(-1)));
  }

  private static List<Variable> inputs(@Nullable Variable... candidates) {
    List<Variable> inputs = new ArrayList<>(candidates.length);
    for (Variable candidate : candidates) {
      if (candidate != null) {
        inputs.add(candidate);
      }
    }
    return inputs;
  }

  private Variable record(Tensor out, List<Variable> inputs, List<Tensor> kept, Backward backward) {
    return record(out, out.type(), inputs, kept, backward);
  }

  private Variable record(
      Tensor out, DType gradientType, List<Variable> inputs, List<Tensor> kept, Backward backward) {
    boolean requiresGradient = false;
    for (Variable input : inputs) {
      requiresGradient |= input.requiresGradient();
    }
    Variable result = Variable.result(out, gradientType, recording && requiresGradient);
    if (result.requiresGradient()) {
      steps.add(new Step(result, backward, kept));
    }
    return result;
  }
}
