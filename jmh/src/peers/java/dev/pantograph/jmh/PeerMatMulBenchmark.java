package dev.pantograph.jmh;

import dev.pantograph.spi.DType;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Matrix products of training, ours beside OpenBLAS, MKL and libtorch: the same operands in the same process, taking
 * turns within every round. JMH runs one benchmark after another, minutes apart, in which a machine's speed changes
 * more than implementations differ; so this is a program of its own.
 */
@Command(
    name = "matmul", sortOptions = false,
    description = "Compare matrix products of training shapes with OpenBLAS, MKL and libtorch.")
final class PeerMatMulBenchmark implements Callable<Integer> {
  /** Our kernels are compiled while they run; the peers' are ready. Before the first product, and before the others. */
  private static final double COLD_SECONDS = 3;
  private static final double WARM_SECONDS = 0.2;

  private enum Library {
    OPENBLAS, MKL, LIBTORCH
  }

  @Mixin
  private PeerOptions options = new PeerOptions();

  @Option(
      names = "--peers", split = ",", paramLabel = "NAME",
      description = "Whom to compare with: ${COMPLETION-CANDIDATES} (default: all).")
  private List<Library> peers = List.of(Library.values());

  @Option(
      names = "--only", paramLabel = "REGEX", defaultValue = "",
      description = "Only products whose line contains this, such as 'gpt2 head' or ' NN ' or '1 thread$'.")
  private Pattern only = Pattern.compile("");

  @Option(
      names = "--milliseconds", paramLabel = "MS", defaultValue = "40",
      description = "Length of a turn (default: ${DEFAULT-VALUE}); a turn is at least one call.")
  private int milliseconds;

  @Option(
      names = "--core-type", paramLabel = "NAME",
      description = "OpenBLAS's core type, such as SkylakeX (default: the fastest is found by trial).")
  private @Nullable String coreType;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = options.out();
    List<MatMulCase> cases = cases();
    if (cases.isEmpty()) {
      out.println("No product matches --only " + only + " among the models chosen.");
      return 2;
    }
    List<MatMulPeer> contestants = new ArrayList<>(List.of(new VectorMatMul()));
    contestants.addAll(open(out));
    contestants.forEach(c -> out.println(c.name() + ": " + c.details()));
    out.flush();
    Comparison comparison =
        new Comparison("GFLOP/s", contestants.stream().map(MatMulPeer::name).toList());
    for (MatMulCase product : cases) {
      options.progress(product.subject());
      compare(product, contestants, comparison);
    }
    out.println();
    out.print(comparison.text());
    out.flush();
    options.writeJson(comparison, contestants.stream().map(c -> c.name() + ": " + c.details()).toList());
    contestants.forEach(MatMulPeer::close);
    return 0;
  }

  private List<MatMulCase> cases() {
    int threads = options.threads();
    Stream<MatMulCase> squares = Stream.of(1, threads).distinct().map(MatMulCase::square);
    return Stream.concat(squares, options.models().stream().flatMap(model -> model.products(threads).stream()))
        .filter(product -> only.matcher(product.subject()).find()).toList();
  }

  private List<MatMulPeer> open(PrintWriter out) throws IOException {
    NativeLibraries natives = options.natives();
    List<MatMulPeer> found = new ArrayList<>();
    for (Library library : peers) {
      try {
        found.add(switch (library) {
          case OPENBLAS -> OpenBlas.open(natives, coreType(natives, out)).products();
          case MKL -> OneMkl.open(natives);
          case LIBTORCH -> LibTorch.open(natives).products();
        });
      } catch (PeerAbsentException e) {
        out.println(library + " is absent: " + e.getMessage());
      }
    }
    return found;
  }

  private String coreType(NativeLibraries natives, PrintWriter out) throws IOException {
    return coreType != null ? coreType : OpenBlasCoreType.fastest(natives, options.threads(), out);
  }

  private void compare(MatMulCase product, List<MatMulPeer> contestants, Comparison comparison) {
    List<MatMulPeer.Prepared> prepared = new ArrayList<>();
    try (MatMulOperands operands = new MatMulOperands(product)) {
      contestants.forEach(contestant -> prepared.add(contestant.prepare(operands)));
      requireAgreement(operands, contestants, prepared);
      Turn.secondsPerCall(prepared.getFirst()::multiply, comparison.subjects().isEmpty() ? COLD_SECONDS : WARM_SECONDS);
      for (int round = 0; round < options.rounds(); round++) {
        double[] rates = new double[prepared.size()];
        double peak = Turn.peakAround(product.threads(), () -> Arrays.setAll(rates, i -> {
          Turn.rest();
          return product.flops() / Turn.secondsPerCall(prepared.get(i)::multiply, milliseconds * 1e-3) * 1e-9;
        }));
        comparison.add(product.subject(), peak, rates);
      }
    } finally {
      prepared.forEach(MatMulPeer.Prepared::close);
    }
  }

  /** All results must be one result: a wrong transpose is as fast as a right one. */
  private static void requireAgreement(
      MatMulOperands operands, List<MatMulPeer> contestants, List<MatMulPeer.Prepared> prepared) {
    MemorySegment result = operands.c().segment();
    // Rounding errors of inner products with factors below ½: far below this, and any wrong element is far above.
    double tolerance = 1e-5 * Math.sqrt(operands.product().k());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment first = arena.allocate(result.byteSize(), DType.F32.bytes());
      for (int i = 0; i < prepared.size(); i++) {
        result.fill((byte) -1);
        prepared.get(i).multiply();
        prepared.get(i).storeResult();
        if (i == 0) {
          first.copyFrom(result);
        }
        double difference = largestDifference(first, result);
        if (!(difference <= tolerance)) {
          throw new IllegalStateException("%s: results of %s and %s differ by %.2g, expected at most %.2g".formatted(
              operands.product().subject(), contestants.getFirst().name(), contestants.get(i).name(), difference,
              tolerance));
        }
      }
    }
  }

  private static double largestDifference(MemorySegment expected, MemorySegment actual) {
    double largest = 0;
    for (long i = 0; i < expected.byteSize() / DType.F32.bytes(); i++) {
      // Math.max keeps a NaN.
      largest = Math.max(largest, Math.abs((double) expected.getAtIndex(ValueLayout.JAVA_FLOAT, i)
          - actual.getAtIndex(ValueLayout.JAVA_FLOAT, i)));
    }
    return largest;
  }
}
