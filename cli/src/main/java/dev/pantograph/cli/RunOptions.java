package dev.pantograph.cli;

import dev.pantograph.lab.run.RunException;
import dev.pantograph.lab.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which a command chooses the folder of its run. A mixin. */
final class RunOptions {
  private static final Path RUNS = Path.of("runs");
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);
  /** What picocli gives for {@code --resume} without a folder. */
  private static final String LATEST = "";

  @Option(
      names = "--out", paramLabel = "DIR",
      description = "Folder for what the run finds. Default: a new one under runs.")
  private @Nullable Path out;

  @Option(
      names = "--resume", paramLabel = "DIR", arity = "0..1", fallbackValue = LATEST,
      description = "Continue the run in DIR with the configuration kept there; without DIR, the latest of its kind.")
  private @Nullable String resume;

  /** Whether an earlier run goes on. */
  boolean isResuming() {
    return resume != null;
  }

  /**
   * The folder of the run that is to go on.
   *
   * @throws RunException if there is none
   */
  RunFolder resumed(String kind) throws IOException {
    return RunFolder.open(resume == null || resume.equals(LATEST) ? latest(kind) : Path.of(resume));
  }

  /** A new folder. */
  RunFolder created(String kind) {
    return RunFolder.create(out != null ? out : RUNS.resolve(kind + "-" + STAMP.format(LocalDateTime.now())));
  }

  private static Path latest(String kind) throws IOException {
    if (Files.isDirectory(RUNS)) {
      try (Stream<Path> folders = Files.list(RUNS)) {
        return folders.filter(path -> path.getFileName().toString().startsWith(kind + "-"))
            .max(Comparator.naturalOrder())
            .orElseThrow(() -> noRun(kind));
      }
    }
    throw noRun(kind);
  }

  private static RunException noRun(String kind) {
    return new RunException("there is no run to resume: no folder %s".formatted(RUNS.resolve(kind + "-*")));
  }
}
