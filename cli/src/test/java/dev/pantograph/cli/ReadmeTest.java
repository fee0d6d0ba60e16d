package dev.pantograph.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows must be true. */
class ReadmeTest {
  private static final Path README = Path.of("..", "README.md");
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void theExampleCompiles(@TempDir Path folder) throws IOException {
    Matcher example = JAVA.matcher(Files.readString(README));
    assertThat(example.find()).as("README has an example in Java").isTrue();
    Path source = Files.writeString(folder.resolve("Wide.java"), example.group(1));
    StringWriter messages = new StringWriter();
    PrintWriter out = new PrintWriter(messages, true);
    int code = ToolProvider.findFirst("javac").orElseThrow().run(out, out, "-d", folder.toString(),
        "--module-path", System.getProperty("jdk.module.path"), "--add-modules", "dev.pantograph.core",
        source.toString());
    assertThat(code).as(messages.toString()).isZero();
  }

  @Test
  void theExampleIsTwentyLinesLong() throws IOException {
    Matcher example = JAVA.matcher(Files.readString(README));
    assertThat(example.find()).isTrue();
    assertThat(example.group(1).lines().filter(line -> line.strip().length() > 1)).hasSizeLessThanOrEqualTo(20);
  }

  @Test
  void everyCommandIsListed() throws IOException {
    String readme = Files.readString(README);
    Main.commandLine(new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter()), false).getSubcommands()
        .keySet().stream().filter(name -> !name.equals("help"))
        .forEach(name -> assertThat(readme).contains("| `" + name + "` |"));
  }
}
