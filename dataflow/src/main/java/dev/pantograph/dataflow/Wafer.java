package dev.pantograph.dataflow;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A wafer of cores in a mesh, each with a memory of its own. Activations stay on the wafer; weights are streamed to it,
 * layer by layer, from a memory outside, and their gradients back. {@link WaferDescription} reads it from YAML.
 *
 * @param name as shown
 */
public record Wafer(String name, Cores cores, Memory memory, Fabric fabric, Weights weights) {
  /**
   * What computes.
   *
   * @param count on the wafer
   * @param clockHertz of all
   * @param flopsPerCycle of one core, a multiply-add counted as two
   */
  public record Cores(Figure count, Figure clockHertz, Figure flopsPerCycle) {}

  /**
   * The memories of all cores together.
   *
   * @param bytes their size
   * @param bytesPerSecond read and written
   * @param bytesPerMultiplyAdd what one multiply-add of a weight with a vector of activations reads and writes
   * @param activationShare of the size, what activations may fill; the rest is for code, sums and weights on their way
   */
  public record Memory(Figure bytes, Figure bytesPerSecond, Figure bytesPerMultiplyAdd, Figure activationShare) {}

  /**
   * The mesh.
   *
   * @param bytesPerSecond of all links in both directions together: eight a core
   * @param cyclesPerHop from a core to its neighbour
   * @param sumBytes of a partial sum that goes from core to core
   * @param rowsInFlight outputs of a layer by which a core may be ahead of the slowest, if their sums fit
   */
  public record Fabric(Figure bytesPerSecond, Figure cyclesPerHop, Figure sumBytes, Figure rowsInFlight) {}

  /**
   * The way of the weights.
   *
   * @param bytesPerSecond of the link to the memory outside, in each direction
   * @param valueBytes of a weight, an activation or a gradient
   * @param indexBytes sent beside each value of a sparse weight
   */
  public record Weights(Figure bytesPerSecond, Figure valueBytes, Figure indexBytes) {}

  private static final int LINKS_PER_CORE = 8;

  public Wafer {
    if (memory.activationShare().value() > 1) {
      throw new IllegalArgumentException("memory.activationShare is %s (expected: above 0, at most 1)"
          .formatted(memory.activationShare().value()));
    }
    if (cores.count().value() < 1 || fabric.rowsInFlight().value() < 1) {
      throw new IllegalArgumentException("cores.count %s, fabric.rowsInFlight %s (expected: at least 1)"
          .formatted(cores.count().value(), fabric.rowsInFlight().value()));
    }
  }

  /** Every figure by its place in the description. */
  public Map<String, Figure> figures() {
    Map<String, Figure> figures = new LinkedHashMap<>();
    figures.put("cores.count", cores.count());
    figures.put("cores.clockHertz", cores.clockHertz());
    figures.put("cores.flopsPerCycle", cores.flopsPerCycle());
    figures.put("memory.bytes", memory.bytes());
    figures.put("memory.bytesPerSecond", memory.bytesPerSecond());
    figures.put("memory.bytesPerMultiplyAdd", memory.bytesPerMultiplyAdd());
    figures.put("memory.activationShare", memory.activationShare());
    figures.put("fabric.bytesPerSecond", fabric.bytesPerSecond());
    figures.put("fabric.cyclesPerHop", fabric.cyclesPerHop());
    figures.put("fabric.sumBytes", fabric.sumBytes());
    figures.put("fabric.rowsInFlight", fabric.rowsInFlight());
    figures.put("weights.bytesPerSecond", weights.bytesPerSecond());
    figures.put("weights.valueBytes", weights.valueBytes());
    figures.put("weights.indexBytes", weights.indexBytes());
    return figures;
  }

  /** The figures nobody has published. */
  public List<String> assumptions() {
    return figures().entrySet().stream().filter(entry -> entry.getValue().assumed()).map(Map.Entry::getKey).toList();
  }

  /** The same with another link to the memory outside. */
  public Wafer withLink(double bytesPerSecond) {
    return new Wafer(name, cores, memory, fabric,
        new Weights(weights.bytesPerSecond().with(bytesPerSecond), weights.valueBytes(), weights.indexBytes()));
  }

  /** Number of cores. */
  public long coreCount() {
    return (long) cores.count().value();
  }

  /** Arithmetic of all cores at best, a multiply-add counted as two. */
  public double flopsPerSecond() {
    return cores.count().value() * coreFlopsPerSecond();
  }

  double coreFlopsPerSecond() {
    return cores.flopsPerCycle().value() * cores.clockHertz().value();
  }

  double coreMemoryBytesPerSecond() {
    return memory.bytesPerSecond().value() / cores.count().value();
  }

  /** Between two neighbours, one way. */
  double hopBytesPerSecond() {
    return fabric.bytesPerSecond().value() / (LINKS_PER_CORE * cores.count().value());
  }

  /** What activations may fill, on all cores together. */
  public double activationBytes() {
    return memory.bytes().value() * memory.activationShare().value();
  }

  /** Of a core, what activations leave. */
  double sumBytesOfCore() {
    return memory.bytes().value() * (1 - memory.activationShare().value()) / cores.count().value();
  }

  /** From one corner of the wafer to the other. */
  double crossingSeconds() {
    return 2 * Math.sqrt(cores.count().value()) * fabric.cyclesPerHop().value() / cores.clockHertz().value();
  }
}
