package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pantograph.backends.reference.ReferenceBackendProvider;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GemmMatMulTest {
  private static final long[] SIZES = {1, 2, 3, 7, 12, 17, 33, 64, 97};

  private final PlainGemm gemm = new PlainGemm();
  private final VectorBackend backend = VectorBackend.withProducts("plain", 2, gemm);
  private final Backend reference = new ReferenceBackendProvider().open(BackendOptions.defaults());
  private final Tensors tensors = new Tensors(7);

  @AfterEach
  void close() {
    tensors.close();
    reference.close();
    backend.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void honoursTheWholeContract(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 60; i++) {
      long batch = random.nextInt(1, 3);
      long m = SIZES[random.nextInt(SIZES.length)];
      long n = SIZES[random.nextInt(SIZES.length)];
      long k = SIZES[random.nextInt(SIZES.length)];
      View a = random.nextBoolean() ? tensors.random(batch, m, k) : tensors.random(batch, k, m).transpose();
      View b = random.nextBoolean() ? tensors.random(batch, k, n) : tensors.random(batch, n, k).transpose();
      View out = random.nextBoolean() ? tensors.random(batch, m, n) : tensors.random(batch, m, n + 3).slice(2, 2, n);
      View bias = random.nextBoolean() ? tensors.random(n) : null;
      View beside = tensors.random(batch, m, n + 1).slice(2, 0, n);
      MatMul.Epilogue epilogue = switch (random.nextInt(4)) {
        case 0 -> new MatMul.Epilogue.Activation(beside, Gelu.Form.EXACT);
        case 1 -> new MatMul.Epilogue.ActivationGradient(beside, Gelu.Form.TANH);
        case 2 -> new MatMul.Epilogue.RowSums(tensors.random(batch, m), random.nextBoolean());
        default -> MatMul.Epilogue.NONE;
      };
      View c = epilogue instanceof MatMul.Epilogue.ActivationGradient ? null : switch (random.nextInt(3)) {
        case 0 -> null;
        case 1 -> out;
        default -> tensors.random(batch, m, n);
      };
      check(new MatMul(out, a, b, random.nextDouble(-2, 2), bias, random.nextDouble(-2, 2), c, epilogue));
    }
    assertThat(gemm.calls).hasPositiveValue();
  }

  @Test
  void rowSumsOfATransposedMatrixDoNotKeepItFromTheLibrary() {
    MatMul product = MatMul.scaled(tensors.random(70, 40), tensors.random(90, 70).transpose(), tensors.random(90, 40),
        0.5, true);
    check(product.with(new MatMul.Epilogue.RowSums(tensors.random(70), true)));
    assertThat(gemm.calls).hasValue(1);
  }

  @Test
  void smallMatricesOfABatchShareTasksAndAreAllComputed() {
    check(MatMul.product(tensors.random(300, 2, 2), tensors.random(300, 2, 5), tensors.random(300, 5, 2)));
    assertThat(gemm.calls).hasValue(300);
  }

  /** Libraries differ on whether nothing times NaN is NaN; the contract's formula says it is. */
  @Test
  void whereLibrariesDifferTheyAreNotAsked() {
    View out = tensors.filled(Double.NaN, 3, 4);
    View a = tensors.filled(Double.NaN, 3, 5);
    backend.submit(MatMul.scaled(out, a, tensors.random(5, 4), 0, false));
    assertThat(Tensors.values(out)).containsOnly(Double.NaN);
    View addend = tensors.filled(Double.NaN, 3, 4);
    View sum = tensors.random(3, 4);
    backend.submit(new MatMul(sum, tensors.random(3, 5), tensors.random(5, 4), 1, null, 0, addend));
    assertThat(Tensors.values(sum)).containsOnly(Double.NaN);
    backend.submit(MatMul.product(out, tensors.random(3, 0), tensors.random(0, 4)));
    assertThat(Tensors.values(out)).containsOnly(0);
    assertThat(gemm.calls).hasValue(0);
  }

  /** The library has nothing but addresses, which would go on being read and written. */
  @Test
  void noBufferIsReleasedWhileTheLibraryIsAtWork() {
    MatMul product = MatMul.product(tensors.random(3, 4), tensors.random(3, 5), tensors.random(5, 4));
    List<Throwable> refusals = new CopyOnWriteArrayList<>();
    gemm.meanwhile = () -> product.operands().forEach(
        operand -> refusals.add(catchThrowable(operand.view().buffer()::close)));
    check(product);
    assertThat(refusals).hasSize(3).allSatisfy(
        refusal -> assertThat(refusal).hasMessageContaining("in use by a kernel"));
  }

  @Test
  void aRefusedProductHoldsNothing() {
    HostBuffer out = new HostBuffer("out", 4);
    HostBuffer a = new HostBuffer("a", 4);
    HostBuffer b = new HostBuffer("b", 4);
    MatMul product = MatMul.product(View.of(out, DType.F32, 0, Shape.of(1, 1)),
        View.of(a, DType.F32, 0, Shape.of(1, 1)), View.of(b, DType.F32, 0, Shape.of(1, 1)));
    b.close();
    assertThatThrownBy(() -> backend.submit(product)).hasMessageContaining("'b' is closed");
    out.close();
    a.close();
    assertThat(gemm.calls).hasValue(0);
  }

  @Test
  void explainsWhoComputes() {
    View out = tensors.random(3, 4);
    View a = tensors.random(3, 5);
    View b = tensors.random(5, 4);
    assertThat(backend.explain(MatMul.product(out, a, b))).isEqualTo("by the library");
    assertThat(backend.explain(MatMul.scaled(out, a, b, 0, false)))
        .isEqualTo("not by the library: libraries differ on what 0 times NaN is");
    assertThat(backend.explain(MatMul.product(out, tensors.empty(DType.BF16, 3, 5), tensors.empty(DType.BF16, 5, 4))))
        .isEqualTo("on float32 copies: the library does not multiply these element types");
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "2048, 2048, 512", "512, 512, 2048", "256, 256, 4096", "2, 50304, 768", "300, 1, 7",
    "1000, 1001, 100000"})
  void blocksCoverEachElementOnce(int rows, int columns, int depth) {
    GemmBlocks cut = GemmBlocks.of(rows, columns, depth);
    int[] rowsCovered = new int[rows];
    int[] columnsCovered = new int[columns];
    for (int block = 0; block < cut.count(); block++) {
      if (cut.firstColumn(block) == 0) {
        Arrays.fill(rowsCovered, cut.firstRow(block), cut.firstRow(block) + cut.rowsOf(block), 1);
      }
      if (cut.firstRow(block) == 0) {
        Arrays.fill(columnsCovered, cut.firstColumn(block), cut.firstColumn(block) + cut.columnsOf(block), 1);
      }
    }
    assertThat(rowsCovered).containsOnly(1);
    assertThat(columnsCovered).containsOnly(1);
    assertThat(cut.count()).isEqualTo(
        Math.ceilDiv(rows, cut.blockRows()) * Math.ceilDiv(columns, cut.blockColumns()));
  }

  /** The products of a GPT-2 block on 512 tokens, of its head, and of a model of width 512 on 2048 tokens. */
  @ParameterizedTest
  @CsvSource({"512, 2304, 768", "512, 3072, 768", "512, 768, 3072", "3072, 768, 512", "512, 50304, 768",
    "50304, 768, 512", "2048, 2048, 512", "2048, 1536, 512", "2048, 512, 1536", "512, 2048, 2048"})
  void twoThreadsAndFourHaveAsMuchToDo(int rows, int columns, int depth) {
    GemmBlocks cut = GemmBlocks.of(rows, columns, depth);
    for (int threads : new int[] {2, 4}) {
      long[] work = new long[threads];
      for (int block = 0; block < cut.count(); block++) {
        Arrays.sort(work);
        work[0] += (long) cut.rowsOf(block) * cut.columnsOf(block);
      }
      assertThat(Arrays.stream(work).max().orElseThrow()).isLessThan((long) (1.07 * rows * columns / threads));
    }
  }

  /** Runs the kernel on the reference too, from the same memory, and compares all that either wrote. */
  private void check(MatMul k) {
    double[][] before = k.operands().stream().map(operand -> Tensors.values(operand.view())).toArray(double[][]::new);
    backend.submit(k);
    double[][] actual = k.operands().stream().map(operand -> Tensors.values(operand.view())).toArray(double[][]::new);
    for (int i = 0; i < before.length; i++) {
      restore(k.operands().get(i).view(), before[i]);
    }
    reference.submit(k);
    for (int i = 0; i < before.length; i++) {
      double scale = 4 * (Math.abs(k.alpha()) + Math.abs(k.beta()) + 1);
      Tolerance.ofSum(k.k() + 2, scale).check(k.operands().get(i).name() + " of " + k, actual[i],
          Tensors.values(k.operands().get(i).view()));
    }
  }

  private static void restore(View view, double[] values) {
    for (int i = 0; i < values.length; i++) {
      Tensors.set(view, i, values[i]);
    }
  }
}
