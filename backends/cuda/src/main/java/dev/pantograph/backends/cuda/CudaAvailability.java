package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.CudaLibraries.Result;
import dev.pantograph.backends.cuda.cudnn.Cudnn;
import dev.pantograph.backends.cuda.driver.DeviceAttribute;
import dev.pantograph.backends.cuda.driver.Devices;
import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Availability.Available;
import dev.pantograph.spi.Availability.Unavailable;
import dev.pantograph.spi.Limitation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a person is told of CUDA on a machine: of the first device and the libraries, or of what is missing. */
final class CudaAvailability {
  /** Below {@code vector}: taken by name only, until {@code native/verify-gpu.sh} has passed on a device. */
  private static final int RANK = 70;

  private static final double GIBIBYTE = 1L << 30;

  private CudaAvailability() {}

  /** Whether a backend can be opened, and on what. */
  static Availability of(CudaPlaces places, List<Limitation> limitations) {
    return switch (CudaLibraries.find(places)) {
      case Result.Missing(Unavailable why) -> why;
      case Result.Found(CudaLibraries libraries) -> new Available(RANK, facts(libraries), limitations);
    };
  }

  /** What a person can do to get more of a backend that is available. */
  static List<String> advice(CudaPlaces places) {
    return CudaLibraries.find(places) instanceof Result.Found(CudaLibraries libraries)
        && libraries.cudnn().isEmpty()
        ? List.of("Attention is computed by kernels of our own, slower than cuDNN's: %s. Install cuDNN 9 for CUDA %d "
            .formatted(libraries.withoutCudnn(), CudaLibraries.MAJOR) + "(pip install nvidia-cudnn-cu13)")
        : List.of();
  }

  private static Map<String, String> facts(CudaLibraries libraries) {
    Devices devices = libraries.driver().devices();
    int device = devices.get(0);
    int architecture = devices.architecture(device);
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("device", String.format(Locale.ROOT, "%s, %.1f GiB, %d multiprocessors, compute capability %d.%d",
        devices.name(device), devices.totalMemory(device) / GIBIBYTE,
        devices.attribute(DeviceAttribute.MULTIPROCESSOR_COUNT, device), architecture / 10, architecture % 10));
    if (devices.count() > 1) {
      facts.put("other devices", Integer.toString(devices.count() - 1));
    }
    facts.put("driver", "CUDA %s, %s".formatted(
        CudaLibraries.dotted(libraries.driver().version()), libraries.driver().library().name()));
    facts.put("cuBLASLt", libraries.cublasLtVersion() + ", " + libraries.cublasLt().library().name());
    facts.put("NVRTC", "%s, %s".formatted(
        CudaLibraries.dotted(libraries.nvrtc().version()), libraries.nvrtc().library().name()));
    facts.put("cuDNN", libraries.cudnn().map(CudaAvailability::describe).orElse("none"));
    return facts;
  }

  private static String describe(Cudnn cudnn) {
    return CudaLibraries.cudnnVersion(cudnn) + ", " + cudnn.library().name();
  }
}
