package dev.pantograph.backends.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.backends.cuda.binding.ForeignFunction;
import dev.pantograph.backends.cuda.binding.Signature;
import dev.pantograph.backends.cuda.cublaslt.CublasLtFunction;
import dev.pantograph.backends.cuda.cudnn.CudnnFunction;
import dev.pantograph.backends.cuda.driver.DriverFunction;
import dev.pantograph.backends.cuda.nccl.NcclFunction;
import dev.pantograph.backends.cuda.nvrtc.NvrtcFunction;
import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables against bindings that jextract made of the vendor's headers: native/generate-bindings.sh calls this. */
class GeneratedBindingsTest {
  /** Names the folder of the generated classes. */
  private static final String PROPERTY = "pantograph.generated";

  private static final String PACKAGE = "dev.pantograph.backends.cuda.generated.";

  private static final Path FILTERS = Path.of("..", "..", "native", "jextract");

  private static final Map<String, Class<? extends ForeignFunction>> TABLES = Map.of(
      "driver", DriverFunction.class, "cublaslt", CublasLtFunction.class, "cudnn", CudnnFunction.class,
      "nvrtc", NvrtcFunction.class, "nccl", NcclFunction.class);

  @Test
  void everyFunctionIsAsJextractReadsIt() throws IOException, ReflectiveOperationException {
    String folder = System.getProperty(PROPERTY, "");
    Requirement.of(!folder.isEmpty(), "no generated bindings: run native/generate-bindings.sh");
    try (URLClassLoader loader = new URLClassLoader(new URL[] {Path.of(folder).toUri().toURL()})) {
      for (Map.Entry<String, Class<? extends ForeignFunction>> table : TABLES.entrySet()) {
        Class<?> generated = loader.loadClass(PACKAGE + table.getKey());
        for (ForeignFunction function : table.getValue().getEnumConstants()) {
          Signature row = function.signature();
          FunctionDescriptor found =
              (FunctionDescriptor) generated.getMethod(row.symbol() + "$descriptor").invoke(null);
          assertThat(kinds(found)).as(row.symbol()).isEqualTo(kinds(row));
        }
      }
    }
  }

  @Test
  void theFiltersNameTheFunctionsOfTheTables() throws IOException {
    for (Map.Entry<String, Class<? extends ForeignFunction>> table : TABLES.entrySet()) {
      List<String> wanted = Stream.of(table.getValue().getEnumConstants())
          .map(function -> "--include-function " + function.signature().symbol()).toList();
      assertThat(Files.readAllLines(FILTERS.resolve(table.getKey() + ".args"))).as(table.getKey())
          .filteredOn(line -> line.startsWith("--include-function")).isEqualTo(wanted);
    }
  }

  private static List<String> kinds(FunctionDescriptor descriptor) {
    return Stream.concat(Stream.of(descriptor.returnLayout().map(GeneratedBindingsTest::kind).orElse("void")),
        descriptor.argumentLayouts().stream().map(GeneratedBindingsTest::kind)).toList();
  }

  /** A pointer that Java keeps as a number is a pointer all the same. */
  private static List<String> kinds(Signature row) {
    return Stream.concat(Stream.of(row.result()), row.parameters().stream()).map(kind -> switch (kind) {
      case HANDLE -> "pointer";
      default -> kind.layout().map(GeneratedBindingsTest::kind).orElse("void");
    }).toList();
  }

  private static String kind(MemoryLayout layout) {
    return switch (layout) {
      case AddressLayout _ -> "pointer";
      case ValueLayout value -> value.carrier().getName();
      default -> "%d bytes".formatted(layout.byteSize());
    };
  }
}
