package dev.pantograph.backends.blas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pantograph.backends.foreign.LibraryChoice;
import dev.pantograph.spi.Availability.Available;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendUnavailableException;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlasBackendProviderTest {
  private final BlasBackendProvider provider = new BlasBackendProvider();

  @Test
  void tellsWhichLibraryItFound() {
    assumeTrue(provider.probe() instanceof Available, () -> provider.probe().toString());
    assertThat(((Available) provider.probe()).facts()).containsKeys("library", "version", "bfloat16 products");
  }

  @Test
  void aLibraryThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> open("/nowhere/libnoblas.so").close()).isInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining("/nowhere/libnoblas.so").hasMessageContaining("PANTOGRAPH_BLAS");
  }

  @Test
  void aFileThatIsNoLibraryIsRefusedWithTheLoadersReason(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("libtext.so"), "no library");
    assertThatThrownBy(() -> open(file.toString()).close()).isInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining("libtext.so");
  }

  @Test
  void aJarWithoutALibraryIsRefused(@TempDir Path folder) throws Exception {
    Path jar = folder.resolve("empty.jar");
    Files.write(jar, new byte[] {'P', 'K', 5, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    assertThatThrownBy(() -> open(jar.toString()).close()).isInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining("it holds none of").hasMessageContaining("openblas");
  }

  @Test
  void aLibraryWithoutTheInterfaceIsRefused() {
    String other = System.mapLibraryName("zip");
    Path library = Path.of(System.getProperty("java.home"), "lib", other);
    assumeTrue(Files.exists(library), () -> library + " is where this JDK has no library");
    assertThatThrownBy(() -> open(library.toString()).close()).isInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining("cblas_sgemm");
  }

  @Test
  void refusesUnknownSettings() {
    assertThatThrownBy(() -> provider.open(new BackendOptions(1, Map.of("libary", "x"))).close())
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("library");
  }

  @Test
  void bitsDoNotDependOnTheNumberOfThreads() {
    assumeTrue(provider.probe() instanceof Available, () -> provider.probe().toString());
    assertThat(product(3)).isEqualTo(product(1)).isEqualTo(product(2));
  }

  private int[] product(int threads) {
    try (Backend backend = provider.open(BackendOptions.threads(threads));
        HostBuffer memory = new HostBuffer("matrices", 3L * 640 * 640 * Float.BYTES)) {
      assertThat(backend.id()).isEqualTo("blas");
      MemorySegment numbers = memory.segment();
      for (int i = 0; i < 2 * 640 * 640; i++) {
        numbers.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) Math.sin(i));
      }
      View stack = View.of(memory, DType.F32, 0, Shape.of(3, 640, 640));
      View a = stack.slice(0, 0, 1).reshape(Shape.of(640, 640));
      View b = stack.slice(0, 1, 1).reshape(Shape.of(640, 640));
      View out = stack.slice(0, 2, 1).reshape(Shape.of(640, 640));
      backend.submit(MatMul.product(out, a, b.transpose()));
      return numbers.asSlice(2L * 640 * 640 * Float.BYTES).toArray(ValueLayout.JAVA_INT);
    }
  }

  @Test
  void theRemedyForWrongKernelsNamesTheVariable() {
    assertThat(CoreTypeAdvice.remedy(BlasVendor.OPENBLAS, "Haswell"))
        .contains("OPENBLAS_CORETYPE=Haswell in the environment", "remove it");
    assertThat(CoreTypeAdvice.remedy(BlasVendor.OPENBLAS, null)).contains("set OPENBLAS_CORETYPE=");
    assertThat(CoreTypeAdvice.remedy(BlasVendor.MKL, null)).contains("onednn");
  }

  private Backend open(String library) {
    return provider.open(new BackendOptions(1, Map.of(LibraryChoice.SETTING, library)));
  }
}
