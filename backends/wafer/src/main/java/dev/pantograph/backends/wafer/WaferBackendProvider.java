package dev.pantograph.backends.wafer;

import dev.pantograph.backends.reference.ReferenceBackendProvider;
import dev.pantograph.backends.vector.VectorBackend;
import dev.pantograph.backends.vector.VectorBackendProvider;
import dev.pantograph.dataflow.Wafer;
import dev.pantograph.dataflow.WaferDescription;
import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Availability.Available;
import dev.pantograph.spi.Availability.Unavailable;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendProvider;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Provides backend {@code wafer}: it computes as {@code vector} does, or where that is not available as
 * {@code reference}, and models the time of a wafer. Setting {@value #DEVICE}, or the variable {@value #VARIABLE} of
 * the environment, names it: a preset of {@link WaferDescription} or a file.
 */
public final class WaferBackendProvider implements BackendProvider {
  static final String ID = "wafer";
  static final String DEVICE = "device";
  static final String VARIABLE = "PANTOGRAPH_WAFER";
  private static final String DEFAULT_DEVICE = "wse-2";

  /** Never chosen by itself: nobody wants a simulation unasked. */
  private static final int RANK = -1;

  @Override
  public String id() {
    return ID;
  }

  @Override
  public String description() {
    return "simulated wafer with streamed weights: results of the CPU, predicted times";
  }

  @Override
  public Availability probe() {
    Wafer wafer;
    try {
      wafer = WaferDescription.read(named());
    } catch (IllegalArgumentException e) {
      return new Unavailable(String.valueOf(e.getMessage()), "Correct or remove " + VARIABLE);
    }
    return switch (new VectorBackendProvider().probe()) {
      case Available vector -> new Available(RANK, facts("vector", wafer), vector.limitations());
      case Unavailable why ->
          new Available(RANK, facts("reference, for 'vector' is not available: " + why.reason(), wafer));
    };
  }

  /** The wafer that is modelled if no setting names one. */
  private static String named() {
    return Objects.requireNonNullElse(System.getenv(VARIABLE), DEFAULT_DEVICE);
  }

  private static Map<String, String> facts(String computing, Wafer wafer) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("computes as", computing);
    facts.put("models", String.format(Locale.ROOT,
        "%s (%s names another): %,d cores, %.3g FLOP/s; %d of %d figures assumed", wafer.name(), VARIABLE,
        wafer.coreCount(), wafer.flopsPerSecond(), wafer.assumptions().size(), wafer.figures().size()));
    return facts;
  }

  @Override
  public Backend open(BackendOptions options) {
    options.requireOnly(ID, Set.of(DEVICE));
    Wafer wafer = WaferDescription.read(options.settings().getOrDefault(DEVICE, named()));
    Backend computing = new VectorBackendProvider().probe() instanceof Available
        ? VectorBackend.named(ID, options.resolvedThreads())
        : new ReferenceBackendProvider().open(new BackendOptions(options.threads(), Map.of()));
    return new WaferBackend(computing, wafer);
  }
}
