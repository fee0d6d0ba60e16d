package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.binding.CudaException;
import dev.pantograph.backends.foreign.LibrarySearch;
import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Availability.Unavailable;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendProvider;
import dev.pantograph.spi.BackendUnavailableException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Backend {@code cuda}: one NVIDIA GPU. */
public final class CudaBackendProvider implements BackendProvider {
  static final String ID = "cuda";

  private static final String DEVICE_SETTING = "device";

  private final @Nullable CudaPlaces places;
  private final Path folder;

  /** Finds CUDA where this machine has it. */
  public CudaBackendProvider() {
    this(null, LibrarySearch.cache().resolve("cuda"));
  }

  /**
   * @param places where CUDA lies; absent means where this machine has it
   * @param folder where compiled kernels and algorithms are kept
   */
  CudaBackendProvider(@Nullable CudaPlaces places, Path folder) {
    this.places = places;
    this.folder = folder;
  }

  @Override
  public String id() {
    return ID;
  }

  @Override
  public String description() {
    return "NVIDIA GPU by cuBLASLt, cuDNN and kernels of its own";
  }

  @Override
  public Availability probe() {
    return CudaAvailability.of(placesOr(BackendOptions.defaults()), List.of());
  }

  @Override
  public List<String> advice() {
    return CudaAvailability.advice(placesOr(BackendOptions.defaults()));
  }

  @Override
  public Backend open(BackendOptions options) {
    Set<String> known = new HashSet<>(CudaSettings.NAMES);
    known.addAll(List.of(DEVICE_SETTING, CudaPlaces.SETTING, CudaPlaces.DRIVER_SETTING));
    options.requireOnly(ID, known);
    CudaSettings settings = CudaSettings.of(options);
    return switch (CudaLibraries.find(placesOr(options))) {
      case CudaLibraries.Result.Missing(Unavailable why) -> throw new BackendUnavailableException(ID, why);
      case CudaLibraries.Result.Found(CudaLibraries libraries) ->
          open(libraries, index(options, libraries), settings);
    };
  }

  private CudaPlaces placesOr(BackendOptions options) {
    return Optional.ofNullable(places).orElseGet(() -> CudaPlaces.system(
        options.settings().get(CudaPlaces.SETTING), options.settings().get(CudaPlaces.DRIVER_SETTING)));
  }

  private static int index(BackendOptions options, CudaLibraries libraries) {
    String setting = options.settings().getOrDefault(DEVICE_SETTING, "0");
    int count = libraries.driver().devices().count();
    for (int i = 0; i < count; i++) {
      if (setting.equals(Integer.toString(i))) {
        return i;
      }
    }
    throw new IllegalArgumentException("backend '%s': setting %s = '%s' (expected: 0 to %d, a device of nvidia-smi's)"
        .formatted(ID, DEVICE_SETTING, setting, count - 1));
  }

  private Backend open(CudaLibraries libraries, int index, CudaSettings settings) {
    try {
      return new CudaBackend(Device.open(libraries.driver(), index), libraries, folder, settings);
    } catch (CudaException e) {
      throw new BackendUnavailableException(ID, new Unavailable(
          "device %d was found and cannot be used: %s".formatted(index, e.getMessage()),
          "See with nvidia-smi whether another process has it, or start this one again"));
    }
  }
}
