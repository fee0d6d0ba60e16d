package dev.pantograph.core.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;

/** The source of a plugin, compiled and packed by the JDK's own tools when a test asks for it. */
final class PluginSource {
  private static final String SERVICE = "META-INF/services/dev.pantograph.spi.BackendProvider";

  private final Map<String, String> files = new LinkedHashMap<>();
  private final List<Path> modulePath = new ArrayList<>();

  /**
   * A provider that is in order, in a module of the same name.
   *
   * @param name of the module, of its package and of the backend
   */
  static PluginSource of(String name) {
    PluginSource plugin = new PluginSource();
    plugin.files.put("module-info.java", """
        module %1$s {
          requires dev.pantograph.spi;
          provides dev.pantograph.spi.BackendProvider with %1$s.Provider;
        }
        """.formatted(name));
    plugin.files.put(name + "/Provider.java", """
        package %1$s;

        import dev.pantograph.spi.*;
        import java.util.Map;

        @SpiVersion(SpiVersion.CURRENT)
        public class Provider implements BackendProvider {
          public Provider() {}
          public String id() { return "%1$s"; }
          public String description() { return "a test"; }
          public Availability probe() { return new Availability.Available(-1, Map.of("greeting", "hello")); }
          public Backend open(BackendOptions options) { throw new UnsupportedOperationException(); }
        }
        """.formatted(name));
    return plugin;
  }

  /** A module that is no plugin, with one class. */
  static PluginSource module(String name, String file, String text) {
    PluginSource module = new PluginSource();
    String packageName = file.substring(0, file.lastIndexOf('/')).replace('/', '.');
    module.files.put("module-info.java", "module %s { exports %s; }".formatted(name, packageName));
    module.files.put(file, text);
    return module;
  }

  /** The same with a part of its provider, or of its descriptor, replaced. */
  PluginSource with(String part, String replacement) {
    assertThat(files.values()).anyMatch(text -> text.contains(part));
    files.replaceAll((_, text) -> text.replace(part, replacement));
    return this;
  }

  /** The same with another file. */
  PluginSource file(String file, String text) {
    files.put(file, text);
    return this;
  }

  /** The same without a descriptor: found as jars on the class path are. */
  PluginSource automatic(String provider) {
    files.remove("module-info.java");
    files.put(SERVICE, provider);
    return this;
  }

  /** Compiled against this jar, before whatever of the same name the process has. */
  PluginSource against(Path jar) {
    modulePath.add(jar);
    return this;
  }

  /** Compiles and packs. The folder of the jar is made if need be; returns the jar. */
  Path jar(Path jar) throws IOException {
    Files.createDirectories(jar.getParent());
    Path build = Files.createTempDirectory(jar.getParent(), "build");
    Path sources = build.resolve("sources");
    Path classes = build.resolve("classes");
    List<String> modules = new ArrayList<>(modulePath.stream().map(Path::toString).toList());
    modules.add(System.getProperty("jdk.module.path"));
    List<String> compile = new ArrayList<>(List.of("-d", classes.toString(), "-nowarn", "-XDrawDiagnostics",
        "--module-path", String.join(File.pathSeparator, modules), "--add-modules", "dev.pantograph.spi"));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path folder = file.getKey().endsWith(".java") ? sources : classes;
      Path written = folder.resolve(file.getKey());
      Files.createDirectories(written.getParent());
      Files.writeString(written, file.getValue());
      if (folder == sources) {
        compile.add(written.toString());
      }
    }
    run("javac", compile);
    run("jar", List.of("--create", "--file", jar.toString(), "-C", classes.toString(), "."));
    return jar;
  }

  private static void run(String tool, List<String> arguments) {
    StringWriter messages = new StringWriter();
    PrintWriter out = new PrintWriter(messages, true);
    int code = ToolProvider.findFirst(tool).orElseThrow().run(out, out, arguments.toArray(String[]::new));
    assertThat(code).as("%s: %s", tool, messages).isZero();
  }
}
