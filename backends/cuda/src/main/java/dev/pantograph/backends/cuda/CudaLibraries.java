package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.binding.CudaException;
import dev.pantograph.backends.cuda.cublaslt.CublasLt;
import dev.pantograph.backends.cuda.cudnn.Cudnn;
import dev.pantograph.backends.cuda.driver.Devices;
import dev.pantograph.backends.cuda.driver.Driver;
import dev.pantograph.backends.cuda.driver.DriverStatus;
import dev.pantograph.backends.cuda.nvrtc.Nvrtc;
import dev.pantograph.backends.foreign.LibrarySearch;
import dev.pantograph.backends.foreign.SharedLibrary;
import dev.pantograph.spi.Availability.Unavailable;
import java.io.File;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * CUDA's libraries, found, opened, and of versions that work together.
 *
 * @param driver has found at least one device, the first of which is new enough
 * @param cudnn absent if there is none; then {@code withoutCudnn} says why
 * @param withoutCudnn why attention cannot be computed by cuDNN; empty if it can
 * @param headers folders that CUDA C++ may include from
 */
record CudaLibraries(Driver driver, CublasLt cublasLt, Nvrtc nvrtc, Optional<Cudnn> cudnn, String withoutCudnn,
    List<Path> headers) {
  /** The CUDA whose interface the tables describe. */
  static final int MAJOR = 13;

  private static final int CUDNN_MAJOR = 9;
  private static final int DRIVER_SERIES = 580;

  /** The first with bfloat16. */
  private static final int OLDEST_ARCHITECTURE = 80;

  private static final List<Integer> OTHER_MAJORS = List.of(14, 12, 11);

  private static final Logger LOG = System.getLogger(CudaLibraries.class.getName());

  /** What a search ends with. */
  sealed interface Result {
    /** All that is needed is there. */
    record Found(CudaLibraries libraries) implements Result {}

    /** Something is not. */
    record Missing(Unavailable why) implements Result {}
  }

  /** One library, or why there is none. */
  private record Piece(@Nullable SharedLibrary library, String reason) {}

  CudaLibraries {
    headers = List.copyOf(headers);
  }

  /** Looks for the driver, for a device, then for the libraries, and compares their versions. */
  static Result find(CudaPlaces places) {
    LibrarySearch search = new LibrarySearch("NVIDIA driver", CudaPlaces.DRIVER_PROPERTY,
        CudaPlaces.DRIVER_ENVIRONMENT, List.of("libcuda.so.1"), places.drivers(), List.of());
    return switch (search.open(places.driver(), Driver::refusal)) {
      case LibrarySearch.Result.Missing(String reason, String _) -> missing(reason, installDriver());
      case LibrarySearch.Result.Found(SharedLibrary library) -> {
        Driver driver = Driver.of(library);
        Optional<Unavailable> obstacle = obstacle(driver);
        yield obstacle.<Result>map(Result.Missing::new).orElseGet(() -> find(places, driver));
      }
    };
  }

  /** The compiler alone, which needs no device. */
  static Optional<Nvrtc> findCompiler(CudaPlaces places) {
    return Optional.ofNullable(nvrtc(places).library()).map(Nvrtc::of);
  }

  /** cuDNN alone: it describes its plans without a device, if a driver's library is there. */
  static Optional<Cudnn> findCudnn(CudaPlaces places) {
    return Optional.ofNullable(cudnn(places).library()).map(Cudnn::of);
  }

  /** cuBLASLt alone: it describes products without a device. */
  static Optional<CublasLt> findCublasLt(CudaPlaces places) {
    return Optional.ofNullable(cublasLt(places).library()).map(CublasLt::of);
  }

  private static Result find(CudaPlaces places, Driver driver) {
    Piece cublasLt = cublasLt(places);
    Piece nvrtc = nvrtc(places);
    String reasons = Stream.of(cublasLt, nvrtc).filter(piece -> piece.library() == null)
        .map(Piece::reason).collect(Collectors.joining("; "));
    if (cublasLt.library() == null || nvrtc.library() == null) {
      return missing("the driver and a device are there, but " + reasons, installLibraries());
    }
    Piece cudnn = cudnn(places);
    CudaLibraries libraries = new CudaLibraries(driver, CublasLt.of(cublasLt.library()), Nvrtc.of(nvrtc.library()),
        Optional.ofNullable(cudnn.library()).map(Cudnn::of), cudnn.reason(), places.headers());
    LOG.log(Level.DEBUG, libraries::summary);
    return libraries.conflict().<Result>map(Result.Missing::new).orElseGet(() -> new Result.Found(libraries));
  }

  private static Piece cublasLt(CudaPlaces places) {
    return piece("cuBLASLt", "libcublasLt.so.", MAJOR, places, CublasLt::refusal);
  }

  private static Piece nvrtc(CudaPlaces places) {
    Piece nvrtc = piece("NVRTC", "libnvrtc.so.", MAJOR, places, Nvrtc::refusal);
    if (nvrtc.library() != null) {
      openBuiltins(nvrtc.library());
    }
    return nvrtc;
  }

  private static Piece cudnn(CudaPlaces places) {
    return piece("cuDNN", "libcudnn.so.", CUDNN_MAJOR, places, Cudnn::refusal);
  }

  /** NVRTC asks the loader for this one by its bare name, which finds it in no folder but what is open already. */
  private static void openBuiltins(SharedLibrary nvrtc) {
    Path folder = Path.of(nvrtc.name()).getParent();
    if (folder != null) {
      long version = Nvrtc.of(nvrtc).version();
      Path builtins = folder.resolve("libnvrtc-builtins.so." + dotted(version));
      if (Files.exists(builtins)) {
        SharedLibrary.open(builtins.toString(), nvrtc.origin());
      }
    }
  }

  private static Piece piece(String subject, String name, int major, CudaPlaces places,
      Function<SharedLibrary, Optional<String>> suits) {
    return switch (search(subject, List.of(name + major), places).open(places.setting(), suits)) {
      case LibrarySearch.Result.Found(SharedLibrary library) -> new Piece(library, "");
      case LibrarySearch.Result.Missing(String reason, String _) -> new Piece(null,
          reason + other(subject, name, major, places));
    };
  }

  private static LibrarySearch search(String subject, List<String> names, CudaPlaces places) {
    return new LibrarySearch(
        subject, CudaPlaces.PROPERTY, CudaPlaces.ENVIRONMENT, names, places.libraries(), List.of());
  }

  /** The library of another version, if there is one. */
  private static String other(String subject, String name, int major, CudaPlaces places) {
    List<String> names = Stream.concat(OTHER_MAJORS.stream(), Stream.of(CUDNN_MAJOR - 1, CUDNN_MAJOR + 1))
        .filter(number -> number != major).map(number -> name + number).toList();
    return switch (search(subject, names, places).open(places.setting(), _ -> Optional.empty())) {
      case LibrarySearch.Result.Missing _ -> "";
      case LibrarySearch.Result.Found(SharedLibrary library) ->
          "; %s is of another version than the %d that is needed".formatted(library.name(), major);
    };
  }

  /** What stands between a driver and work. */
  private static Optional<Unavailable> obstacle(Driver driver) {
    String where = driver.library().name();
    try {
      driver.initialize();
      if (driver.version() / 1000 < MAJOR) {
        return Optional.of(new Unavailable("the driver (%s) supports CUDA up to %s, and CUDA %d is needed".formatted(
            where, dotted(driver.version()), MAJOR), installDriver()));
      }
      if (driver.devices().count() == 0) {
        return Optional.of(new Unavailable(
            "the driver (%s, CUDA %s) sees no device".formatted(where, dotted(driver.version())), showDevice()));
      }
      return tooOld(driver.devices());
    } catch (CudaException e) {
      if (e.code() == DriverStatus.NO_DEVICE.code()) {
        return Optional.of(new Unavailable(
            "the driver (%s, CUDA %s) sees no device".formatted(where, dotted(driver.version())), showDevice()));
      }
      if (e.code() == DriverStatus.STUB_LIBRARY.code()) {
        return Optional.of(new Unavailable(
            "%s is the stub that programs are linked with, not a driver".formatted(where),
            "Take folders named stubs out of LD_LIBRARY_PATH. " + installDriver()));
      }
      if (e.code() == DriverStatus.SYSTEM_DRIVER_MISMATCH.code()) {
        return Optional.of(new Unavailable(
            "%s does not belong to the driver that the kernel has loaded: %s".formatted(where, e.getMessage()),
            "Restart the machine after an update of the driver; in a container, use the host's libcuda.so.1"));
      }
      return Optional.of(new Unavailable("the driver (%s) does not start: %s".formatted(where, e.getMessage()),
          "Look at what nvidia-smi says"));
    }
  }

  private static Optional<Unavailable> tooOld(Devices devices) {
    int device = devices.get(0);
    int architecture = devices.architecture(device);
    return architecture >= OLDEST_ARCHITECTURE ? Optional.empty() : Optional.of(new Unavailable(
        "%s is of compute capability %d.%d, and %d.0 is needed".formatted(
            devices.name(device), architecture / 10, architecture % 10, OLDEST_ARCHITECTURE / 10),
        "Put another device first by CUDA_VISIBLE_DEVICES, or use a backend of the CPU"));
  }

  /** Versions that do not go together. */
  private Optional<Unavailable> conflict() {
    long cublasMajor = cublasLt.version() / 10_000;
    long nvrtcMajor = nvrtc.version() / 1000;
    if (cublasMajor != MAJOR || nvrtcMajor != MAJOR) {
      return Optional.of(new Unavailable("libraries of different versions of CUDA: cuBLASLt %d (%s), NVRTC %d (%s); %d "
          .formatted(cublasMajor, cublasLt.library().name(), nvrtcMajor, nvrtc.library().name(), MAJOR) + "is needed",
          installLibraries()));
    }
    long newest = Math.max(cublasLt.cudaVersion(), nvrtc.version());
    if (newest / 1000 != driver.version() / 1000 && newest > driver.version()) {
      return Optional.of(new Unavailable("the libraries are of CUDA %s, the driver supports up to %s".formatted(
          dotted(newest), dotted(driver.version())), installDriver()));
    }
    return cudnn.filter(library -> library.cudaVersion() / 1000 != MAJOR).map(library -> new Unavailable(
        "cuDNN (%s) is built for CUDA %s, cuBLASLt (%s) for %s".formatted(library.library().name(),
            dotted(library.cudaVersion()), cublasLt.library().name(), dotted(cublasLt.cudaVersion())),
        installLibraries()));
  }

  /** What was found, with versions and places: one line for each library. */
  String summary() {
    return Stream.of("driver: CUDA " + dotted(driver.version()) + place(driver.library()),
        "cuBLASLt " + cublasLtVersion() + place(cublasLt.library()),
        "NVRTC " + dotted(nvrtc.version()) + place(nvrtc.library()),
        cudnn.map(library -> "cuDNN " + cudnnVersion(library) + place(library.library())).orElse(withoutCudnn))
        .collect(Collectors.joining(System.lineSeparator()));
  }

  /** Such as 13.1.1. */
  String cublasLtVersion() {
    long version = cublasLt.version();
    return "%d.%d.%d".formatted(version / 10_000, version / 100 % 100, version % 100);
  }

  /** Such as 9.24.0. */
  static String cudnnVersion(Cudnn cudnn) {
    long version = cudnn.version();
    return "%d.%d.%d".formatted(version / 10_000, version / 100 % 100, version % 100);
  }

  /** 13.0 for 13000. */
  static String dotted(long version) {
    return version / 1000 + "." + version % 1000 / 10;
  }

  private static String place(SharedLibrary library) {
    return ", %s, %s".formatted(library.name(), library.origin());
  }

  private static Result missing(String reason, String remedy) {
    return new Result.Missing(new Unavailable(reason, remedy));
  }

  private static String installDriver() {
    return ("Install NVIDIA's driver of series %d or later (in a container: start it with --gpus all), or name its "
        + "libcuda.so.1 in %s or -D%s").formatted(
            DRIVER_SERIES, CudaPlaces.DRIVER_ENVIRONMENT, CudaPlaces.DRIVER_PROPERTY);
  }

  private static String showDevice() {
    return "See whether nvidia-smi lists one, and whether CUDA_VISIBLE_DEVICES hides it; "
        + "in a container, start it with --gpus all";
  }

  private static String installLibraries() {
    return ("Install CUDA %d (pip install nvidia-cublas nvidia-cuda-nvrtc nvidia-cudnn-cu13, or the toolkit), or name "
        + "the folders of its libraries, parted by '%s', in %s or -D%s").formatted(
            MAJOR, File.pathSeparator, CudaPlaces.ENVIRONMENT, CudaPlaces.PROPERTY);
  }
}
