package dev.pantograph.jmh;

import dev.pantograph.backends.foreign.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import jdk.incubator.vector.FloatVector;

/**
 * Finds the core type with which OpenBLAS is fastest here, for the one it recognises, or the one that a variable left in
 * the environment names, may have half the speed of another. Each type is tried in a process of its own, because a wrong
 * one may end it, and in turns.
 */
final class OpenBlasCoreType {
  private static final List<String> OF_512_BITS = List.of("SkylakeX", "Cooperlake", "Sapphirerapids");
  private static final List<String> OF_ANY_WIDTH = List.of("Zen", "Haswell");
  private static final int ROUNDS = 3;
  private static final double SECONDS = 0.15;
  private static final int PROCESS_SECONDS = 20;

  /** What one core type reaches in GFLOP/s, and what OpenBLAS calls it. */
  record Trial(double gflops, String coreName) {

    /** Reads what {@link #toString} wrote, from the last line of a process's output. */
    static Trial parse(String output) {
      String[] words = output.lines().toList().getLast().split(" ", 2);
      return new Trial(Double.parseDouble(words[0]), words[1]);
    }

    @Override
    public String toString() {
      return gflops + " " + coreName;
    }
  }

  private OpenBlasCoreType() {}

  /**
   * The name to set, empty to leave the choice to OpenBLAS because it is the best one. What was tried is told to
   * {@code report}, one line.
   */
  static String fastest(NativeLibraries natives, int threads, Appendable report) throws IOException {
    List<String> candidates = new ArrayList<>(List.of(""));
    if (FloatVector.SPECIES_PREFERRED.vectorBitSize() == Float.SIZE * 16) {
      candidates.addAll(OF_512_BITS);
    }
    if (Platform.classifier().endsWith("x86_64")) {
      candidates.addAll(OF_ANY_WIDTH);
    }
    Map<String, List<Double>> rates = new LinkedHashMap<>();
    Map<String, String> coreNames = new LinkedHashMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      for (String candidate : candidates) {
        tryInProcess(natives.folder(), candidate, threads).ifPresent(trial -> {
          rates.computeIfAbsent(candidate, c -> new ArrayList<>()).add(trial.gflops());
          coreNames.put(candidate, trial.coreName());
        });
      }
    }
    report.append(rates.entrySet().stream()
        .map(e -> "%s %.0f".formatted(e.getKey().isEmpty() ? "detected (" + coreNames.get("") + ")" : e.getKey(),
            Spread.of(e.getValue()).median()))
        .collect(Collectors.joining(", ", "OpenBLAS core types, GFLOP/s over NN, NT and TN of 1024³: ", "\n")));
    return rates.entrySet().stream()
        .max((a, b) -> Double.compare(Spread.of(a.getValue()).median(), Spread.of(b.getValue()).median()))
        .map(Map.Entry::getKey).orElse("");
  }

  private static Optional<Trial> tryInProcess(Path folder, String candidate, int threads) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules=jdk.incubator.vector",
        "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
        OpenBlasCoreType.class.getName(), folder.toString(), Integer.toString(threads));
    if (candidate.isEmpty()) {
      builder.environment().remove(OpenBlas.CORE_TYPE);
    } else {
      builder.environment().put(OpenBlas.CORE_TYPE, candidate);
    }
    Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(PROCESS_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        return Optional.empty();
      }
      return Optional.of(Trial.parse(output));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while trying a core type", e);
    } finally {
      process.destroyForcibly();
    }
  }

  /** One trial of the core type that the environment names; prints a {@link Trial}. */
  public static void main(String[] args) throws PeerAbsentException {
    NativeLibraries natives = new NativeLibraries(Path.of(args[0]));
    int threads = Integer.parseInt(args[1]);
    int n = 1024;
    double flops = 0;
    double seconds = 0;
    OpenBlas library = OpenBlas.open(natives, "");
    try (MatMulPeer peer = library.products()) {
      for (MatMulCase product : List.of(MatMulCase.square(threads),
          new MatMulCase("NT", threads, n, n, n, false, true),
          new MatMulCase("TN", threads, n, n, n, true, false))) {
        try (MatMulOperands operands = new MatMulOperands(product); var prepared = peer.prepare(operands)) {
          prepared.multiply();
          flops += product.flops();
          seconds += Turn.secondsPerCall(prepared::multiply, SECONDS);
        }
      }
      System.out.println(new Trial(flops / seconds * 1e-9, library.coreName()));
    }
  }
}
