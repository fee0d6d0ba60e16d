package dev.pantograph.lab.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pantograph.lab.replay.ReplayResult.Deviation;
import dev.pantograph.lab.testing.TestBackends;
import dev.pantograph.spi.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Trajectories recorded from a public PyTorch implementation, where they are at hand. */
class GoldenReplayTest {
  private static final int REFERENCE_STEPS = 2;

  private static Path recording(String name) {
    String shared = System.getProperty("pantograph.shared", Path.of("..", "..", "shared").toString());
    Path folder = Path.of(shared, "golden", name);
    assumeTrue(Files.isDirectory(folder), () -> "no recording at " + folder.toAbsolutePath().normalize()
        + "; -Dpantograph.shared names the folder that holds golden/");
    return folder;
  }

  @ParameterizedTest
  @ValueSource(strings = {"sp", "mup-width2"})
  void vectorReproducesEveryNumber(String name) {
    Path folder = recording(name);
    try (Backend backend = TestBackends.vector()) {
      ReplayResult result = Replay.run(folder, backend, Replay.LOSS_TOLERANCE);
      assertThat(result.steps()).isEqualTo(20);
      assertThat(result.deviations()).hasSizeGreaterThanOrEqualTo(4).allMatch(Deviation::passed);
    }
  }

  /** The reference takes a second a step, so it replays the beginning, whose losses and gradient norms it must meet. */
  @ParameterizedTest
  @ValueSource(strings = {"sp", "mup-width2"})
  void theReferenceReproducesTheBeginning(String name, @TempDir Path folder) throws IOException {
    shorten(recording(name), folder);
    try (Backend backend = TestBackends.reference()) {
      ReplayResult result = Replay.run(folder, backend, Replay.LOSS_TOLERANCE);
      assertThat(result.steps()).isEqualTo(REFERENCE_STEPS);
      assertThat(result.deviations()).filteredOn(GoldenReplayTest::isOfEachStep)
          .extracting(Deviation::quantity).containsExactly("loss", "gradient norm", "optimizer groups");
      assertThat(result.deviations()).filteredOn(GoldenReplayTest::isOfEachStep)
          .allMatch(Deviation::passed);
    }
  }

  /** Final norms are those after the recording's last step, which a shortened one does not reach. */
  private static boolean isOfEachStep(Deviation deviation) {
    return List.of("loss", "gradient norm", "optimizer groups").contains(deviation.quantity());
  }

  private static void shorten(Path recording, Path folder) throws IOException {
    JsonMapper json = JsonMapper.shared();
    ObjectNode golden = (ObjectNode) json.readTree(recording.resolve("golden.json").toFile());
    ObjectNode train = (ObjectNode) golden.get("train");
    int steps = train.get("steps").asInt();
    train.put("steps", REFERENCE_STEPS);
    for (String key : new String[] {"losses", "grad_norms_before_clip"}) {
      ArrayNode values = (ArrayNode) golden.get(key);
      while (values.size() > REFERENCE_STEPS) {
        values.remove(REFERENCE_STEPS);
      }
    }
    json.writeValue(folder.resolve("golden.json").toFile(), golden);
    byte[] batches = Files.readAllBytes(recording.resolve("batches.u16"));
    Files.write(folder.resolve("batches.u16"), Arrays.copyOf(batches, batches.length / steps * REFERENCE_STEPS));
    Files.copy(recording.resolve("init.safetensors"), folder.resolve("init.safetensors"));
  }
}
