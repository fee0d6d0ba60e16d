package dev.pantograph.backends.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.backends.cuda.binding.ForeignFunction;
import dev.pantograph.backends.cuda.binding.HeaderConstant;
import dev.pantograph.backends.cuda.binding.Kind;
import dev.pantograph.backends.cuda.binding.Signature;
import dev.pantograph.backends.cuda.cublaslt.ComputeType;
import dev.pantograph.backends.cuda.cublaslt.CublasLtFunction;
import dev.pantograph.backends.cuda.cublaslt.CublasStatus;
import dev.pantograph.backends.cuda.cublaslt.ElementType;
import dev.pantograph.backends.cuda.cublaslt.Epilogue;
import dev.pantograph.backends.cuda.cublaslt.LayoutAttribute;
import dev.pantograph.backends.cuda.cublaslt.MatmulAlgorithm;
import dev.pantograph.backends.cuda.cublaslt.MatmulAttribute;
import dev.pantograph.backends.cuda.cublaslt.PreferenceAttribute;
import dev.pantograph.backends.cuda.cudnn.Attribute;
import dev.pantograph.backends.cuda.cudnn.AttributeType;
import dev.pantograph.backends.cuda.cudnn.CudnnFunction;
import dev.pantograph.backends.cuda.cudnn.DescriptorType;
import dev.pantograph.backends.cuda.cudnn.HeuristicMode;
import dev.pantograph.backends.cuda.cudnn.PointwiseMode;
import dev.pantograph.backends.cuda.cudnn.Reduction;
import dev.pantograph.backends.cuda.cudnn.TensorType;
import dev.pantograph.backends.cuda.driver.DeviceAttribute;
import dev.pantograph.backends.cuda.driver.DriverFunction;
import dev.pantograph.backends.cuda.driver.DriverStatus;
import dev.pantograph.backends.cuda.driver.FunctionAttribute;
import dev.pantograph.backends.cuda.driver.Graphs;
import dev.pantograph.backends.cuda.nccl.NcclFunction;
import dev.pantograph.backends.cuda.nvrtc.NvrtcFunction;
import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tables against the vendor's headers, where those are installed: a C++ compiler is given every row, constant and
 * layout as an assertion beside the headers. Nothing of them enters the project.
 */
class HeaderAgreementTest {
  private static final String[] HEADERS = {"cuda.h", "cublasLt.h", "nvrtc.h", "cudnn_graph.h", "nccl.h"};

  /** Every table there is. */
  static final List<Class<? extends ForeignFunction>> TABLES = List.of(
      DriverFunction.class, CublasLtFunction.class, CudnnFunction.class, NvrtcFunction.class, NcclFunction.class);

  private static final List<Class<? extends HeaderConstant>> CONSTANTS =
      List.of(DriverStatus.class, DeviceAttribute.class, FunctionAttribute.class, CublasStatus.class,
          ElementType.class, ComputeType.class, Epilogue.class, MatmulAttribute.class, LayoutAttribute.class,
          PreferenceAttribute.class, Attribute.class, AttributeType.class, DescriptorType.class, HeuristicMode.class,
          PointwiseMode.class, Reduction.class, TensorType.class);

  private static final List<StructLayout> LAYOUTS = List.of(
      (StructLayout) Kind.UNIQUE_ID.layout().orElseThrow(), Graphs.UPDATE_RESULT, MatmulAlgorithm.LAYOUT);

  private static final String PRELUDE = """
      #include <cstddef>
      #include <type_traits>
      template <class T> constexpr char kind() {
        if constexpr (std::is_void_v<T>) return 'V';
        else if constexpr (std::is_pointer_v<T>) return 'P';
        else if constexpr (std::is_floating_point_v<T>) return 'F';
        else if constexpr (std::is_class_v<T>) return 'U';
        else return sizeof(T) == 1 ? 'B' : sizeof(T) == 2 ? 'S' : sizeof(T) == 4 ? 'I' : 'L';
      }
      template <class F, char... K> struct Agrees : std::false_type {};
      template <class R, class... P, char... K> struct Agrees<R (*)(P...), K...> {
        static constexpr char wanted[] = {K..., 0};
        static constexpr char found[] = {kind<R>(), kind<P>()..., 0};
        static constexpr bool same() {
          if (sizeof(wanted) != sizeof(found)) return false;
          for (std::size_t i = 0; i < sizeof(wanted); i++) if (wanted[i] != found[i]) return false;
          return true;
        }
        static constexpr bool value = same();
      };
      """;

  @TempDir private Path folder;

  @Test
  void everyRowConstantAndLayoutIsAsTheHeadersHaveIt() throws IOException {
    String source = includes() + PRELUDE
        + rows().map(HeaderAgreementTest::assertion).collect(Collectors.joining())
        + CONSTANTS.stream().flatMap(type -> Stream.of(type.getEnumConstants()))
            .map(constant -> "static_assert((long long) %s == %dLL, \"%s\");\n"
                .formatted(constant.header(), constant.code(), constant.header())).collect(Collectors.joining())
        + LAYOUTS.stream().map(HeaderAgreementTest::assertions).collect(Collectors.joining());
    assertThat(check(source)).isEmpty();
  }

  /** The check itself can fail. */
  @Test
  void aWrongRowIsFound() throws IOException {
    Signature wrong = Signature.status("cuMemAlloc_v2", Kind.POINTER, Kind.INT);
    assertThat(check(includes() + PRELUDE + assertion(wrong))).contains("cuMemAlloc_v2");
  }

  /** All rows of all tables. */
  static Stream<Signature> rows() {
    return TABLES.stream().flatMap(table -> Stream.of(table.getEnumConstants())).map(ForeignFunction::signature);
  }

  private String check(String source) throws IOException {
    List<Path> headers = Requirement.headers(HEADERS);
    // Included by the headers of half precision, of which nothing is used; it comes with another of the packages.
    Files.createDirectories(folder.resolve("nv"));
    Files.writeString(folder.resolve("nv").resolve("target"), "");
    Path file = Files.writeString(folder.resolve("tables.cpp"), source);
    return Requirement.compile(file, Stream.concat(headers.stream().map(path -> "-I" + path),
        Stream.of("-idirafter", folder.toString(), "-std=c++17", "-fsyntax-only", "-Wno-deprecated-declarations"))
        .toList());
  }

  private static String includes() {
    return Stream.of(HEADERS).map("#include <%s>\n"::formatted).collect(Collectors.joining());
  }

  private static String assertion(Signature row) {
    String kinds = Stream.concat(Stream.of(row.result()), row.parameters().stream())
        .map(kind -> "'" + letter(kind) + "'").collect(Collectors.joining(", "));
    return "static_assert(Agrees<decltype(&%s), %s>::value, \"%s\");\n".formatted(row.symbol(), kinds, row.symbol());
  }

  private static char letter(Kind kind) {
    return switch (kind) {
      case NOTHING -> 'V';
      case BYTE -> 'B';
      case SHORT -> 'S';
      case INT -> 'I';
      case LONG -> 'L';
      case FLOAT -> 'F';
      case HANDLE, POINTER -> 'P';
      case UNIQUE_ID -> 'U';
    };
  }

  private static String assertions(StructLayout layout) {
    String name = layout.name().orElseThrow();
    return "static_assert(sizeof(%s) == %d, \"size of %s\");\n".formatted(name, layout.byteSize(), name)
        + layout.memberLayouts().stream().flatMap(member -> member.name().stream())
            .map(member -> "static_assert(offsetof(%s, %s) == %d, \"%s of %s\");\n".formatted(
                name, member, offset(layout, member), member, name))
            .collect(Collectors.joining());
  }

  private static long offset(MemoryLayout layout, String member) {
    return layout.byteOffset(PathElement.groupElement(member));
  }
}
