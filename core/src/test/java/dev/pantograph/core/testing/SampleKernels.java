package dev.pantograph.core.testing;

import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.spi.AdamW;
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
import dev.pantograph.spi.MatMul.Epilogue;
import dev.pantograph.spi.Norm;
import dev.pantograph.spi.NormGradient;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SparseIndices;
import dev.pantograph.spi.SparseMatMul;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.SwiGlu;
import dev.pantograph.spi.SwiGluGradient;
import dev.pantograph.spi.View;
import java.util.ArrayList;
import java.util.List;

/**
 * A kernel of every kind and with every kind of option, on a backend's memory, with operands as a model has them:
 * absent ones, transposed, interleaved, accumulated into, and results in place of operands.
 */
public final class SampleKernels implements AutoCloseable {
  private static final int VOCABULARY = 11;

  private final Backend backend;
  private final Storage storage;
  private final List<Kernel> kernels = new ArrayList<>();
  private long stream;

  /** Makes them on operands that are a function of the seed. */
  public SampleKernels(Backend backend) {
    this.backend = backend;
    this.storage = new Storage(backend);
    addProducts();
    addAttention();
    addNorms();
    addElementwise();
    addEnds();
    addSparseProducts();
    addOptimizer();
  }

  /** All of them; each can be submitted, in this order. */
  public List<Kernel> all() {
    return List.copyOf(kernels);
  }

  private View normal(long... sizes) {
    Tensor tensor = storage.allocate("operand " + stream, DType.F32, Shape.of(sizes));
    tensor.set(Numbers.normal(1, stream++, tensor.shape().elements()));
    return tensor.view();
  }

  private View positive(long... sizes) {
    View view = normal(sizes);
    backend.submit(new Product(view, view, view, false));
    return view;
  }

  private View tokens(long... sizes) {
    Tensor tensor = storage.allocate("tokens " + stream, DType.I32, Shape.of(sizes));
    tensor.set(Numbers.below(VOCABULARY, 1, stream++, tensor.shape().elements()));
    return tensor.view();
  }

  private void addProducts() {
    kernels.add(MatMul.product(normal(5, 7), normal(5, 40), normal(40, 7)));
    kernels.add(MatMul.scaled(normal(2, 9, 6), normal(2, 33, 9).transpose(), normal(2, 6, 33).transpose(), 0.5, true));
    kernels.add(new MatMul(normal(8, 16), normal(8, 24), normal(24, 16), 1.5, normal(16), 0.5, normal(8, 16),
        new Epilogue.Activation(normal(8, 16), Gelu.Form.TANH)));
    kernels.add(new MatMul(normal(8, 16), normal(8, 24), normal(24, 16), 1, null, 0, null,
        new Epilogue.ActivationGradient(normal(8, 16), Gelu.Form.EXACT)));
    View both = normal(12, 20);
    kernels.add(MatMul.scaled(both.slice(1, 0, 10), normal(30, 12).transpose(), normal(30, 10), 1, true)
        .with(new Epilogue.RowSums(normal(12), true)));
  }

  private void addSparseProducts() {
    SparseIndices indices = SparseIndices.of(6, 9, (row, column) -> row != 2 && (row + column) % 3 == 0);
    Tensor memory = storage.allocate("pattern", DType.I32, Shape.of(indices.byteSize() / Integer.BYTES));
    SparsePattern pattern = indices.upload(backend, memory.view().buffer(), memory.view().byteOffset());
    View values = normal(pattern.nonZeros());
    kernels.add(SparseMatMul.forward(normal(5, 6), normal(5, 9), values, pattern, normal(6)));
    kernels.add(SparseMatMul.inputGradient(normal(5, 9), normal(5, 6), values, pattern, 0.5, true));
    kernels.add(new SampledMatMul(normal(pattern.nonZeros()), normal(5, 6), normal(5, 9), pattern, 2, false));
  }

  /** Thirds of the rows of one buffer, as heads: {@code [B, H, T, D]}. */
  private static View heads(View projection, int third, long heads) {
    long width = projection.size(-1) / 3;
    return projection.slice(2, third * width, width).split(2, heads).permute(0, 2, 1, 3);
  }

  private void addAttention() {
    View projection = normal(2, 13, 3 * 12);
    View dProjection = normal(2, 13, 3 * 12);
    View out = normal(2, 13, 12).split(2, 3).permute(0, 2, 1, 3);
    View logSumExp = normal(2, 3, 13);
    Attention forward = new Attention(out, logSumExp, heads(projection, 0, 3), heads(projection, 1, 3),
        heads(projection, 2, 3), positive(3), 0.5);
    kernels.add(forward);
    kernels.add(new AttentionGradient(heads(dProjection, 0, 3), heads(dProjection, 1, 3), heads(dProjection, 2, 3),
        normal(2, 13, 12).split(2, 3).permute(0, 2, 1, 3), out, logSumExp, forward.q(), forward.k(), forward.v(),
        forward.slopes(), 0.5));
  }

  private void addNorms() {
    Norm layer = new Norm(normal(6, 20), normal(6), normal(6), normal(6, 20), normal(20), normal(20), 1e-5);
    kernels.add(layer);
    kernels.add(new NormGradient(normal(6, 20), normal(20), normal(20), normal(6, 20), layer.x(), layer.mean(),
        layer.inverseStd(), layer.gain(), true));
    Norm rms = new Norm(normal(6, 20), null, normal(6), normal(6, 20), null, null, 1e-6);
    kernels.add(rms);
    View gradient = normal(6, 20);
    kernels.add(new NormGradient(gradient, null, null, gradient, rms.x(), null, rms.inverseStd(), null, false));
  }

  private void addElementwise() {
    View x = normal(9, 5);
    kernels.add(new Gelu(x, x, Gelu.Form.EXACT));
    kernels.add(new GeluGradient(normal(9, 5), normal(9, 5), normal(9, 5), Gelu.Form.TANH, true));
    View both = normal(7, 18);
    View gradients = normal(7, 18);
    kernels.add(new SwiGlu(normal(7, 9), both.slice(1, 0, 9), both.slice(1, 9, 9)));
    kernels.add(new SwiGluGradient(gradients.slice(1, 0, 9), gradients.slice(1, 9, 9), normal(7, 9),
        both.slice(1, 0, 9), both.slice(1, 9, 9), false));
    kernels.add(new LinearCombination(x, 0.9, x, -0.5, normal(9, 5)));
    kernels.add(new LinearCombination(normal(9, 5), 0.9, x, Double.NaN, null));
    kernels.add(new Product(normal(9, 5), x, normal(9, 5), true));
    kernels.add(new Sum(normal(5), normal(4, 9, 5), 0.25, true));
    kernels.add(new Fill(normal(9, 5), -3));
    kernels.add(new Copy(normal(5, 9), x.transpose()));
    kernels.add(new Randomize(normal(40), new Randomize.Distribution.Normal(1, 0.5), Long.MAX_VALUE, 3));
    kernels.add(new Randomize(normal(40), new Randomize.Distribution.Bernoulli(0.3), 4, Long.MIN_VALUE));
  }

  private void addEnds() {
    View tokens = tokens(3, 8);
    kernels.add(new Embedding(normal(3, 8, 6), tokens, normal(VOCABULARY, 6), normal(9, 6), 2));
    kernels.add(new EmbeddingGradient(normal(VOCABULARY, 6), null, normal(3, 8, 6), tokens, 2));
    View logits = normal(24, VOCABULARY);
    kernels.add(new CrossEntropy(normal(24), logits, logits, tokens(24), 1 / 24.0));
  }

  private void addOptimizer() {
    AdamW.Slot first = slot(AdamW.Decay.COUPLED, 6, 4);
    AdamW.Slot second = slot(AdamW.Decay.INDEPENDENT, 17);
    View norm = storage.allocate("squaredNorm", DType.F64, Shape.scalar()).view();
    kernels.add(new SquaredNorm(norm, List.of(first.gradient(), second.gradient())));
    kernels.add(new AdamW(List.of(first, second), positive(AdamW.CONTROL_SIZE), norm, 0.7, 0.9, 0.95));
  }

  private AdamW.Slot slot(AdamW.Decay decay, long... sizes) {
    return new AdamW.Slot(normal(sizes), normal(sizes), normal(sizes), positive(sizes), 0.5, 0.1, decay, 1e-8);
  }

  @Override
  public void close() {
    storage.close();
  }
}
