package dev.pantograph.tck.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.Kernel;
import java.util.Arrays;
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
  void namesTellTheCasesApart() {
    assertThat(KernelCases.all().stream().map(KernelCase::name)).doesNotHaveDuplicates();
  }
}
