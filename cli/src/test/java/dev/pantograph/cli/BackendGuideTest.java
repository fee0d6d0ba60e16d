package dev.pantograph.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page on writing a backend, and the plugin it arrives at. */
class BackendGuideTest {
  private static final Path PAGE = Path.of("..", "docs", "writing-a-backend.md");
  private static final Path EXAMPLE = Path.of("..", "examples", "backend-plugin");
  private static final Pattern FILE = Pattern.compile("<!-- file: (\\S+) -->\n```\\w+\n(.*?)```\n", Pattern.DOTALL);

  @TempDir
  private Path folder;

  private static List<Path> sources(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList();
    }
  }

  @Test
  void thePageShowsTheExampleFileByFile() throws IOException {
    Map<String, String> shown = new TreeMap<>(FILE.matcher(Files.readString(PAGE)).results()
        .collect(Collectors.toMap(match -> match.group(1), match -> match.group(2))));
    Map<String, String> example = new TreeMap<>();
    for (Path file : sources(EXAMPLE.resolve("src"))) {
      example.put(EXAMPLE.relativize(file).toString().replace('\\', '/'), Files.readString(file));
    }
    example.put("pom.xml", Files.readString(EXAMPLE.resolve("pom.xml")));
    assertThat(shown).isEqualTo(example);
  }

  @Test
  void theExampleIsTrainedWith() throws IOException {
    Path jar = folder.resolve("loops.jar");
    List<String> compile = new ArrayList<>(List.of("-d", folder.resolve("classes").toString(),
        "--module-path", System.getProperty("jdk.module.path")));
    sources(EXAMPLE.resolve("src").resolve("main")).forEach(source -> compile.add(source.toString()));
    run("javac", compile);
    run("jar", List.of("--create", "--file", jar.toString(), "-C", folder.resolve("classes").toString(), "."));
    Path text = Files.writeString(folder.resolve("text.txt"), "pack my box with five dozen liquor jugs\n".repeat(20));

    CommandRun doctor = CommandRun.of("doctor", "--plugin-path=" + jar, "--backend=loops");
    assertThat(doctor.out()).contains("from: " + jar, "In use: loops (as asked for)");
    CommandRun train = CommandRun.of("train", "--plugin-path=" + jar, "--backend=loops", "--data=" + text, "--width=16",
        "--heads=2", "--layers=1", "--batch=2", "--time=8", "--steps=3", "--set=data.validationBatches=1",
        "--set=schedule.warmup=1", "--out=" + folder.resolve("run"));
    assertThat(train.err()).isEmpty();
    assertThat(train.out()).contains("backend 'loops'", "Done: validation loss");
  }

  private static void run(String tool, List<String> arguments) {
    StringWriter messages = new StringWriter();
    PrintWriter out = new PrintWriter(messages, true);
    int code = ToolProvider.findFirst(tool).orElseThrow().run(out, out, arguments.toArray(String[]::new));
    assertThat(code).as("%s: %s", tool, messages).isZero();
  }
}
