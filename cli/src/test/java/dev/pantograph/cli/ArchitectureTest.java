package dev.pantograph.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import dev.pantograph.spi.BackendProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The house rules that the compiler does not check, over the classes of all modules. */
class ArchitectureTest {
  private static final String SPI = "dev.pantograph.spi..";
  private static final String CORE = "dev.pantograph.core..";
  private static final String LAB = "dev.pantograph.lab..";
  private static final String CLI = "dev.pantograph.cli..";
  private static final String BACKENDS = "dev.pantograph.backends..";
  private static final String TCK = "dev.pantograph.tck..";
  private static final String DATAFLOW = "dev.pantograph.dataflow..";
  private static final String FLOAT_VECTOR = "jdk.incubator.vector.FloatVector";

  private static List<Path> folders;
  private static JavaClasses all;

  /** Reads the modules' class folders, since a module's own test does not see all of its siblings. */
  @BeforeAll
  static void importAllModules() throws IOException {
    Path root = Path.of("..").toAbsolutePath().normalize();
    try (Stream<Path> backends = Files.list(root.resolve("backends"))) {
      Stream<Path> others = Stream.of("spi", "dataflow", "core", "lab", "cli", "tck").map(root::resolve);
      folders = Stream.concat(others, backends)
          .map(module -> module.resolve("target").resolve("classes"))
          .filter(Files::isDirectory)
          .toList();
      all = new ClassFileImporter().importPaths(folders);
    }
  }

  @Test
  void everyLayerIsThere() {
    assertThat(List.of("spi", "core.tensor", "lab.run", "cli", "tck", "backends.vector", "backends.reference",
            "backends.foreign", "backends.blas", "backends.onednn", "backends.cuda", "backends.wafer", "dataflow"))
        .allMatch(name -> all.containPackage("dev.pantograph." + name));
  }

  @Test
  void dependenciesPointOneWay() {
    check(noClasses().that().resideInAPackage(SPI).should().dependOnClassesThat()
        .resideInAnyPackage(CORE, LAB, CLI, BACKENDS, DATAFLOW));
    check(noClasses().that().resideInAPackage(DATAFLOW).should().dependOnClassesThat()
        .resideInAnyPackage(CORE, LAB, CLI, BACKENDS, TCK).because("the model of a device is arithmetic"));
    check(noClasses().that().resideInAPackage(CORE).should().dependOnClassesThat()
        .resideInAnyPackage(LAB, CLI, BACKENDS).because("core never names a backend"));
    check(noClasses().that().resideInAPackage(LAB).should().dependOnClassesThat().resideInAnyPackage(CLI, BACKENDS));
    check(noClasses().that().resideInAPackage(CLI).should().dependOnClassesThat().resideInAPackage(BACKENDS));
    check(noClasses().that().resideInAPackage(BACKENDS).should().dependOnClassesThat()
        .resideInAnyPackage(CORE, LAB, CLI, TCK).because("a backend sees the contract only"));
    check(noClasses().that().resideInAPackage(TCK).should().dependOnClassesThat()
        .resideInAnyPackage(CORE, LAB, CLI, "dev.pantograph.backends.vector..")
        .because("the kit sees the contract and the oracle"));
  }

  @Test
  void backendsKnowNoOtherButThatTheyAreBuiltOn() {
    Map<String, Set<String>> builtOn = Map.of("reference", Set.of(), "vector", Set.of(), "foreign", Set.of(),
        "blas", Set.of("vector", "foreign"), "onednn", Set.of("vector", "foreign"),
        "cuda", Set.of("foreign"), "wafer", Set.of("vector", "reference"));
    builtOn.forEach((backend, known) -> {
      String[] others = builtOn.keySet().stream().filter(other -> !other.equals(backend) && !known.contains(other))
          .map(other -> "dev.pantograph.backends." + other + "..").toArray(String[]::new);
      check(noClasses().that().resideInAPackage("dev.pantograph.backends." + backend + "..").should()
          .dependOnClassesThat().resideInAnyPackage(others));
    });
  }

  /** Programs of one jar run from the class path, where descriptors of modules are not read. */
  @Test
  void backendsAreFoundOnTheClassPathAsInTheModulePath() throws IOException {
    List<String> listed = new ArrayList<>();
    for (Path folder : folders) {
      Path services = folder.resolve("META-INF").resolve("services").resolve(BackendProvider.class.getName());
      if (Files.exists(services)) {
        listed.addAll(Files.readAllLines(services));
      }
    }
    List<String> providers = all.stream()
        .filter(type -> type.isAssignableTo(BackendProvider.class) && !type.isInterface() && type.isTopLevelClass())
        .filter(type -> type.getPackageName().startsWith("dev.pantograph.backends")).map(JavaClass::getName).toList();
    assertThat(listed).containsExactlyInAnyOrderElementsOf(providers);
  }

  @Test
  void onlyTheCommandLineParsesArgumentsAndPrints() {
    check(noClasses().that().resideOutsideOfPackage(CLI).should().dependOnClassesThat().resideInAPackage("picocli.."));
    check(noClasses().that().resideOutsideOfPackages(CLI, "dev.pantograph.tck").should()
        .accessField(System.class, "out"));
    check(noClasses().that().resideOutsideOfPackage(CLI).should().accessField(System.class, "err"));
  }

  @Test
  void theIncubatingVectorApiStaysInOneModule() {
    check(noClasses().that().resideOutsideOfPackage("dev.pantograph.backends.vector..").should().dependOnClassesThat()
        .resideInAPackage("jdk.incubator.vector.."));
  }

  /** Decision 010: vectors of a second shape make the compiler allocate those of the first. */
  @Test
  void vectorsOfFloatHaveOneShapeInAProcess() {
    for (String species : List.of("SPECIES_64", "SPECIES_128", "SPECIES_256", "SPECIES_512", "SPECIES_MAX")) {
      check(noClasses().should().accessField(FLOAT_VECTOR, species));
    }
    check(noClasses().that().doNotHaveSimpleName("Lanes").and().doNotHaveSimpleName("VectorBackendProvider").should()
        .accessField(FLOAT_VECTOR, "SPECIES_PREFERRED"));
    check(noClasses().that().doNotHaveSimpleName("Lanes").and().doNotHaveSimpleName("Bfloat16Lanes").should()
        .callMethod("jdk.incubator.vector.VectorShape", "forBitSize", "int"));
  }

  @Test
  void classNamesSayWhatAClassIs() {
    check(classes().should().haveNameNotMatching(".*(Util|Utils|Helper|Helpers|Manager|Impl)(\\$.*)?"));
  }

  private static void check(ArchRule rule) {
    rule.check(all);
  }
}
