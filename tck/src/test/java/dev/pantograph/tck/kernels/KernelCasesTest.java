package dev.pantograph.tck.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.backends.reference.ReferenceBackendProvider;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.MatMul;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class KernelCasesTest {

  @Test
  void noKernelIsLeftOut() {
    assertThat(KernelCases.all().stream().map(KernelCase::kernel).collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(Arrays.asList(Kernel.class.getPermittedSubclasses()).stream()
            .<Class<? extends Kernel>>map(kernel -> kernel.asSubclass(Kernel.class)).toList());
  }

  @Test
  void noEpilogueIsLeftOut() {
    Set<Class<?>> epilogues = new HashSet<>();
    try (Backend oracle = new ReferenceBackendProvider().open(BackendOptions.defaults())) {
      for (KernelCase each : KernelCases.all()) {
        try (Instance instance = Instance.onOracle(
            each.sample(new Dice(1, Sizes.SMALL)), oracle, DType.F32, 1, Conditions.PLAIN)) {
          if (instance.kernel() instanceof MatMul product) {
            epilogues.add(product.epilogue().getClass());
          }
        }
      }
    }
    assertThat(epilogues).containsExactlyInAnyOrder(MatMul.Epilogue.class.getPermittedSubclasses());
  }

  @Test
  void namesTellTheCasesApart() {
    assertThat(KernelCases.all().stream().map(KernelCase::name)).doesNotHaveDuplicates();
  }
}
