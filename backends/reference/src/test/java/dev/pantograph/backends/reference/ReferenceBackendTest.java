package dev.pantograph.backends.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendProvider;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReferenceBackendTest {
  private final BackendProvider provider = new ReferenceBackendProvider();

  @Test
  void isAlwaysAvailableAndNeverPreferred() {
    assertThat(provider.id()).isEqualTo("reference");
    assertThat(provider.probe()).isInstanceOfSatisfying(Availability.Available.class, available -> {
      assertThat(available.rank()).isZero();
      assertThat(available.facts()).containsExactly(entry("arithmetic", "float64, scalar, one thread"));
    });
  }

  @Test
  void knowsNoSettings() {
    BackendOptions options = new BackendOptions(1, Map.of("tile", "8"));

    assertThatThrownBy(() -> provider.open(options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("backend 'reference' has no setting 'tile'; it knows none");
  }

  @Test
  void carriesBytesToABufferAndBack() {
    try (Backend backend = open(); Buffer buffer = backend.allocate("x", 4)) {
      byte[] result = new byte[2];

      backend.upload(MemorySegment.ofArray(new byte[] {1, 2, 3, 4}), buffer, 0);
      backend.upload(MemorySegment.ofArray(new byte[] {9}), buffer, 2);
      backend.download(buffer, 1, MemorySegment.ofArray(result));

      assertThat(result).containsExactly(2, 9);
    }
  }

  @Test
  void refusesAnythingOnceClosed() {
    Backend backend = open();
    try (Buffer buffer = backend.allocate("x", 8)) {
      View x = View.of(buffer, DType.F64, 0, Shape.of(1));
      MemorySegment memory = MemorySegment.ofArray(new byte[8]);
      backend.close();

      assertThatThrownBy(() -> backend.allocate("y", 8)).isInstanceOf(IllegalStateException.class)
          .hasMessage("backend 'reference' is closed");
      assertThatThrownBy(() -> backend.submit(new Fill(x, 1))).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> backend.upload(memory, buffer, 0)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> backend.download(buffer, 0, memory)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void namesAnOperandsClosedBufferAndWritesNothing() {
    try (Backend backend = open(); Buffer kept = backend.allocate("kept", 8)) {
      Buffer lost = backend.allocate("lost", 8);
      View out = View.of(kept, DType.F64, 0, Shape.of(1));
      Product product = new Product(out, View.of(lost, DType.F64, 0, Shape.of(1)), out, false);
      Elements.of(out).set(0, 5);
      lost.close();

      assertThatThrownBy(() -> backend.submit(product))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("'lost'");

      assertThat(Elements.of(out).get(0)).isEqualTo(5);
    }
  }

  @Test
  void refusesBfloat16() {
    try (Backend backend = open(); Buffer buffer = backend.allocate("halves", 8)) {
      Fill fill = new Fill(View.of(buffer, DType.BF16, 0, Shape.of(4)), 1);

      assertThatThrownBy(() -> backend.submit(fill))
          .isInstanceOf(KernelException.class)
          .hasMessageStartingWith("Fill: backend 'reference' does not compute in BF16 (operand 'halves' BF16[4])");
    }
  }

  @Test
  void refusesABufferOfAnotherBackend() {
    Buffer foreign = new Buffer() {
      @Override
      public String name() {
        return "elsewhere";
      }

      @Override
      public long byteSize() {
        return 8;
      }

      @Override
      public void close() {}
    };
    try (Backend backend = open()) {
      Fill fill = new Fill(View.of(foreign, DType.F64, 0, Shape.of(1)), 1);

      assertThatThrownBy(() -> backend.submit(fill))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'elsewhere'")
          .hasMessageContaining("another backend");
    }
  }

  private Backend open() {
    return provider.open(BackendOptions.defaults());
  }
}
