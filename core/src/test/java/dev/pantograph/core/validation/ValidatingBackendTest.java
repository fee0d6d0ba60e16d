package dev.pantograph.core.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pantograph.core.fault.Fault;
import dev.pantograph.core.fault.FaultyBackend;
import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.core.testing.CountingBackend;
import dev.pantograph.core.testing.SampleKernels;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Kernel.Access;
import dev.pantograph.spi.Kernel.Operand;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.Shape;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ValidatingBackendTest {
  /** What a wrong element is off by, as a share of itself: a few roundings would not be found, this must be. */
  private static final double SABOTAGE = 1e-2;

  private static ValidatingBackend watched(Backend backend, int every) {
    return new ValidatingBackend(backend, TestBackends.reference(), every);
  }

  @Test
  void aBackendThatIsRightPasses() {
    try (ValidatingBackend backend = watched(TestBackends.vector(2), 1);
        SampleKernels samples = new SampleKernels(backend)) {
      long before = backend.checked();
      samples.all().forEach(backend::submit);

      assertThat(backend.checked() - before).isEqualTo(samples.all().size());
      assertThat(backend.worstShare()).as(backend.worstKernel()).isPositive().isLessThan(0.5);
    }
  }

  @Test
  void aWrongElementIsFoundInEveryResultOfEveryKernel() {
    int found = 0;
    try (Backend vector = TestBackends.vector(2); SampleKernels samples = new SampleKernels(vector)) {
      for (Kernel kernel : samples.all()) {
        Set<String> names = new HashSet<>();
        for (Operand result : kernel.operands()) {
          // A fault goes to the first operand of its name.
          if (result.access() != Access.READ && names.add(result.name())) {
            found++;
            assertFound(vector, kernel, result);
          }
        }
      }
    }
    assertThat(found).isGreaterThan(40);
  }

  private static void assertFound(Backend vector, Kernel kernel, Operand result) {
    long position = result.view().elements() / 2;
    FaultyBackend faulty = new FaultyBackend(vector, new Fault.WrongElement(Fault.ANY, 0, result.name(), position,
        x -> x + SABOTAGE * Math.max(1, Math.abs(x))));
    // Not closed, for the vector backend goes on.
    ValidatingBackend backend = watched(faulty, 1);
    backend.beginStep(7);
    DivergentKernelException failure =
        catchThrowableOfType(DivergentKernelException.class, () -> backend.submit(kernel));

    assertThat(failure).as("%s, %s", kernel, result).isNotNull()
        .hasMessageContainingAll("'vector'", "'reference'", "step 7, kernel 0, " + kernel.name(), result.name() + "[",
            "1 of %d elements".formatted(result.view().elements()), "'" + result.view().buffer().name() + "'");
    assertThat(failure.divergence().difference().position()).isEqualTo(position);
  }

  @Test
  void oneWrongElementInTenMillionIsFoundAndNamed() {
    long rows = 4000;
    long columns = 2500;
    long row = 3217;
    long column = 1234;
    FaultyBackend faulty = new FaultyBackend(TestBackends.vector(2),
        new Fault.WrongElement(MatMul.class, 0, "out", row * columns + column, x -> x + 1e-3));
    try (ValidatingBackend backend = watched(faulty, 1); Storage storage = new Storage(backend)) {
      Tensor a = storage.allocate("activations", DType.F32, Shape.of(rows, 3));
      Tensor b = storage.allocate("blocks.2.up.weight", DType.F32, Shape.of(columns, 3));
      Tensor out = storage.allocate("projection", DType.F32, Shape.of(rows, columns));
      for (Tensor factor : List.of(a, b)) {
        backend.submit(new Randomize(factor.view(),
            new Randomize.Distribution.Normal(0, 1), 1, factor.shape().size(0)));
      }
      backend.beginStep(12);

      assertThatThrownBy(() -> backend.submit(MatMul.product(out.view(), a.view(), b.view().transpose())))
          .isInstanceOf(DivergentKernelException.class)
          .hasMessageContainingAll("step 12, kernel 0, MatMul 4000×2500×3 NT: out[3217, 1234] in 'projection' is ",
              "Wrong: 1 of 10000000 elements.", "b in 'blocks.2.up.weight'")
          .hasMessageMatching("(?s).*off by (9\\.9\\d*E-4|0\\.00100\\d*)\\. .*");
    }
  }

  @Test
  void notANumberIsFound() {
    FaultyBackend faulty = new FaultyBackend(TestBackends.vector(1),
        Fault.WrongElement.notANumber(Gelu.class, 1, "out", 3));
    try (ValidatingBackend backend = watched(faulty, 1); Storage storage = new Storage(backend)) {
      Tensor x = storage.allocate("x", DType.F32, Shape.of(5));
      x.set(1.0, 2, 3, 4, 5);
      Gelu gelu = new Gelu(x.view(), x.view(), Gelu.Form.EXACT);
      backend.submit(gelu);
      assertThatThrownBy(() -> backend.submit(gelu)).hasMessageContaining("out[3] in 'x' is NaN");
    }
  }

  @Test
  void oneKernelInSoManyIsCheckedTheSameOnesEachTime() {
    assertThat(checksOfThousand(10)).isBetween(70L, 130L).isEqualTo(checksOfThousand(10));
    assertThat(checksOfThousand(1)).isEqualTo(1000);
    assertThatThrownBy(() -> watched(TestBackends.reference(), 0)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 or more");
  }

  private static long checksOfThousand(int every) {
    try (ValidatingBackend backend = watched(TestBackends.vector(1), every); Storage storage = new Storage(backend)) {
      Kernel fill = new Fill(storage.allocate("x", DType.F32, Shape.of(3)).view(), 1);
      for (int i = 0; i < 1000; i++) {
        backend.submit(fill);
      }
      assertThat(backend.submitted()).isEqualTo(1000);
      return backend.checked();
    }
  }

  @Test
  void theWatchedBackendTakesNoMemoryForIt() {
    CountingBackend counting = new CountingBackend(TestBackends.vector(1));
    try (ValidatingBackend backend = watched(counting, 1); SampleKernels samples = new SampleKernels(backend)) {
      int before = counting.allocations();
      samples.all().forEach(backend::submit);
      assertThat(counting.allocations()).isEqualTo(before);
    }
  }

  private static final class Witness extends DelegatingBackend {
    private boolean closed;

    Witness() {
      super(TestBackends.reference());
    }

    @Override
    public void close() {
      closed = true;
      super.close();
    }
  }

  @Test
  void closingClosesBoth() {
    Witness backend = new Witness();
    Witness oracle = new Witness();
    new ValidatingBackend(backend, oracle, 1).close();
    assertThat(backend.closed).isTrue();
    assertThat(oracle.closed).isTrue();
  }
}
