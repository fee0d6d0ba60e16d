package dev.pantograph.spi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KernelExceptionTest {
  @Test
  void unsupportedTypesAreNamedWithAWayOutThatAnyBackendCanGive() {
    View out = Operands.f64("out", 3);

    assertThat(KernelException.unsupportedType("reference", new Fill(out, 0), out)).hasMessage(
        "Fill: backend 'reference' does not compute in F64 (operand 'out' F64[3]); "
            + "use another type or another backend");
  }
}
