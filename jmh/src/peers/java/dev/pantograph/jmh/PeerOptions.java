package dev.pantograph.jmh;

import dev.pantograph.spi.BackendOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What both comparisons are told. */
final class PeerOptions {
  @Option(
      names = "--models", split = ",", paramLabel = "NAME",
      description = "Of ${COMPLETION-CANDIDATES} (default: all).")
  private List<PeerModel> models = List.of(PeerModel.values());

  @Option(
      names = "--threads", paramLabel = "N", defaultValue = "0",
      description = "Threads of every contestant; 0, the default, means one for each processor.")
  private int threads;

  @Option(names = "--rounds", paramLabel = "N", defaultValue = "5", description = "Rounds (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(names = "--json", paramLabel = "FILE", description = "Also write every sample to this file.")
  private @Nullable Path json;

  @Option(
      names = "--natives", paramLabel = "DIR",
      description = "Where libraries are extracted to and looked for (default: a temporary folder).")
  private @Nullable Path natives;

  @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text.")
  private boolean help;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Says on stderr what is being compared: a whole table takes minutes. */
  void progress(String subject) {
    spec.commandLine().getErr().println(subject + " ...");
  }

  List<PeerModel> models() {
    return models;
  }

  int threads() {
    return BackendOptions.threads(threads).resolvedThreads();
  }

  int rounds() {
    return rounds;
  }

  NativeLibraries natives() throws IOException {
    if (natives == null) {
      Path temporary = Files.createTempDirectory("pantograph-peers");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(temporary)));
      natives = temporary;
    }
    return new NativeLibraries(natives);
  }

  /** Extracted libraries take some hundred megabytes, so a folder of our own making is not left behind. */
  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      System.err.println(folder + " could not be removed: " + e.getMessage());
    }
  }

  /** Writes the comparison, if a file was named, all of it or nothing. */
  void writeJson(Comparison comparison, List<String> details) throws IOException {
    if (json == null) {
      return;
    }
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    content.put("threads", threads());
    content.put("rounds", rounds);
    content.put("details", details);
    content.putAll(comparison.toJson());
    Path part = json.resolveSibling(json.getFileName() + ".part");
    Files.writeString(part, JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build()
        .writeValueAsString(content) + "\n");
    Files.move(part, json, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    out().println("Samples: " + json);
  }
}
