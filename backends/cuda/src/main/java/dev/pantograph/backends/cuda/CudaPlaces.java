package dev.pantograph.backends.cuda;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where CUDA may lie on a machine.
 *
 * @param named what the user named for the libraries, to be used alone: folders; empty if nothing was named
 * @param driver what the user named for the driver, to be used alone: a file or a folder; or absent
 * @param libraries folders where an installed toolkit or Python's packages may have put the libraries
 * @param drivers folders where containers and Windows' Linux put the driver
 */
record CudaPlaces(List<Path> named, @Nullable String driver, List<Path> libraries, List<Path> drivers) {
  /** Setting, system property and variable that name folders of libraries. */
  static final String SETTING = "library";
  static final String PROPERTY = "pantograph.cuda";
  static final String ENVIRONMENT = "PANTOGRAPH_CUDA";

  /** The same for the driver's file, or its folder. */
  static final String DRIVER_SETTING = "driver";
  static final String DRIVER_PROPERTY = "pantograph.cuda.driver";
  static final String DRIVER_ENVIRONMENT = "PANTOGRAPH_CUDA_DRIVER";

  private static final List<Path> DRIVER_FOLDERS = List.of(
      Path.of("/usr/local/nvidia/lib64"), Path.of("/usr/lib/x86_64-linux-gnu"), Path.of("/usr/lib/wsl/lib"));

  /** Below a folder of Python's packages: CUDA 13 first, then where older ones lie, to be able to say so. */
  private static final List<String> PACKAGES = List.of("nvidia/cu13/lib", "nvidia/cudnn/lib", "nvidia/nccl/lib",
      "nvidia/cublas/lib", "nvidia/cuda_nvrtc/lib");

  CudaPlaces {
    named = List.copyOf(named);
    libraries = List.copyOf(libraries);
    drivers = List.copyOf(drivers);
  }

  /** This machine's. */
  static CudaPlaces system(@Nullable String setting, @Nullable String driverSetting) {
    String named = setting != null ? setting : System.getProperty(PROPERTY, System.getenv(ENVIRONMENT));
    String driver = driverSetting != null ? driverSetting
        : System.getProperty(DRIVER_PROPERTY, System.getenv(DRIVER_ENVIRONMENT));
    return new CudaPlaces(named == null ? List.of() : parts(named).flatMap(CudaPlaces::below).toList(), driver,
        installed(System::getenv, Path.of("/usr/local/cuda")), DRIVER_FOLDERS);
  }

  /** No more than what is named. */
  static CudaPlaces of(String named, @Nullable String driver) {
    return new CudaPlaces(parts(named).flatMap(CudaPlaces::below).toList(), driver, List.of(), List.of());
  }

  /** Folders of libraries, of those that the environment tells of; the preferred first. */
  static List<Path> installed(Function<String, @Nullable String> environment, Path toolkit) {
    SequencedSet<Path> folders = new LinkedHashSet<>();
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      path(environment, variable).forEach(home -> below(home).forEach(folders::add));
    }
    below(toolkit).forEach(folders::add);
    for (Path prefix : Stream.of("VIRTUAL_ENV", "CONDA_PREFIX").flatMap(name -> path(environment, name)).toList()) {
      addPackages(prefix, folders);
      below(prefix).forEach(folders::add);
    }
    path(environment, "HOME").forEach(home -> addPackages(home.resolve(".local"), folders));
    // A Python that is called by its name has its packages beside the folder it lies in.
    Optional.ofNullable(environment.apply("PATH")).stream().flatMap(CudaPlaces::parts)
        .filter(folder -> Files.exists(folder.resolve("python3")) && folder.getParent() != null)
        .forEach(folder -> addPackages(folder.getParent(), folders));
    return folders.stream().filter(Files::isDirectory).toList();
  }

  /** Folders beside those of the libraries in which their headers are. */
  List<Path> headers() {
    return Stream.concat(named.stream(), libraries.stream())
        .map(folder -> folder.resolveSibling("include")).filter(Files::isDirectory).distinct().toList();
  }

  /** What is named for the libraries, as a search takes it; null if nothing is. */
  @Nullable String setting() {
    return named.isEmpty() ? null
        : named.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private static Stream<Path> parts(String folders) {
    return Arrays.stream(folders.split(File.pathSeparator)).filter(part -> !part.isBlank()).map(Path::of);
  }

  private static Stream<Path> path(Function<String, @Nullable String> environment, String variable) {
    return Optional.ofNullable(environment.apply(variable)).filter(value -> !value.isBlank()).map(Path::of).stream();
  }

  /** A folder itself, and what is in it if it is a toolkit's or one of Python's packages. */
  private static Stream<Path> below(Path folder) {
    return Stream.of(Stream.of("lib64", "targets/x86_64-linux/lib"), PACKAGES.stream(), Stream.of(""))
        .flatMap(names -> names).map(folder::resolve).filter(Files::isDirectory);
  }

  private static void addPackages(Path prefix, SequencedSet<Path> folders) {
    for (Path library : pythons(prefix.resolve("lib"))) {
      for (String packages : List.of("site-packages", "dist-packages")) {
        PACKAGES.forEach(name -> folders.add(library.resolve(packages).resolve(name)));
      }
    }
  }

  private static List<Path> pythons(Path library) {
    if (!Files.isDirectory(library)) {
      return List.of();
    }
    try (DirectoryStream<Path> found = Files.newDirectoryStream(library, "python3*")) {
      List<Path> pythons = new ArrayList<>();
      found.forEach(pythons::add);
      pythons.sort(null);
      return pythons;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
