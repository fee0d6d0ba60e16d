package dev.pantograph.backends.vector;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Availability.Available;
import dev.pantograph.spi.Availability.Unavailable;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendProvider;
import dev.pantograph.spi.BackendUnavailableException;
import dev.pantograph.spi.Copy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Limitation;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import jdk.incubator.vector.FloatVector;

/** Provides backend {@code vector}, the default on a CPU. Its vector width is that of {@link Lanes}. */
public final class VectorBackendProvider implements BackendProvider {
  static final String ID = "vector";
  private static final int RANK = 100;
  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  private static final List<Limitation> LIMITATIONS = List.of(
      new Limitation.NoType(DType.F64, Set.of(Copy.class, Fill.class), "vectors of float32 only"));

  @Override
  public String id() {
    return ID;
  }

  @Override
  public String description() {
    return "CPU by the Vector API, float32";
  }

  /** Refuses where vector code would not run, or would run a hundred times slower than plain code. */
  @Override
  public Availability probe() {
    if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
      return new Unavailable("module " + VECTOR_MODULE + " is not in this process",
          "Start java with --add-modules " + VECTOR_MODULE);
    }
    Optional<String> refusal = VectorWidth.refusal(
        System.getProperty(VectorWidth.PROPERTY), FloatVector.SPECIES_PREFERRED.vectorBitSize());
    if (refusal.isPresent()) {
      return new Unavailable(refusal.get(), "Leave it out for the processor's own width");
    }
    if (System.getProperty("java.vm.info", "").contains("interpreted")
        || "false".equals(option("UseCompiler").orElse(null))
        || option("TieredStopAtLevel").filter(level -> !level.equals("4")).isPresent()) {
      return new Unavailable("the JVM's optimising compiler is off, without which vectors are objects",
          "Leave out -Xint, -XX:-UseCompiler and -XX:TieredStopAtLevel");
    }
    if ("false".equals(option("UseFMA").orElse(null))) {
      return new Unavailable("the processor, or the JVM as it was started, has no fused multiply-add",
          "Use a processor with FMA3 or NEON and leave out -XX:-UseFMA; backend 'reference' runs anywhere");
    }
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("vector width", String.format(Locale.ROOT, "%d bits, %d float32 lanes", Lanes.FLOATS.vectorBitSize(),
        Lanes.FLOATS.length()));
    facts.put("fused multiply-add", option("UseFMA").isPresent() ? "yes" : "unknown");
    facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    return new Available(RANK, facts, LIMITATIONS);
  }

  /** A flag of the JVM as it is in force; empty on a JVM that does not tell. */
  private static Optional<String> option(String name) {
    HotSpotDiagnosticMXBean hotSpot = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    try {
      return hotSpot == null ? Optional.empty() : Optional.of(hotSpot.getVMOption(name).getValue());
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  @Override
  public Backend open(BackendOptions options) {
    options.requireOnly(ID, Set.of());
    if (probe() instanceof Unavailable why) {
      throw new BackendUnavailableException(ID, why);
    }
    return new VectorBackend(options.resolvedThreads());
  }
}
