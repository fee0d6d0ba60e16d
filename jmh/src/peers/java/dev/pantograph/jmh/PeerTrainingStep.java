package dev.pantograph.jmh;

import dev.pantograph.core.nn.Precision;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A whole training step of a GPT, ours beside DJL in the same process and beside PyTorch and llm.c in their own, taking
 * turns within every round. Rates are model FLOPs, {@code 6N + 12·L·C·T} a token, the same number for everyone.
 */
@Command(
    name = "step", sortOptions = false,
    description = "Compare a training step with DJL, PyTorch and llm.c.")
final class PeerTrainingStep implements Callable<Integer> {
  /**
   * Beyond other initial weights, below what another model or a missing update would show: after 8 steps of GPT-2, three
   * initialisations of PyTorch alone lie 4 % apart, and a step more or less is 7 %.
   */
  private static final double LOSS_TOLERANCE = 0.05;

  private enum Peer {
    DJL, EAGER, COMPILE, BF16, BF16_COMPILE, LLMC
  }

  @Mixin
  private PeerOptions options = new PeerOptions();

  @Option(
      names = "--peers", split = ",", paramLabel = "NAME",
      description = {
        "Whom to compare with: ${COMPLETION-CANDIDATES} (default: DJL,EAGER,COMPILE,LLMC).",
        "EAGER and the names after it are ways to run Python's PyTorch."})
  private List<Peer> peers = List.of(Peer.DJL, Peer.EAGER, Peer.COMPILE, Peer.LLMC);

  @Option(
      names = "--backend", paramLabel = "ID", defaultValue = "vector",
      description = "Our backend (default: ${DEFAULT-VALUE}).")
  private String backend = "vector";

  @Option(
      names = "--precision", paramLabel = "NAME", defaultValue = "f32",
      description = "Our precision, f32 or bf16 (default: ${DEFAULT-VALUE}).")
  private String precision = "f32";

  @Option(
      names = "--python", paramLabel = "COMMAND", defaultValue = "python3",
      description = "The Python that has PyTorch (default: ${DEFAULT-VALUE}).")
  private String python = "python3";

  @Option(names = "--script", hidden = true, paramLabel = "FILE", defaultValue = "jmh/peers/gpt_step.py")
  private Path script = Path.of("");

  @Option(names = "--llmc", paramLabel = "DIR", description = "A checkout of llm.c; built here with cc and OpenMP.")
  private @Nullable Path llmc;

  @Option(
      names = "--steps", paramLabel = "N", defaultValue = "2",
      description = "Steps of a turn; its rate is that of the median step (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--warm-up", paramLabel = "N", defaultValue = "8",
      description = "Steps of everyone before the first round (default: ${DEFAULT-VALUE}).")
  private int warmUp;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = options.out();
    NativeLibraries natives = options.natives();
    Comparison comparison = null;
    Set<String> details = new LinkedHashSet<>();
    for (PeerModel model : options.models()) {
      List<StepPeer> contestants = open(model, natives, out);
      try {
        if (comparison == null) {
          comparison = new Comparison("GFLOP/s", contestants.stream().map(StepPeer::name).toList());
        }
        contestants.forEach(contestant -> details.add(contestant.name() + ": " + contestant.details()));
        options.progress(model.label() + ", warming up");
        requireAgreement(model, contestants);
        options.progress(model.label() + ", in turns");
        compare(model, contestants, comparison);
      } finally {
        contestants.forEach(StepPeer::close);
      }
    }
    return report(Objects.requireNonNull(comparison, "options: no model was named"), List.copyOf(details));
  }

  private int report(Comparison comparison, List<String> details) throws IOException {
    PrintWriter out = options.out();
    details.forEach(out::println);
    out.println();
    out.print(comparison.text());
    out.flush();
    options.writeJson(comparison, details);
    return 0;
  }

  private List<StepPeer> open(PeerModel model, NativeLibraries natives, PrintWriter out) {
    OurStep ours = new OurStep(model, backend, Precision.named(precision), options.threads());
    List<StepPeer> contestants = new ArrayList<>(List.of(ours));
    for (Peer peer : peers) {
      try {
        contestants.add(open(peer, model, natives, ours));
      } catch (PeerAbsentException e) {
        out.println(peer + " is absent: " + e.getMessage());
      }
    }
    return contestants;
  }

  private StepPeer open(Peer peer, PeerModel model, NativeLibraries natives, OurStep ours)
      throws PeerAbsentException {
    int threads = options.threads();
    return switch (peer) {
      case DJL -> new DjlStep(LibTorch.open(natives), model, ours.transformer(), threads);
      case EAGER, COMPILE, BF16, BF16_COMPILE ->
          new PythonStep(python, script, model, PythonStep.Mode.valueOf(peer.name()), threads);
      case LLMC -> {
        if (llmc == null) {
          throw new PeerAbsentException("no checkout was named by --llmc");
        }
        yield new LlmcStep(llmc, natives.folder().resolve("llm.c-" + model.label()), model, ours.transformer(),
            threads);
      }
    };
  }

  private void compare(PeerModel model, List<StepPeer> contestants, Comparison comparison) {
    for (int round = 0; round < options.rounds(); round++) {
      double[] rates = new double[contestants.size()];
      double peak = Turn.peakAround(options.threads(), () -> Arrays.setAll(rates, i -> {
        Turn.rest();
        return model.flopsPerStep() / contestants.get(i).run(steps).median() * 1e-9;
      }));
      comparison.add(model.label(), peak, rates);
    }
  }

  /** Warms up, after which all must have learned the same: a step that leaves something out is faster. */
  private void requireAgreement(PeerModel model, List<StepPeer> contestants) {
    double expected = Double.NaN;
    for (StepPeer contestant : contestants) {
      double loss = contestant.run(warmUp).loss();
      if (Double.isNaN(expected)) {
        expected = loss;
      }
      if (!(Math.abs(loss - expected) <= LOSS_TOLERANCE * expected)) {
        throw new IllegalStateException("%s: after %d steps the loss of %s is %.4f and that of %s %.4f; they must agree"
            .formatted(model.label(), warmUp, contestants.getFirst().name(), expected, contestant.name(), loss));
      }
    }
  }
}
