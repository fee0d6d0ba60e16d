package dev.pantograph.backends.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.backends.cuda.binding.ForeignFunction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A library made for a test: it exports the functions of a table, which all do nothing and return 0, but for those that
 * the test writes itself.
 *
 * @param name of the file
 * @param table whose functions it exports
 * @param own functions in C++, one a line, that take the place of those of the table
 */
record SmallLibrary(String name, Class<? extends ForeignFunction> table, String own) {
  /** Compiles it into a folder. */
  Path in(Path folder) {
    String rest = Arrays.stream(table.getEnumConstants()).map(function -> function.signature().symbol())
        .filter(symbol -> !own.contains(symbol + "("))
        .map("int %s() { return 0; }\n"::formatted).collect(Collectors.joining());
    try {
      Path source = Files.writeString(folder.resolve(name + ".cpp"), "extern \"C\" {\n" + own + "\n" + rest + "}\n");
      Path library = folder.resolve(name);
      assertThat(Requirement.compile(source, List.of("-shared", "-fPIC", "-o", library.toString()))).isEmpty();
      return library;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
