package dev.pantograph.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.checkpoint.SafetensorsSource;
import dev.pantograph.core.checkpoint.SafetensorsType;
import dev.pantograph.core.checkpoint.SafetensorsWriter;
import dev.pantograph.spi.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands that train, on models small enough for a test. */
class LabCommandsTest {
  private static final List<String> TINY = List.of("--width=16", "--layers=1", "--heads=2", "--steps=3", "--batch=2",
      "--time=8",
      "--set=schedule.warmup=1", "--set=data.validationBatches=1", "--threads=1");

  @TempDir
  private Path folder;

  private Path text = Path.of("");

  @BeforeEach
  void writeText() throws IOException {
    text = Files.writeString(folder.resolve("text.txt"), "pack my box with five dozen liquor jugs\n".repeat(200));
  }

  private CommandRun train(String... more) {
    List<String> usual = new ArrayList<>(TINY);
    usual.addAll(List.of("--data=" + text, "--out=" + folder.resolve("run")));
    // Options but --set may stand once only.
    usual.removeIf(option -> !option.startsWith("--set") && Arrays.stream(more).anyMatch(other -> other.startsWith(
        option.substring(0, option.indexOf('=') + 1))));
    List<String> arguments = new ArrayList<>(List.of("train"));
    arguments.addAll(usual);
    arguments.addAll(List.of(more));
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  @Test
  void trainWritesARunFolder() {
    CommandRun run =
        train("--rule=mup", "--base-width=8", "--seed=3", "--set=base.headDim=8", "--positions=alibi",
            "--precision=bf16");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("mup, backend 'vector', 1 threads; run folder", "step     2 of 3",
        "Done: validation loss ");
    Path made = folder.resolve("run");
    assertThat(made.resolve("run.yaml")).content().contains("steps: 3", "seed: 3", "width: 8")
        .containsPattern("positions: \"?alibi").containsPattern("precision: \"?bf16");
    assertThat(made.resolve("environment.json")).content().contains("\"vector\"");
    assertThat(made.resolve("metrics.jsonl")).content().hasLineCount(3);
    assertThat(made.resolve("checkpoint.safetensors")).isNotEmptyFile();

    CommandRun again = train();
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.err()).isEqualTo(
        "error: %s is not empty; continue that run with --resume, or name another folder with --out%n".formatted(made));

    CommandRun resumed = CommandRun.of("train", "--resume=" + made, "--threads=1");
    assertThat(resumed.exitCode()).isZero();
    assertThat(resumed.out()).contains("Done: validation loss ").doesNotContain("step     2");
  }

  @Test
  void optionsAreStrongerThanSettingsAndThoseThanTheFile() throws IOException {
    Path yaml = Files.writeString(folder.resolve("my.yaml"),
        "seed: 11\nsteps: 11\ncheckpointEvery: 11\nhyperparameters:\n  learningRate: 0.011\n");
    CommandRun run = train("--config=" + yaml, "--set=checkpointEvery=2", "--set=steps=22", "--learning-rate=0.02");
    assertThat(run.exitCode()).isZero();
    assertThat(folder.resolve("run").resolve("run.yaml")).content()
        .contains("seed: 11", "steps: 3", "checkpointEvery: 2", "learningRate: 0.02");
  }

  @Test
  void everyKernelOfAStepIsRecordedComparedAndRunAgain() {
    Path file = folder.resolve("kernels");
    CommandRun run = train("--record=" + file, "--record-steps=1-2", "--record-detail=contents", "--validate",
        "--cost", "--profile");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Kernels of 2 steps: " + file, "One training step, mean of",
        "Least time of one step's kernels on 'vector'").containsPattern("Validated (\\d+) of \\1 kernels .*all agree");

    CommandRun show = CommandRun.of("trace", "show", "--step=2", file.toString());
    assertThat(show.exitCode()).isZero();
    assertThat(show.out()).contains("of backend 'vector', with contents", "MatMul 16×48×16 NT", "AdamW");
    assertThat(show.out()).containsPattern("(?m)^ +2 +0 ").doesNotContainPattern("(?m)^ +1 +0 ");
    assertThat(CommandRun.of("trace", "show", "--operands", file.toString()).out())
        .contains("READ b in 'blocks.0.", "UPDATE value in ");

    CommandRun again = CommandRun.of("trace", "rerun", file.toString(), "--backend=reference");
    assertThat(again.err()).isEmpty();
    assertThat(again.exitCode()).isZero();
    assertThat(again.out()).contains("kernels of 'vector', on 'reference' again: all agree");

    Path other = folder.resolve("other");
    train("--record=" + other, "--record-steps=1-2", "--out=" + folder.resolve("second"));
    CommandRun same = CommandRun.of("trace", "diff", file.toString(), other.toString());
    assertThat(same.exitCode()).isZero();
    assertThat(same.out()).startsWith("No difference in ");
    assertThat(CommandRun.of("trace", "rerun", other.toString()).err()).contains("record it with contents");

    train("--record=" + other, "--record-steps=1-2", "--out=" + folder.resolve("third"), "--seed=9");
    CommandRun parted = CommandRun.of("trace", "diff", file.toString(), other.toString());
    assertThat(parted.exitCode()).isEqualTo(1);
    assertThat(parted.out()).startsWith("They part at step 1, kernel ");
  }

  @Test
  void aDescribedDeviceCosts() throws IOException {
    Path device = Files.writeString(folder.resolve("device.yaml"),
        "name: far\nflopsPerSecond: 1.0e+15\nbytesPerSecond: 1.0e+12\nsecondsPerKernel: 0.001\n");
    CommandRun run = train("--cost=" + device);
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("on 'far' (1.000e+15 FLOP/s, 1.000e+12 bytes/s", "100 % launches");
    assertThat(run.out().lines().filter(line -> line.contains("AdamW")).findFirst().orElseThrow())
        .containsPattern("1\\.\\d{4} .* launches$");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "--validate=0 | --validate 0 (expected: 1 or more)",
    "--record-steps=3-2 | expected: the last not before the first",
    "--record-steps=x | expected: a step, or the first and last",
    "--record=/no/such/folder/file | expected: a file in a folder that exists",
    "--cost=absent.yaml | expected: a YAML file that describes a device"
  })
  void whatCannotBeWatchedIsRefusedBeforeTheRun(String option, String message) {
    CommandRun run = train(option);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(message);
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void aProfileShowsWhereTheStepsWent() throws IOException {
    Path trace = folder.resolve("trace.json");
    CommandRun run = train("--steps=5", "--profile", "--trace=" + trace);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("One training step, mean of 3 (the first 2 left out)", "Trace: " + trace,
        "GFLOP/s of multiply-adds");
    List<String> lines = run.out().lines().map(String::strip).toList();
    assertThat(lines).filteredOn(line -> line.startsWith("MatMul 16×48×16 NT")).singleElement().asString()
        .matches("MatMul 16×48×16 NT +1\\.0 +\\d+\\.\\d{3} +\\d+\\.\\d % +\\d+\\.\\d +\\d+\\.\\d % +\\d+\\.\\d +\\d+\\.\\d %");
    double kernels = milliseconds(lines, "all kernels");
    double step = milliseconds(lines, "whole step");
    assertThat(kernels).isPositive().isLessThan(step);
    assertThat(kernels + milliseconds(lines, "outside kernels")).isCloseTo(step, within(0.002));
    assertThat(lines.stream().filter(line -> line.contains(" % ") && !line.startsWith("all kernels"))
        .filter(line -> !line.startsWith("outside") && !line.startsWith("whole step"))
        .mapToDouble(line -> milliseconds(List.of(line), "")).sum()).isCloseTo(kernels, within(0.05));

    JsonNode events = JsonMapper.shared().readTree(Files.readString(trace)).get("traceEvents");
    List<JsonNode> steps = new ArrayList<>();
    events.forEach(event -> {
      if (event.get("cat").asString().equals("step")) {
        steps.add(event);
      }
    });
    assertThat(steps).extracting(event -> event.get("name").asString()).containsExactly("step 2", "step 3", "step 4");
    assertThat(events.size()).isGreaterThan(100);
    assertThat(steps.stream().mapToDouble(event -> event.get("dur").asDouble() * 1e-3).average().orElseThrow())
        .isCloseTo(step, within(0.001));
  }

  /** The third column from a line's name: names hold spaces, figures of other columns do not come before it. */
  private static double milliseconds(List<String> lines, String name) {
    String line = lines.stream().filter(candidate -> candidate.startsWith(name)).findFirst().orElseThrow();
    Matcher matcher = Pattern.compile("(\\d+\\.\\d{3}) +\\d+\\.\\d %").matcher(line);
    assertThat(matcher.find()).as(line).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  @Test
  void aTraceAloneIsWrittenToo() {
    Path trace = folder.resolve("trace.json");
    CommandRun run = train("--trace=" + trace);
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Trace: " + trace).doesNotContain("One training step");
    assertThat(trace).isNotEmptyFile();
  }

  @Test
  void aRunThatWasOverHasNoProfile() {
    assertThat(train().exitCode()).isZero();
    Path trace = folder.resolve("trace.json");
    CommandRun run = CommandRun.of("train", "--resume=" + folder.resolve("run"), "--threads=1", "--profile",
        "--trace=" + trace);
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("No profile: ").doesNotContain("Trace: ");
    assertThat(trace).doesNotExist();
  }

  @Test
  void aDivergedRunFailsAndSaysWhereItsStateIs() {
    CommandRun run = train("--learning-rate=1e30", "--set=schedule.warmup=0", "--set=schedule.shape=constant",
        "--steps=6",
        "--set=optimizer.clip=0");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).startsWith("error: step ").contains("the first non-finite tensor is");
    assertThat(run.out()).contains("The state before that step is in " + folder.resolve("run")
        .resolve("checkpoint.safetensors"));
    assertThat(folder.resolve("run").resolve("checkpoint.safetensors")).isNotEmptyFile();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      --widht=8            | unknown option '--widht'; did you mean '--width'?
      --rule=mupp          | no parameterization is named 'mupp'
      --rule=mupp          | did you mean 'mup'?
      --heads=3            | width 16 is not divisible by 3 heads
      --base-width=12      | base.width 12 is not divisible by the head dimension 8
      --set=data.bacth=4   | unknown key 'data.bacth'
      --set=data.bacth=4   | did you mean 'batch'?
      --set=seed=many      | key 'seed'
      --set=rule.name=mup  | holds a value, not keys
      --steps=0            | steps is 0 (expected: at least 1)
      --batch=x            | --batch
      --density=0          | density
      --positions=rotary   | model.positions is 'rotary' (expected: learned, alibi, none)
      --threads=-2         | threads: -2
      --backend=vectr      | did you mean 'vector'?
      --trace=no/where.json| --trace no/where.json (expected: a file in a folder that exists)
      --data-limit=0       | --data-limit is 0 (expected: at least 1 MiB)
      """)
  void whatTrainCannotDoIsSaidBeforeAnythingIsMade(String option, String message) {
    CommandRun run = train(option);
    assertThat(run.err()).startsWith("error: ").contains(message).doesNotContain("defect", "\tat ");
    assertThat(run.exitCode()).isEqualTo(option.contains("rule.name") ? 1 : 2);
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void anUnknownKeyInAFileIsAnsweredWithTheNearestName() throws IOException {
    Path yaml = Files.writeString(folder.resolve("my.yaml"), "hyperparameters:\n  learningrate: 0.1\n");
    CommandRun run = train("--config=" + yaml);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("error: %s: unknown key 'hyperparameters.learningrate'; there are ".formatted(yaml))
        .contains("; did you mean 'learningRate'?").hasLineCount(1);
  }

  @Test
  void aValueThatDoesNotFitIsNamedWithItsFile() throws IOException {
    Path yaml = Files.writeString(folder.resolve("my.yaml"), "data:\n  limitBytes: 0\n");
    CommandRun run = train("--config=" + yaml);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("error: %s: train: data.limitBytes is 0 (expected: at least 1)".formatted(yaml))
        .hasLineCount(1);
  }

  @Test
  void textThatIsMissingOrTooShortIsAFailedRun() throws IOException {
    CommandRun missing = train("--data=" + folder.resolve("none.txt"), "--out=" + folder.resolve("a"));
    assertThat(missing.exitCode()).isEqualTo(1);
    assertThat(missing.err()).startsWith("error: no corpus: --data ").contains("found no file or folder");
    Path small = Files.writeString(folder.resolve("small.txt"), "short");
    for (String command : new String[] {"train", "coordcheck"}) {
      List<String> arguments = new ArrayList<>(List.of(command, "--data=" + small, "--batch=4", "--time=64"));
      arguments.addAll(command.equals("train") ? List.of("--out=" + folder.resolve("b")) : List.of("--sizes=64,128"));
      CommandRun run = CommandRun.of(arguments.toArray(String[]::new));
      assertThat(run.exitCode()).as(command).isEqualTo(1);
      assertThat(run.err()).matches("(?s)error: batches: found [56] tokens, needed 257 .*");
    }
    assertThat(folder.resolve("b")).as("a run that never began leaves no folder").doesNotExist();
    CommandRun none = CommandRun.of("coordcheck", "--data=" + folder.resolve("none.txt"));
    assertThat(none.exitCode()).isEqualTo(1);
    assertThat(none.err()).startsWith("error: no corpus: --data ").contains("found no file or folder")
        .doesNotContain("defect");
  }

  @Test
  void transferReadsItsConfigurationAndWritesAReport() throws IOException {
    Path yaml = Files.writeString(folder.resolve("my.yaml"), """
        studies:
          - axis: width
            rules: [standard, mup]
            sizes: [16, 32]
            base: {width: 16, layers: 1, headDim: 16, density: 1, tiedHead: false, initStd: 0.08}
            learningRates: {lowest: -9, highest: -7}
        training: {batch: 2, time: 8, steps: 2, warmup: 0, validationBatches: 1}
        seeds: 2  # the option goes before it
        """);
    Path made = folder.resolve("transfer");
    CommandRun run = CommandRun.of("transfer", "--config=" + yaml, "--seeds=1", "--data=" + text, "--out=" + made,
        "--workers=1");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Best learning rate against width", "standard", "mup", "coordinate check: ",
        "Report: " + made.resolve("report.html"));
    assertThat(made.resolve("run.yaml")).content().contains("seeds: 1", "text.txt");
    assertThat(List.of("environment.json", "trials.jsonl", "transfer.json", "report.html"))
        .allSatisfy(name -> assertThat(made.resolve(name)).isNotEmptyFile());

    String trials = Files.readString(made.resolve("trials.jsonl"));
    CommandRun resumed = CommandRun.of("transfer", "--resume=" + made, "--workers=1");
    assertThat(resumed.exitCode()).isZero();
    assertThat(made.resolve("trials.jsonl")).hasContent(trials);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      --axis=widht     | --axis
      --rule=supa      | did you mean 'supar'?
      --seeds=0        | seeds is 0 (expected: at least 1)
      --steps=-1       | training.steps is -1 (expected: at least 1)
      --qiuck          | unknown option '--qiuck'; did you mean '--quick'?
      """)
  void whatTransferCannotDoIsSaidBeforeAnythingIsMade(String option, String message) {
    CommandRun run = CommandRun.of("transfer", option, "--out=" + folder.resolve("run"), "--data=" + text);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("error: ").contains(message).doesNotContain("defect", "\tat ");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void aTransferWithPartialHeadsIsRefused() throws IOException {
    Path yaml = Files.writeString(folder.resolve("my.yaml"), """
        studies:
          - {axis: width, rules: [mup], sizes: [16, 24], learningRates: {lowest: -8, highest: -8},
             base: {width: 16, layers: 1, headDim: 16, density: 1, tiedHead: false, initStd: 0.08}}
        """);
    CommandRun run = CommandRun.of("transfer", "--config=" + yaml, "--out=" + folder.resolve("run"), "--data=" + text);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("error: width 24 is not divisible by headDim 16");
  }

  @Test
  void aSparseStudyReadsItsConfigurationAndWritesAReport() throws IOException {
    Path yaml = Files.writeString(folder.resolve("my.yaml"), """
        model: {widths: [16], layers: 1, headDim: 16}
        topology: {every: 2}
        training: {batch: 2, time: 8, validationBatches: 1}
        learningRates: {lowest: -7, highest: -7}
        """);
    Path made = folder.resolve("study");
    CommandRun run = CommandRun.of("sparse-study", "--config=" + yaml, "--budget=8,16", "--seeds=2", "--density=0.5",
        "--schedule=dense,static,rigl,journey", "--data=" + text, "--out=" + made, "--workers=1");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Width 16", "journey", "FLOPs of 16 dense steps: ", "L = ",
        "Report: " + made.resolve("report.html"));
    assertThat(made.resolve("run.yaml")).content().contains("seeds: 2", "text.txt", "0.5");
    assertThat(List.of("environment.json", "trials.jsonl", "sparse-study.json", "report.html"))
        .allSatisfy(name -> assertThat(made.resolve(name)).isNotEmptyFile());

    String trials = Files.readString(made.resolve("trials.jsonl"));
    assertThat(CommandRun.of("sparse-study", "--resume=" + made, "--workers=1").exitCode()).isZero();
    assertThat(made.resolve("trials.jsonl")).hasContent(trials);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      --schedule=gpm   | schedules has gpm (expected: dense, static, set, rigl, gmp, journey, sparse-to-dense)
      --density=0      | densities has 0.0 (expected: above 0, below 1)
      --budget=1       | budgets has 1 (expected: at least 4)
      --workers=0      | --workers is 0 (expected: at least 1)
      --step=3         | unknown option '--step'
      """)
  void whatCannotBeStudiedIsRefusedBeforeARunFolderIsMade(String option, String message) {
    CommandRun run = CommandRun.of("sparse-study", option, "--out=" + folder.resolve("run"), "--data=" + text);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("error: ").contains(message).doesNotContain("defect", "\tat ");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void resumingNeedsARun() {
    for (String command : new String[] {"train", "transfer", "sparse-study"}) {
      CommandRun run = CommandRun.of(command, "--resume=" + folder);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err()).startsWith("error: %s holds no run: there is no run.yaml in it".formatted(folder));
    }
  }

  @Test
  void coordcheckPrintsAVerdictForEveryKindOfLayer() {
    CommandRun run = CommandRun.of("coordcheck", "--rule=standard", "--sizes=16,64", "--head-dim=8", "--layers=1",
        "--batch=2",
        "--time=16", "--seeds=1", "--init-std=0.05", "--data=" + text, "--threads=1",
        "--picture=" + folder.resolve("sizes.svg"));
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out().lines().filter(line -> line.strip().startsWith("feed-forward out"))).singleElement().asString()
        .endsWith("NOT FLAT");
    assertThat(run.out()).contains("standard along width 16, 64", "Sizes depend on width.", "Picture: ");
    assertThat(folder.resolve("sizes.svg")).content().startsWith("<svg").contains("feed-forward out", "<style>");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      --steps=1        | --steps 1, --seeds 2 (expected: at least 2 steps and 1 seed)
      --rule=completp  | did you mean 'completep'?
      --sizes=64,80    | width 80 is not divisible by headDim 32
      --size=64        | unknown option '--size'; did you mean '--sizes'?
      """)
  void whatCoordcheckCannotDoIsAUsageError(String option, String message) {
    CommandRun run = CommandRun.of("coordcheck", option, "--data=" + text);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("error: ").contains(message).doesNotContain("defect");
  }

  @Test
  void replayFailsWhereALossDeviates() throws IOException {
    writeRecording();
    CommandRun run = CommandRun.of("replay", folder.toString(), "--threads=1");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("a test: 1 steps on backend 'vector'", "The trajectory is NOT reproduced.");
    assertThat(run.out().lines().filter(line -> line.strip().startsWith("loss "))).singleElement().asString()
        .contains("step 0", "TOO FAR");
    // All weights are zero: the prediction is uniform, and so is its loss.
    assertThat(run.out().lines().filter(line -> line.strip().startsWith("loss ")).findFirst().orElseThrow())
        .contains("1.609");
  }

  @Test
  void replaySaysWhatIsMissing() {
    CommandRun run = CommandRun.of("replay", folder.resolve("none").toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).startsWith("error: %s: no golden.json there".formatted(folder.resolve("none")));
    CommandRun usage = CommandRun.of("replay");
    assertThat(usage.exitCode()).isEqualTo(2);
    assertThat(usage.err()).contains("DIR");
  }

  /** One step of a model without blocks' worth of weight: five tokens, width 4, all zero. */
  private void writeRecording() throws IOException {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put("transformer.wte.weight", new long[] {5, 4});
    shapes.put("transformer.wpe.weight", new long[] {2, 4});
    shapes.put("transformer.h.0.ln_1.weight", new long[] {4});
    shapes.put("transformer.h.0.attn.c_attn.weight", new long[] {12, 4});
    shapes.put("transformer.h.0.attn.c_proj.weight", new long[] {4, 4});
    shapes.put("transformer.h.0.ln_2.weight", new long[] {4});
    shapes.put("transformer.h.0.mlp.c_fc.weight", new long[] {16, 4});
    shapes.put("transformer.h.0.mlp.c_proj.weight", new long[] {4, 16});
    shapes.put("transformer.ln_f.weight", new long[] {4});
    LinkedHashMap<String, SafetensorsSource> tensors = new LinkedHashMap<>();
    List<String> norms = new ArrayList<>();
    shapes.forEach((name, shape) -> {
      Shape of = Shape.of(shape);
      norms.add("\"%s\": 1".formatted(name));
      tensors.put(name, new SafetensorsSource(SafetensorsType.F32, of,
          () -> MemorySegment.ofArray(new byte[Math.toIntExact(4 * of.elements())])));
    });
    SafetensorsWriter.write(folder.resolve("init.safetensors"), tensors, Map.of());
    Files.write(folder.resolve("batches.u16"), new byte[] {1, 0, 2, 0, 3, 0});
    Files.writeString(folder.resolve("golden.json"), """
        {"source": "a test",
         "config": {"block_size": 2, "n_layer": 1, "n_head": 1, "n_embd": 4, "bias": false,
                    "vocab_size": 5, "dropout": 0},
         "train": {"batch": 1, "accum": 1, "steps": 1, "weight_decay": 0, "beta1": 0.9, "beta2": 0.95, "clip": 1,
                   "schedule": "constant", "warmup": 0, "lr": 0.001},
         "losses": [1.7], "grad_norms_before_clip": [1], "final_param_l2": {%s}}
        """.formatted(String.join(", ", norms)));
  }
}
