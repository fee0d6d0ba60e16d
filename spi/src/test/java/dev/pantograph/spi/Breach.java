package dev.pantograph.spi;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Supplier;

/** A kernel that must not come into being, and what its refusal says. */
record Breach(String message, Supplier<?> kernel) {
  void assertRefused() {
    assertThatThrownBy(kernel::get).isInstanceOf(KernelException.class).hasMessage(message);
  }

  @Override
  public String toString() {
    return message;
  }
}
