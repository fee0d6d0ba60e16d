package dev.pantograph.core.backend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.spi.Availability.Available;
import dev.pantograph.spi.Availability.Unavailable;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendUnavailableException;
import dev.pantograph.spi.SpiVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plugins that work and every way for one to fail; a plugin that fails never stops another. */
class PluginsTest {
  private static final String GREETING = "\"hello\"";
  private static final String PROBE = "public Availability probe() {";
  private static final String CONSTRUCTOR = "public Provider() {";
  private static final String TELL_AUTHOR = "Tell its author, or remove it";
  private static final String REBUILD = "Rebuild it against SPI version";
  private static final Duration SHORT = Duration.ofSeconds(3);

  @TempDir
  private Path folder;

  private static Backends discover(Path... plugins) {
    return Backends.discover(new PluginPath(List.of(plugins)));
  }

  private Path jar(PluginSource source) throws IOException {
    return source.jar(folder.resolve("plugin.jar"));
  }

  private static Backends.Entry entry(Backends backends, String id) {
    return backends.entries().stream().filter(entry -> entry.id().equals(id)).findFirst().orElseThrow();
  }

  private static Map<String, String> facts(Backends backends, String id) {
    assertThat(entry(backends, id).availability()).as("%s", backends.inventory()).isInstanceOf(Available.class);
    return ((Available) entry(backends, id).availability()).facts();
  }

  private static Unavailable why(Backends backends, String id) {
    assertThat(entry(backends, id).availability()).isInstanceOf(Unavailable.class);
    return (Unavailable) entry(backends, id).availability();
  }

  /** The only refusal, and the process's own backends are all there. */
  private static Refusal refusal(Backends backends) {
    assertThat(backends.entries()).extracting(Backends.Entry::id).containsSubsequence("vector", "reference");
    assertThat(backends.refusals()).hasSize(1);
    return backends.refusals().getFirst();
  }

  @Test
  void aJarIsFoundAndLoadedIntoALayerOfItsOwn() throws IOException {
    Path jar = jar(PluginSource.of("alpha"));
    Backends backends = discover(jar);
    assertThat(backends.refusals()).isEmpty();
    assertThat(facts(backends, "alpha")).containsEntry("greeting", "hello");
    assertThat(entry(backends, "alpha").origin()).isEqualTo(jar.toString());
    assertThat(entry(backends, "alpha").description()).isEqualTo("a test");
    Module module = entry(backends, "alpha").provider().getClass().getModule();
    assertThat(module.getLayer()).isNotNull().isNotSameAs(ModuleLayer.boot());
    assertThat(module.isNamed()).isTrue();
  }

  @Test
  void aJarWithoutDescriptorIsAnAutomaticModule() throws IOException {
    Backends backends = discover(jar(PluginSource.of("alpha").automatic("alpha.Provider")));
    assertThat(facts(backends, "alpha")).containsEntry("greeting", "hello");
    assertThat(entry(backends, "alpha").provider().getClass().getModule().getDescriptor().isAutomatic()).isTrue();
  }

  /** The library has the name of one that the process itself carries: three versions side by side. */
  @Test
  void eachPluginMeetsItsOwnVersionOfALibrary() throws IOException {
    for (String version : List.of("one", "two")) {
      Path library = PluginSource.module("tools.jackson.databind", "tools/jackson/databind/Edition.java",
          "package tools.jackson.databind; public class Edition { public static String name() { return \"%s\"; } }"
              .formatted(version))
          .jar(folder.resolve(version).resolve("library.jar"));
      PluginSource.of("plugin" + version).against(library)
          .with("requires dev.pantograph.spi;", "requires dev.pantograph.spi; requires tools.jackson.databind;")
          .with(GREETING, "tools.jackson.databind.Edition.name()")
          .jar(folder.resolve(version).resolve("plugin.jar"));
    }
    Backends backends = discover(folder.resolve("one"), folder.resolve("two"));
    assertThat(facts(backends, "pluginone")).containsEntry("greeting", "one");
    assertThat(facts(backends, "plugintwo")).containsEntry("greeting", "two");
  }

  /** This process denies native access to all that were not given it, and gave it to core. */
  @Test
  void aPluginMayCallNativeCodeIfCoreMay() throws IOException {
    Backends backends = discover(jar(PluginSource.of("alpha")
        .with(PROBE, """
            static String length(String text) {
              try (var arena = java.lang.foreign.Arena.ofConfined()) {
                var linker = java.lang.foreign.Linker.nativeLinker();
                var strlen = linker.downcallHandle(linker.defaultLookup().findOrThrow("strlen"),
                    java.lang.foreign.FunctionDescriptor.of(java.lang.foreign.ValueLayout.JAVA_LONG,
                        java.lang.foreign.ValueLayout.ADDRESS));
                return Long.toString((long) strlen.invokeExact(arena.allocateFrom(text)));
              } catch (Throwable e) {
                throw new IllegalStateException(e);
              }
            }

            """ + PROBE)
        .with(GREETING, "length(\"pantograph\")")));
    assertThat(facts(backends, "alpha")).containsEntry("greeting", "10");
  }

  @Test
  void onTheClassPathPluginsAreRefused() throws IOException, InterruptedException {
    Path jar = jar(PluginSource.of("alpha"));
    Path program = Files.writeString(folder.resolve("Program.java"), """
        import dev.pantograph.core.backend.*;

        void main(String[] arguments) {
          IO.print(Backends.discover(PluginPath.parse(arguments[0])).inventory());
        }
        """);
    Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--class-path", System.getProperty("jdk.module.path"), program.toString(), jar.toString())
        .redirectErrorStream(true).start();
    assertThat(new String(process.getInputStream().readAllBytes(), UTF_8)).contains("available: reference",
        "not loaded: %s: plugins are modules, and this Pantograph runs from the class path. Put".formatted(jar));
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void whatIsNoPluginIsRefusedWithItsReason() throws IOException {
    assertThat(refusal(discover(folder.resolve("nowhere.jar"))).reason()).isEqualTo("there is no such file or folder");
    Path text = Files.writeString(folder.resolve("text.jar"), "no jar");
    assertThat(refusal(discover(text)).reason()).startsWith("not readable as modules: ").contains("text.jar");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThat(refusal(discover(empty)).reason()).isEqualTo("it provides no backend");
    Path library = PluginSource.module("library", "library/A.java", "package library; public class A {}")
        .jar(folder.resolve("library.jar"));
    assertThat(refusal(discover(library)).remedy()).contains("provides dev.pantograph.spi.BackendProvider");
  }

  @Test
  void aModuleThatIsMissingOrThereTwiceIsNamed() throws IOException {
    Path library = PluginSource.module("library", "library/A.java", "package library; public class A {}")
        .jar(folder.resolve("elsewhere").resolve("library.jar"));
    Path lacking = PluginSource.of("alpha").against(library)
        .with("requires dev.pantograph.spi;", "requires dev.pantograph.spi; requires library;")
        .jar(folder.resolve("lacking").resolve("plugin.jar"));
    Refusal refusal = refusal(discover(lacking));
    assertThat(refusal.what()).isEqualTo(lacking.toString());
    assertThat(refusal.reason()).contains("do not fit together", "library", "alpha");
    assertThat(refusal.remedy()).contains("Put what it requires beside it");

    Files.copy(lacking, folder.resolve("lacking").resolve("copy.jar"));
    assertThat(refusal(discover(folder.resolve("lacking"))).reason()).contains("alpha");
  }

  @Test
  void aPluginThatDoesNotSayItsSpiVersionIsNotLoaded() throws IOException {
    Path jar = jar(PluginSource.of("alpha").with("@SpiVersion(SpiVersion.CURRENT)", ""));
    Refusal refusal = refusal(discover(jar));
    assertThat(refusal.reason()).isEqualTo("alpha.Provider does not say for which SPI version it was built");
    assertThat(refusal.remedy()).contains("@SpiVersion(SpiVersion.CURRENT)");
  }

  /** Another SPI: its version is 7, and it has a class that ours has not. It lies in the plugin's folder as well. */
  private Path foreignSpi() throws IOException {
    return PluginSource.module("dev.pantograph.spi", "dev/pantograph/spi/SpiVersion.java",
        "package dev.pantograph.spi; public @interface SpiVersion { int CURRENT = 7; int value(); }")
        .file("dev/pantograph/spi/Availability.java", """
            package dev.pantograph.spi;
            public interface Availability {
              record Available(int rank, java.util.Map<String, String> facts) implements Availability {}
            }
            """)
        .file("dev/pantograph/spi/BackendOptions.java", "package dev.pantograph.spi; public class BackendOptions {}")
        .file("dev/pantograph/spi/Backend.java", "package dev.pantograph.spi; public class Backend {}")
        .file("dev/pantograph/spi/Hologram.java", """
            package dev.pantograph.spi;
            public class Hologram { public static String glow() { return "green"; } }
            """)
        .file("dev/pantograph/spi/BackendProvider.java", """
            package dev.pantograph.spi;
            public interface BackendProvider {
              String id();
              String description();
              Availability probe();
              Backend open(BackendOptions options);
            }
            """)
        .jar(folder.resolve("spi.jar"));
  }

  @Test
  void aPluginBuiltForAnotherSpiVersionIsNotLoaded() throws IOException {
    Path spi = foreignSpi();
    jar(PluginSource.of("alpha").against(spi).with("public Provider() {}", "public Provider() { Hologram.glow(); }"));
    Refusal refusal = refusal(discover(folder));
    assertThat(refusal.reason()).isEqualTo(
        "alpha.Provider was built for SPI version 7; this Pantograph has version " + SpiVersion.CURRENT);
    assertThat(refusal.remedy()).startsWith(REBUILD);
  }

  /** Plugins that claim the right version and are wrong about it. */
  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      public Provider() {}                       | private final Hologram field = new Hologram(); public Provider() {}
      public Provider() {}                       | public Provider() {} public Hologram unknown() { return null; }
      public String id() {                       | public String id() { Hologram.glow();
      implements BackendProvider                 | extends Hologram implements BackendProvider
      """)
  void classesThatDoNotLinkRefuseAPlugin(String part, String replacement) throws IOException {
    jar(PluginSource.of("alpha").against(foreignSpi()).with("SpiVersion.CURRENT", "" + SpiVersion.CURRENT)
        .with(part, replacement));
    Refusal refusal = refusal(discover(folder));
    assertThat(refusal.reason()).contains("java.lang.NoClassDefFoundError", "Hologram");
    assertThat(refusal.remedy()).startsWith(REBUILD);
  }

  @Test
  void aProbeThatDoesNotLinkIsUnavailable() throws IOException {
    jar(PluginSource.of("alpha").against(foreignSpi()).with("SpiVersion.CURRENT", "" + SpiVersion.CURRENT)
        .with(GREETING, "Hologram.glow()"));
    Unavailable why = why(discover(folder), "alpha");
    assertThat(why.reason()).startsWith("its probe threw java.lang.NoClassDefFoundError").contains("Hologram");
    assertThat(why.remedy()).startsWith(REBUILD);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      throw new IllegalStateException("no luck"); | java.lang.IllegalStateException: no luck
      throw new StackOverflowError();             | java.lang.StackOverflowError
      return null;                                | java.lang.NullPointerException: the answer of probe()
      """)
  void aProbeThatFailsIsUnavailable(String statement, String thrown) throws IOException {
    Backends backends = discover(jar(PluginSource.of("alpha").with(PROBE, PROBE + " if (true) " + statement)));
    assertThat(why(backends, "alpha").reason()).isEqualTo("its probe threw " + thrown);
    assertThat(backends.refusals()).isEmpty();
    assertThatThrownBy(() -> backends.open("alpha", BackendOptions.defaults()))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage("backend 'alpha' is not available: its probe threw %s. %s".formatted(thrown, TELL_AUTHOR));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      public Provider() { | throw new IllegalStateException("no luck"); | threw java.lang.IllegalStateException
      static {            | Integer.parseInt("many");                   | threw java.lang.NumberFormatException: For input
      public String id() {| return null;                                | threw java.lang.NullPointerException: id
      public String id() {| return "An Id";                             | has the id 'An Id', needed lower-case letters
      """)
  void aProviderThatCannotBeNamedIsRefused(String part, String statement, String reason) throws IOException {
    Refusal refusal = refusal(discover(jar(PluginSource.of("alpha").with("public Provider() {}",
        "static {} public Provider() {}").with(part, part + " if (true) " + statement))));
    assertThat(refusal.reason()).startsWith("alpha.Provider " + reason);
    assertThat(refusal.remedy()).isEqualTo(TELL_AUTHOR);
  }

  /** All hang at once and are waited for together. */
  @Test
  void aProviderThatHangsIsLeftBehind() throws IOException {
    String hang = " try { Thread.sleep(1L << 40); } catch (InterruptedException e) {}";
    Path probe = PluginSource.of("probe").with(PROBE, PROBE + hang).jar(folder.resolve("probe.jar"));
    Path constructor =
        PluginSource.of("constructor").with(CONSTRUCTOR, CONSTRUCTOR + hang).jar(folder.resolve("constructor.jar"));
    Backends backends = Backends.discover(new PluginPath(List.of(probe, constructor)), SHORT);
    assertThat(why(backends, "probe").reason()).isEqualTo("its probe did not return within 3.0 s");
    assertThat(refusal(backends).reason()).isEqualTo("constructor.Provider did not return within 3.0 s");
    assertThat(Thread.getAllStackTraces().keySet()).filteredOn(thread -> thread.getName().contains("probe.Provider"))
        .isNotEmpty().allMatch(Thread::isDaemon);
  }

  @Test
  void theFirstOfAnIdKeepsIt() throws IOException {
    Path one = PluginSource.of("alpha").jar(folder.resolve("one.jar"));
    Path two = PluginSource.of("beta").with("return \"beta\"", "return \"alpha\"").jar(folder.resolve("two.jar"));
    Refusal second = refusal(discover(one, two));
    assertThat(second).isEqualTo(new Refusal(two.toString(),
        "a backend with the id 'alpha' is there already, from " + one, "Keep one of the two"));

    Path impostor = PluginSource.of("gamma").with("return \"gamma\"", "return \"vector\"").jar(folder.resolve("c.jar"));
    assertThat(refusal(discover(impostor)).reason()).endsWith("from Pantograph's own modules");
  }

  @Test
  void aBackendThatIsNotFoundIsAnsweredWithAllThatIsKnown() throws IOException {
    Path broken = PluginSource.of("beta")
        .with(PROBE, PROBE + " if (true) throw new IllegalStateException(\"no luck\");").jar(folder.resolve("broken.jar"));
    Backends backends = discover(PluginSource.of("alpha").jar(folder.resolve("good.jar")), broken,
        folder.resolve("gone.jar"));
    assertThatThrownBy(() -> backends.open("abacus", BackendOptions.defaults())).hasMessage("""
        no backend is named 'abacus'
        available: vector, reference, alpha
        not available: beta: its probe threw java.lang.IllegalStateException: no luck. %s
        not loaded: %s: there is no such file or folder. Correct the plugin path""",
        TELL_AUTHOR, folder.resolve("gone.jar"));
  }

  @Test
  void aBackendThatDoesNotLinkWhenOpenedIsUnavailable() throws IOException {
    Backends backends = discover(jar(PluginSource.of("alpha")
        .with("throw new UnsupportedOperationException();", "throw new NoSuchMethodError(\"glow\");")));
    assertThatThrownBy(() -> backends.open("alpha", BackendOptions.defaults()))
        .isInstanceOf(BackendUnavailableException.class).hasMessageContainingAll("opening it threw", "glow", REBUILD)
        .hasCauseInstanceOf(LinkageError.class);
  }
}
