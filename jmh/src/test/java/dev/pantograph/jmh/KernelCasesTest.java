package dev.pantograph.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.Kernel;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KernelCasesTest {
  private static final long BEYOND_CACHES = 128L << 20;

  private static String kernel(KernelCase one) {
    return one.name().split(" ", 2)[0];
  }

  /** A kernel added to the contract must be measured, too. */
  @Test
  void everyKernelOfTheContractIsMeasured() {
    assertThat(KernelCases.all().stream().map(KernelCasesTest::kernel).distinct())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Kernel.class.getPermittedSubclasses()).map(Class::getSimpleName).toList());
  }

  @Test
  void namesAreUniqueAndHaveTwoParts() {
    List<String> names = KernelCases.all().stream().map(KernelCase::name).toList();
    assertThat(names).doesNotHaveDuplicates().allMatch(name -> name.contains(" "));
    assertThatThrownBy(() -> KernelCases.named("Gelu huge")).hasMessageContaining("'Gelu huge'");
  }

  @Test
  void everyKernelHasAnAwkwardCase() {
    assertThat(KernelCases.all().stream().filter(one -> one.name().contains("awkward")).map(KernelCasesTest::kernel)
        .collect(Collectors.toSet()))
        .isEqualTo(KernelCases.all().stream().map(KernelCasesTest::kernel).collect(Collectors.toSet()));
  }

  static Stream<String> awkward() {
    return KernelCases.all().stream().map(KernelCase::name).filter(name -> name.contains("awkward"));
  }

  /** What a case makes is the kernel of its name, is accepted by a backend, and states work to be compared with. */
  @ParameterizedTest
  @MethodSource("awkward")
  void casesRun(String name) {
    try (Backend backend = Backends.discover().openPreferred(BackendOptions.threads(1));
        Operands operands = new Operands(backend)) {
      KernelCase one = KernelCases.named(name);
      Kernel kernel = one.kernel().apply(operands);
      assertThat(kernel.name()).isEqualTo(kernel(one));
      backend.submit(kernel);
      backend.submit(kernel);
      assertThat(kernel.bytes()).isPositive();
    }
  }

  /** Sizes alone are asked, without the memory: two activations, or the parameters. */
  @Test
  void largeCasesAreBeyondAnyCache() {
    ModelShape large = ModelShape.LARGE;
    assertThat(2 * large.activation(large.width()).elements() * Float.BYTES).isGreaterThanOrEqualTo(BEYOND_CACHES);
    assertThat(large.config().parameters() * Float.BYTES).isGreaterThanOrEqualTo(BEYOND_CACHES);
    assertThat(KernelCases.all().stream().filter(one -> one.name().endsWith(" large")).count()).isGreaterThan(10);
  }
}
