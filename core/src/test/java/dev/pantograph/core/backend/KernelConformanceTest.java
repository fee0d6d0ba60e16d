package dev.pantograph.core.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.core.testing.TestBackends;
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
import dev.pantograph.spi.Norm;
import dev.pantograph.spi.NormGradient;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.SwiGlu;
import dev.pantograph.spi.SwiGluGradient;
import dev.pantograph.spi.View;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kernel on backend {@code vector} does what it does on {@code reference}, over random shapes and options. */
class KernelConformanceTest {
  private static final int ROUNDS = 12;
  /** One element, primes, whole vectors, whole vectors and a rest. */
  private static final int[] SIZES = {1, 2, 3, 5, 7, 8, 13, 16, 17, 31, 32, 37, 48, 61};
  private static final int VOCABULARY = 11;
  /** Large enough that rows of nearly equal elements do not amplify rounding. */
  private static final double NORM_EPSILON = 0.1;

  @AutoClose private final Backend reference = TestBackends.reference();
  @AutoClose private final Backend vector = TestBackends.vector(2);

  /** A kernel and how exact its results must be. */
  record Case(Kernel kernel, Tolerance tolerance) {}

  /** Makes one kernel on random operands. */
  record Maker(Class<? extends Kernel> type, Function<Operands, Case> make) {
    @Override
    public String toString() {
      return type.getSimpleName();
    }
  }

  /** Operands on one backend, a function of the seed: both backends get the same. */
  static final class Operands implements AutoCloseable {
    private final Backend backend;
    private final Storage storage;
    private final SplittableRandom random;

    Operands(Backend backend, long seed) {
      this.backend = backend;
      this.storage = new Storage(backend);
      this.random = new SplittableRandom(seed);
    }

    long size() {
      return SIZES[random.nextInt(SIZES.length)];
    }

    boolean flip() {
      return random.nextBoolean();
    }

    double factor() {
      return random.nextDouble(-1, 1);
    }

    /** Elements uniform in [−1, 1). */
    View signed(long... sizes) {
      return filled(-1, 1, sizes);
    }

    /** Elements uniform in [½, 1). */
    View positive(long... sizes) {
      return filled(0.5, 1, sizes);
    }

    private View filled(double from, double to, long... sizes) {
      Tensor tensor = storage.allocate("operand", DType.F32, Shape.of(sizes));
      double[] values = new double[Math.toIntExact(tensor.shape().elements())];
      Arrays.setAll(values, i -> (float) random.nextDouble(from, to));
      tensor.set(values);
      return tensor.view();
    }

    /** A matrix stored by rows or by columns. */
    View matrix(long batch, long rows, long columns) {
      return flip() ? signed(batch, rows, columns) : signed(batch, columns, rows).transpose();
    }

    @Nullable View perhaps(View view) {
      return flip() ? view : null;
    }

    View tokens(long... sizes) {
      Tensor tensor = storage.allocate("tokens", DType.I32, Shape.of(sizes));
      tensor.set(random.ints(tensor.shape().elements(), 0, VOCABULARY).toArray());
      return tensor.view();
    }

    View scalar() {
      return storage.allocate("scalar", DType.F64, Shape.scalar()).view();
    }

    void submit(Kernel kernel) {
      backend.submit(kernel);
    }

    double[] values(View view) {
      return new Tensor(backend, "operand", view).toDoubles();
    }

    @Override
    public void close() {
      storage.close();
    }
  }

  static List<Maker> kernels() {
    return List.of(
        new Maker(MatMul.class, KernelConformanceTest::matMul),
        new Maker(Attention.class, KernelConformanceTest::attention),
        new Maker(AttentionGradient.class, KernelConformanceTest::attentionGradient),
        new Maker(Norm.class, KernelConformanceTest::norm),
        new Maker(NormGradient.class, KernelConformanceTest::normGradient),
        new Maker(Gelu.class, o -> {
          View x = o.signed(o.size(), o.size());
          return new Case(new Gelu(o.signed(x.shape().toArray()), x, form(o)), Tolerance.ofElements(1));
        }),
        new Maker(GeluGradient.class, o -> {
          View x = o.signed(o.size(), o.size());
          long[] shape = x.shape().toArray();
          return new Case(new GeluGradient(o.signed(shape), o.signed(shape), x, form(o), o.flip()),
              Tolerance.ofElements(2));
        }),
        new Maker(SwiGlu.class, o -> {
          long rows = o.size();
          long width = o.size();
          View both = o.signed(rows, 2 * width);
          return new Case(new SwiGlu(o.signed(rows, width), both.slice(1, 0, width), both.slice(1, width, width)),
              Tolerance.ofElements(1));
        }),
        new Maker(SwiGluGradient.class, o -> {
          long rows = o.size();
          long width = o.size();
          View both = o.signed(rows, 2 * width);
          View gradients = o.signed(rows, 2 * width);
          return new Case(new SwiGluGradient(gradients.slice(1, 0, width), gradients.slice(1, width, width),
              o.signed(rows, width), both.slice(1, 0, width), both.slice(1, width, width), o.flip()),
              Tolerance.ofElements(2));
        }),
        new Maker(Embedding.class, o -> {
          long b = o.size();
          long t = o.size();
          long c = o.size();
          return new Case(new Embedding(o.signed(b, t, c), o.tokens(b, t), o.signed(VOCABULARY, c),
              o.perhaps(o.signed(t + 2, c)), o.factor()), Tolerance.ofElements(2));
        }),
        new Maker(EmbeddingGradient.class, o -> {
          long b = o.size();
          long t = o.size();
          long c = o.size();
          return new Case(new EmbeddingGradient(o.signed(VOCABULARY, c), o.perhaps(o.signed(t + 2, c)),
              o.signed(b, t, c), o.tokens(b, t), o.factor()), Tolerance.ofSum(b * t, 1));
        }),
        new Maker(CrossEntropy.class, o -> {
          long rows = o.size();
          long vocabulary = VOCABULARY + o.size();
          return new Case(new CrossEntropy(o.signed(rows), o.perhaps(o.signed(rows, vocabulary)),
              o.signed(rows, vocabulary), o.tokens(rows), o.factor()), Tolerance.ofSum(vocabulary, 1));
        }),
        new Maker(AdamW.class, KernelConformanceTest::adamW),
        new Maker(SquaredNorm.class, o -> {
          View first = o.signed(o.size(), o.size());
          View second = o.signed(o.size());
          // Summed in float64 by definition: the squares of float32 numbers are exact there.
          double tolerance = (first.elements() + second.elements()) * 0x1p-53 * (first.elements() + second.elements());
          return new Case(new SquaredNorm(o.scalar(), List.of(first, second)), new Tolerance(tolerance));
        }),
        new Maker(LinearCombination.class, o -> {
          View x = o.signed(o.size(), o.size());
          long[] shape = x.shape().toArray();
          return new Case(new LinearCombination(o.signed(shape), o.factor(), x, o.factor(), o.perhaps(o.signed(shape))),
              Tolerance.ofElements(2));
        }),
        new Maker(Product.class, o -> {
          View x = o.signed(o.size(), o.size());
          long[] shape = x.shape().toArray();
          return new Case(new Product(o.signed(shape), x, o.signed(shape), o.flip()), Tolerance.ofElements(2));
        }),
        new Maker(Sum.class, o -> {
          View x = o.signed(o.size(), o.size(), o.size());
          View out = o.flip() ? o.signed() : o.signed(x.size(-1));
          return new Case(new Sum(out, x, o.factor(), o.flip()), Tolerance.ofSum(x.elements() / out.elements(), 1));
        }),
        new Maker(Fill.class, o -> new Case(new Fill(o.signed(o.size(), o.size()), o.factor()), Tolerance.EXACT)),
        new Maker(Copy.class, o -> {
          View x = o.matrix(o.size(), o.size(), o.size());
          return new Case(new Copy(o.signed(x.shape().toArray()), x), Tolerance.EXACT);
        }),
        new Maker(Randomize.class, o -> new Case(new Randomize(o.signed(o.size(), o.size()),
            o.flip() ? new Randomize.Distribution.Normal(o.factor(), 0.5) : new Randomize.Distribution.Bernoulli(0.3),
            42, o.size()), Tolerance.EXACT)));
  }

  private static Gelu.Form form(Operands o) {
    return o.flip() ? Gelu.Form.EXACT : Gelu.Form.TANH;
  }

  private static Case matMul(Operands o) {
    long batch = 1 + o.size() % 3;
    long m = o.size();
    long n = o.size();
    long k = o.size();
    View out = o.signed(batch, m, n);
    View addend = o.flip() ? out : o.perhaps(o.signed(batch, m, n));
    return new Case(new MatMul(out, o.matrix(batch, m, k), o.matrix(batch, k, n), o.factor(), o.perhaps(o.signed(n)),
        o.factor(), addend), Tolerance.ofSum(k, 1));
  }

  /** Heads side by side in a row, as a transformer has them. */
  private static View heads(Operands o, long batch, long heads, long time, long dim) {
    return o.signed(batch, time, heads * dim).split(2, heads).permute(0, 2, 1, 3);
  }

  private static Attention attentionKernel(Operands o) {
    long b = 1 + o.size() % 2;
    long h = 1 + o.size() % 3;
    long t = o.size();
    long d = o.size();
    return new Attention(heads(o, b, h, t, d), o.signed(b, h, t), heads(o, b, h, t, d), heads(o, b, h, t, d),
        heads(o, b, h, t, d), o.perhaps(o.signed(h)), o.factor());
  }

  private static Case attention(Operands o) {
    Attention kernel = attentionKernel(o);
    return new Case(kernel, Tolerance.ofSum(kernel.q().size(2) + kernel.q().size(3), 2));
  }

  private static Case attentionGradient(Operands o) {
    Attention forward = attentionKernel(o);
    o.submit(forward);
    long[] shape = forward.q().shape().toArray();
    View dOut = heads(o, shape[0], shape[1], shape[2], shape[3]);
    return new Case(new AttentionGradient(heads(o, shape[0], shape[1], shape[2], shape[3]),
        heads(o, shape[0], shape[1], shape[2], shape[3]), heads(o, shape[0], shape[1], shape[2], shape[3]), dOut,
        forward.out(), forward.logSumExp(), forward.q(), forward.k(), forward.v(), forward.slopes(),
        forward.scale()),
        // A term is a probability's gradient, itself a sum over the head's dimension; the forward pass was inexact too.
        Tolerance.ofSum(shape[2] + 2 * shape[3], 4));
  }

  private static Norm normKernel(Operands o) {
    long rows = o.size();
    long c = o.size();
    return new Norm(o.signed(rows, c), o.perhaps(o.signed(rows)), o.signed(rows), o.signed(rows, c), o.perhaps(o.signed(c)),
        o.perhaps(o.signed(c)), NORM_EPSILON);
  }

  private static Case norm(Operands o) {
    Norm kernel = normKernel(o);
    return new Case(kernel, Tolerance.ofSum(kernel.x().size(-1), 1 / Math.sqrt(NORM_EPSILON)));
  }

  private static Case normGradient(Operands o) {
    Norm forward = normKernel(o);
    o.submit(forward);
    long rows = forward.x().size(0);
    long c = forward.x().size(1);
    return new Case(new NormGradient(o.signed(rows, c), o.perhaps(o.signed(c)), o.perhaps(o.signed(c)),
        o.signed(rows, c), forward.x(), forward.mean(), forward.inverseStd(), forward.gain(), o.flip()),
        Tolerance.ofSum(rows + c, 1 / NORM_EPSILON));
  }

  private static Case adamW(Operands o) {
    View norm = o.scalar();
    AdamW.Slot first = slot(o, AdamW.Decay.COUPLED);
    AdamW.Slot second = slot(o, AdamW.Decay.INDEPENDENT);
    o.submit(new SquaredNorm(norm, List.of(first.gradient(), second.gradient())));
    return new Case(new AdamW(List.of(first, second), o.positive(AdamW.CONTROL_SIZE), o.perhaps(norm), 0.7, 0.9, 0.95),
        Tolerance.ofElements(4));
  }

  private static AdamW.Slot slot(Operands o, AdamW.Decay decay) {
    View value = o.signed(o.size(), o.size());
    long[] shape = value.shape().toArray();
    return new AdamW.Slot(value, o.signed(shape), o.signed(shape), o.positive(shape), 0.5, 0.1, decay, 1e-3);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void vectorAgreesWithReference(Maker maker) {
    for (long seed = 0; seed < ROUNDS; seed++) {
      try (Operands expected = new Operands(reference, seed); Operands actual = new Operands(vector, seed)) {
        Case on = maker.make().apply(expected);
        Case under = maker.make().apply(actual);
        expected.submit(on.kernel());
        actual.submit(under.kernel());

        List<Kernel.Operand> results = on.kernel().operands();
        for (int i = 0; i < results.size(); i++) {
          Kernel.Operand result = results.get(i);
          if (result.access() != Kernel.Access.READ) {
            String what = "%s, seed %d, %s%s".formatted(maker, seed, result.name(), result.view().shape());
            on.tolerance().check(what, actual.values(under.kernel().operands().get(i).view()),
                expected.values(result.view()));
          }
        }
      }
    }
  }

  @Test
  void noKernelIsLeftOut() {
    assertThat(kernels().stream().map(Maker::toString).toList())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Kernel.class.getPermittedSubclasses()).map(Class::getSimpleName).toList());
  }
}
