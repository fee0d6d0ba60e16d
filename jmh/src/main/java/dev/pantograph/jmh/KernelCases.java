package dev.pantograph.jmh;

import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.Copy;
import dev.pantograph.spi.CrossEntropy;
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
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SparseMatMul;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.SwiGlu;
import dev.pantograph.spi.SwiGluGradient;
import dev.pantograph.spi.View;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Every kernel at the shapes of real models, at an awkward one and, where memory is the limit, at one beyond the
 * caches. Operands are laid out as a training step lays them out.
 */
final class KernelCases {
  private static final List<ModelShape> MODELS =
      List.of(ModelShape.D256, ModelShape.D512, ModelShape.GPT2, ModelShape.AWKWARD);

  private static final List<Double> DENSITIES = List.of(0.5, 0.25, 0.125, 0.1, 0.05, 0.01);

  private final List<KernelCase> cases = new ArrayList<>();

  private KernelCases() {}

  static List<KernelCase> all() {
    return new KernelCases().collect();
  }

  /**
   * The case of this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static KernelCase named(String name) {
    return all().stream().filter(one -> one.name().equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no kernel case is named '%s'".formatted(name)));
  }

  private List<KernelCase> collect() {
    matMul("square 1024x1024x1024", o -> MatMul.product(o.result(1024, 1024), o.normal(1024, 1024),
        o.normal(1024, 1024)));
    matMul("awkward TT 509x251x127", o -> MatMul.product(o.result(509, 251), o.normal(127, 509).transpose(),
        o.normal(251, 127).transpose()));
    matMul("batched 48x77x77x42", o -> MatMul.product(o.result(48, 77, 77), o.normal(48, 77, 42),
        o.normal(48, 77, 42).transpose()));
    for (int rows : List.of(4, 16)) {
      matMul("skinny %dx3072x768".formatted(rows), o -> MatMul.product(o.result(rows, 3072), o.normal(rows, 768),
          o.normal(3072, 768).transpose()));
    }
    for (ModelShape model : MODELS) {
      feedForwardUp(model);
      linear(model, "qkv", 3 * model.width(), model.width());
      linear(model, "attention.out", model.width(), model.width());
      linear(model, "up", model.feedForward(), model.width());
      linear(model, "down", model.width(), model.feedForward());
      linear(model, "head", model.vocabulary(), model.width());
    }
    thinned(ModelShape.D1024, "attention.out", ModelShape.D1024.width(), ModelShape.D1024.width());
    thinned(ModelShape.D1024, "up", ModelShape.D1024.feedForward(), ModelShape.D1024.width());
    thinned(ModelShape.D1024, "down", ModelShape.D1024.width(), ModelShape.D1024.feedForward());
    sparseLinear(ModelShape.AWKWARD, "up", ModelShape.AWKWARD.feedForward(), ModelShape.AWKWARD.width(), 0.2);
    computing("Attention", KernelCases::attention);
    computing("AttentionGradient", KernelCases::attentionGradient);
    moving("Norm", (m, o) -> norm(o.normal(m.activation(m.width())), m, o));
    moving("NormGradient", KernelCases::normGradient);
    moving("Gelu", (m, o) -> new Gelu(o.result(m.activation(m.feedForward())),
        o.normal(m.activation(m.feedForward())), Gelu.Form.EXACT));
    moving("GeluGradient", (m, o) -> new GeluGradient(o.result(m.activation(m.feedForward())),
        o.normal(m.activation(m.feedForward())), o.normal(m.activation(m.feedForward())), Gelu.Form.EXACT, false));
    moving("SwiGlu", (m, o) -> {
      View both = o.normal(m.tokens(), 2L * m.feedForward());
      return new SwiGlu(o.result(m.tokens(), m.feedForward()), both.slice(-1, 0, m.feedForward()),
          both.slice(-1, m.feedForward(), m.feedForward()));
    });
    moving("SwiGluGradient", KernelCases::swiGluGradient);
    moving("Embedding", (m, o) -> new Embedding(o.result(m.activation(m.width())), tokens(m, o),
        o.normal(m.vocabulary(), m.width()), o.normal(m.time(), m.width()), 1));
    moving("EmbeddingGradient", (m, o) -> new EmbeddingGradient(o.result(m.vocabulary(), m.width()),
        o.result(m.time(), m.width()), o.normal(m.activation(m.width())), tokens(m, o), 1));
    moving("CrossEntropy", (m, o) -> new CrossEntropy(o.result(m.tokens()), o.result(m.tokens(), m.vocabulary()),
        o.normal(m.tokens(), m.vocabulary()), o.tokens(m.vocabulary(), Shape.of(m.tokens())), 1.0 / m.tokens()));
    moving("AdamW", KernelCases::adamW);
    moving("SquaredNorm", (m, o) -> new SquaredNorm(o.accumulator(),
        parameters(m).stream().map(o::normal).toList()));
    moving("LinearCombination", (m, o) -> new LinearCombination(o.result(m.activation(m.width())), 0.5,
        o.normal(m.activation(m.width())), 1, o.normal(m.activation(m.width()))));
    moving("Product", (m, o) -> new Product(o.result(m.activation(m.width())), o.normal(m.activation(m.width())),
        o.normal(m.activation(m.width())), false));
    moving("Sum", (m, o) -> new Sum(o.result(m.feedForward()), o.normal(m.activation(m.feedForward())), 1, true));
    moving("Fill", (m, o) -> new Fill(o.result(m.activation(m.feedForward())), 1));
    moving("Copy", (m, o) -> new Copy(o.result(m.activation(m.width())), o.normal(m.activation(m.width()))));
    moving("Randomize", (m, o) -> new Randomize(o.result(m.activation(m.feedForward())),
        new Randomize.Distribution.Normal(0, 1), 0, 1));
    return cases;
  }

  /** A kernel limited by arithmetic: at the models' shapes. */
  private void computing(String kernel, BiFunction<ModelShape, Operands, Kernel> make) {
    MODELS.forEach(model -> add(kernel, model, make));
  }

  /** A kernel limited by memory: at a size beyond the caches, too. */
  private void moving(String kernel, BiFunction<ModelShape, Operands, Kernel> make) {
    computing(kernel, make);
    add(kernel, ModelShape.LARGE, make);
  }

  private void add(String kernel, ModelShape model, BiFunction<ModelShape, Operands, Kernel> make) {
    cases.add(new KernelCase("%s %s".formatted(kernel, model.label()), operands -> make.apply(model, operands)));
  }

  private void matMul(String where, Function<Operands, MatMul> make) {
    cases.add(new KernelCase("MatMul " + where, make::apply));
  }

  /** The three products of a layer {@code y = x·Wᵀ} with {@code W [out, in]}: forward and its two gradients. */
  private void linear(ModelShape model, String layer, int out, int in) {
    int tokens = model.tokens();
    String where = model.label() + " " + layer;
    matMul("%s %dx%dx%d".formatted(where, tokens, out, in), o -> MatMul.product(o.result(tokens, out),
        o.normal(tokens, in), o.normal(out, in).transpose()));
    matMul("%s.dx %dx%dx%d".formatted(where, tokens, in, out), o -> MatMul.product(o.result(tokens, in),
        o.normal(tokens, out), o.normal(out, in)));
    matMul("%s.dw %dx%dx%d".formatted(where, out, in, tokens), o -> MatMul.scaled(o.result(out, in),
        o.normal(tokens, out).transpose(), o.normal(tokens, in), 1, true));
  }

  /** The three products of a layer with all its weights, then with fewer and fewer. */
  private void thinned(ModelShape model, String layer, int out, int in) {
    linear(model, layer, out, in);
    for (double density : DENSITIES) {
      sparseLinear(model, layer, out, in, density);
    }
  }

  private void sparseLinear(ModelShape model, String layer, int out, int in, double density) {
    int tokens = model.tokens();
    String where = model.label() + " " + layer;
    add("SparseMatMul %s %dx%dx%d at %s".formatted(where, tokens, out, in, density), o -> {
      SparsePattern pattern = o.pattern(out, in, density);
      return SparseMatMul.forward(
          o.result(tokens, out), o.normal(tokens, in), o.normal(pattern.nonZeros()), pattern, null);
    });
    add("SparseMatMul %s.dx %dx%dx%d at %s".formatted(where, tokens, in, out, density), o -> {
      SparsePattern pattern = o.pattern(out, in, density);
      return SparseMatMul.inputGradient(
          o.result(tokens, in), o.normal(tokens, out), o.normal(pattern.nonZeros()), pattern, 1, false);
    });
    add("SampledMatMul %s.dw %dx%dx%d at %s".formatted(where, out, in, tokens, density), o -> {
      SparsePattern pattern = o.pattern(out, in, density);
      return new SampledMatMul(
          o.result(pattern.nonZeros()), o.normal(tokens, out), o.normal(tokens, in), pattern, 1, false);
    });
  }

  private void add(String name, Function<Operands, Kernel> make) {
    cases.add(new KernelCase(name, make));
  }

  /** The product before the activation with the activation in it, and with its gradient. */
  private void feedForwardUp(ModelShape model) {
    int tokens = model.tokens();
    int width = model.width();
    int hidden = model.feedForward();
    matMul("%s up+gelu %dx%dx%d".formatted(model.label(), tokens, hidden, width), o -> MatMul.product(
        o.result(tokens, hidden), o.normal(tokens, width), o.normal(hidden, width).transpose())
        .with(new MatMul.Epilogue.Activation(o.result(tokens, hidden), Gelu.Form.EXACT)));
    matMul("%s down.dx+gelu' %dx%dx%d".formatted(model.label(), tokens, hidden, width), o -> MatMul.product(
        o.result(tokens, hidden), o.normal(tokens, width), o.normal(width, hidden))
        .with(new MatMul.Epilogue.ActivationGradient(o.normal(tokens, hidden), Gelu.Form.EXACT)));
  }

  private static View tokens(ModelShape model, Operands operands) {
    return operands.tokens(model.vocabulary(), Shape.of(model.batch(), model.time()));
  }

  /** A third of the channels of {@code [B, T, 3C]}, by heads: {@code [B, H, T, D]}. */
  private static View third(View all, int which, ModelShape model) {
    return heads(all.slice(-1, (long) which * model.width(), model.width()), model);
  }

  private static View heads(View view, ModelShape model) {
    return view.split(2, model.heads()).permute(0, 2, 1, 3);
  }

  private static Attention attention(ModelShape m, Operands o) {
    View qkv = o.normal(m.activation(3 * m.width()));
    return new Attention(heads(o.result(m.activation(m.width())), m), o.result(m.batch(), m.heads(), m.time()),
        third(qkv, 0, m), third(qkv, 1, m), third(qkv, 2, m), null, 1 / Math.sqrt(m.headDim()));
  }

  private static AttentionGradient attentionGradient(ModelShape m, Operands o) {
    Attention forward = attention(m, o);
    o.submit(forward);
    View gradient = o.result(m.activation(3 * m.width()));
    return new AttentionGradient(third(gradient, 0, m), third(gradient, 1, m), third(gradient, 2, m),
        heads(o.normal(m.activation(m.width())), m), forward.out(), forward.logSumExp(), forward.q(), forward.k(),
        forward.v(), null, forward.scale());
  }

  private static Norm norm(View x, ModelShape m, Operands o) {
    return new Norm(o.result(x.shape()), o.result(m.tokens()), o.result(m.tokens()), x,
        o.filled(1, Shape.of(m.width())), o.result(m.width()), 1e-5);
  }

  private static NormGradient normGradient(ModelShape m, Operands o) {
    Norm forward = norm(o.normal(m.activation(m.width())), m, o);
    o.submit(forward);
    return new NormGradient(o.result(forward.x().shape()), o.result(m.width()), o.result(m.width()),
        o.normal(forward.x().shape()), forward.x(), forward.mean(), forward.inverseStd(), forward.gain(), false);
  }

  private static SwiGluGradient swiGluGradient(ModelShape m, Operands o) {
    int f = m.feedForward();
    View both = o.normal(m.tokens(), 2L * f);
    View gradient = o.result(both.shape());
    return new SwiGluGradient(gradient.slice(-1, 0, f), gradient.slice(-1, f, f), o.normal(m.tokens(), f),
        both.slice(-1, 0, f), both.slice(-1, f, f), false);
  }

  private static AdamW adamW(ModelShape m, Operands o) {
    List<AdamW.Slot> slots = parameters(m).stream().map(shape -> new AdamW.Slot(o.normal(shape), o.normal(shape),
        o.result(shape), o.filled(1, shape), 1, 0.1, AdamW.Decay.COUPLED, 1e-8)).toList();
    View control = o.filled(1e-4, Shape.of(AdamW.CONTROL_SIZE));
    View squaredNorm = o.accumulator();
    o.submit(new SquaredNorm(squaredNorm, List.of(control)));
    return new AdamW(slots, control, squaredNorm, 1, 0.9, 0.95);
  }

  /** The matrices of the model. */
  private static List<Shape> parameters(ModelShape m) {
    List<Shape> shapes = new ArrayList<>();
    shapes.add(Shape.of(m.vocabulary(), m.width()));
    for (int block = 0; block < m.layers(); block++) {
      shapes.add(Shape.of(3L * m.width(), m.width()));
      shapes.add(Shape.of(m.width(), m.width()));
      shapes.add(Shape.of(m.feedForward(), m.width()));
      shapes.add(Shape.of(m.width(), m.feedForward()));
    }
    return shapes;
  }
}
