package dev.pantograph.lab.run;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.spi.Availability;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a run took place; kept with its results.
 *
 * @param version of Pantograph
 * @param java version and vendor of the JDK
 * @param os name, version and architecture
 * @param processors available to the JVM
 * @param heapMiB largest heap, in MiB
 * @param backend id of the backend used
 * @param backendFacts what its probe told
 */
public record Environment(
    String version, String java, String os, int processors, long heapMiB, String backend, Map<String,
        String> backendFacts) {

  /** The environment of this process, with a backend that has been opened. */
  public static Environment of(Backends backends, String backend) {
    Map<String, String> facts = new LinkedHashMap<>();
    backends.entries().stream().filter(entry -> entry.id().equals(backend)).forEach(entry -> {
      if (entry.availability() instanceof Availability.Available available) {
        facts.putAll(available.facts());
      }
    });
    Runtime runtime = Runtime.getRuntime();
    return new Environment(currentVersion(),
        System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")",
        "%s %s %s".formatted(System.getProperty("os.name"), System.getProperty("os.version"),
            System.getProperty("os.arch")),
        runtime.availableProcessors(), runtime.maxMemory() >> 20, backend, facts);
  }

  /** Pantograph's own version, or "development" when it runs outside its modules. */
  public static String currentVersion() {
    Module module = Environment.class.getModule();
    return module.getDescriptor() == null ? "development" : module.getDescriptor().rawVersion().orElse("development");
  }
}
