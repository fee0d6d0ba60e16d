package dev.pantograph.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.pantograph.core.backend.Backends;
import dev.pantograph.core.backend.Refusal;
import dev.pantograph.spi.Availability.Available;
import dev.pantograph.spi.Availability.Unavailable;
import dev.pantograph.spi.Backend;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code doctor}: what this machine offers, what is missing and what to do about it. */
@Command(
    name = "doctor",
    description = {
      "Show what Pantograph finds on this machine, and what is missing.",
      "Opens the backend that other commands would use with the same options, and fails if it cannot be had."
    })
final class DoctorCommand implements Callable<Integer> {
  @Mixin
  private BackendSelection selection = new BackendSelection();

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Backends backends = selection.discover();
    out.println("Pantograph " + Version.current());
    out.println();
    machine(Path.of(System.getProperty("java.home"))).print(out);
    out.println();
    out.println("Backends");
    backends(backends).print(out);
    out.println();
    if (!backends.refusals().isEmpty()) {
      out.println("Not loaded");
      refusals(backends).print(out);
      out.println();
    }
    try (Backend backend = selection.open(backends)) {
      out.println("In use: %s (%s), threads: %d".formatted(backend.id(),
          selection.isExplicit() ? "as asked for" : "the best one available", selection.threads()));
    }
    return 0;
  }

  private static TextTable machine(Path javaHome) throws IOException {
    Runtime runtime = Runtime.getRuntime();
    return new TextTable("")
        .row("Java", "%s, %s%n%s".formatted(Runtime.version(), System.getProperty("java.vendor"), javaHome))
        .row("System", "%s %s, %s".formatted(
            System.getProperty("os.name"), System.getProperty("os.version"), System.getProperty("os.arch")))
        .row("Processors", Integer.toString(runtime.availableProcessors()))
        .row("Memory", "%s, up to %s of it for the Java heap; tensors live outside the heap"
            .formatted(gibibytes(physicalMemory()), gibibytes(runtime.maxMemory())))
        .row("Corpus", corpus(javaHome));
  }

  private static long physicalMemory() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  private static String gibibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
  }

  /** Where text to train on comes from when the user names none: the JDK's own sources. */
  static String corpus(Path javaHome) throws IOException {
    Path sources = javaHome.resolve("lib").resolve("src.zip");
    if (Files.isReadable(sources)) {
      return String.format(Locale.ROOT, "%s, %.0f MiB packed", sources, Files.size(sources) / (double) (1 << 20));
    }
    return ("not found: %s%nThis JDK came without its sources. Install them (on Debian and Fedora they are a package"
        + " of their own), use a JDK%nthat has them, such as Eclipse Temurin 25, or name a text of your own.")
        .formatted(sources);
  }

  private static TextTable backends(Backends backends) {
    TextTable table = new TextTable("  ");
    for (Backends.Entry entry : backends.entries()) {
      table.row(entry.id(), entry.description()).row("", "from: " + entry.origin());
      switch (entry.availability()) {
        case Available available -> {
          available.facts().forEach((name, value) -> table.row("", name + ": " + value));
          available.limitations().forEach(
              limitation -> table.row("", "without: %s (%s)".formatted(limitation.what(), limitation.reason())));
        }
        case Unavailable why -> table.row("", "not available: " + why.reason()).row("", "what to do: " + why.remedy());
      }
      entry.advice().forEach(advice -> table.row("", "what to do: " + advice));
    }
    return table;
  }

  private static TextTable refusals(Backends backends) {
    TextTable table = new TextTable("  ");
    for (Refusal refusal : backends.refusals()) {
      table.row(refusal.what()).row("  " + refusal.reason()).row("  what to do: " + refusal.remedy());
    }
    return table;
  }
}
