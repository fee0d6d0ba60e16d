package dev.pantograph.jmh;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The training step in PyTorch, by {@code jmh/peers/gpt_step.py} in a process that stays: each line it reads is a
 * number of steps to make, each line it writes a JSON object. Between turns it waits for the next line.
 */
final class PythonStep implements StepPeer {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Mode mode;
  private final Process process;
  private final BufferedWriter toProcess;
  private final BufferedReader fromProcess;
  private final String version;

  /** How PyTorch is to run the model. */
  enum Mode {
    EAGER, COMPILE, BF16, BF16_COMPILE;

    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * Starts a process and waits until its model is built.
   *
   * @throws PeerAbsentException if there is no such Python, or it has no PyTorch
   */
  PythonStep(String python, Path script, PeerModel model, Mode mode, int threads) throws PeerAbsentException {
    this.mode = mode;
    try {
      process = new ProcessBuilder(python, script.toString(),
          "--mode", mode.label(), "--threads", Integer.toString(threads),
          "--batch", Integer.toString(model.batch()), "--time", Integer.toString(model.time()),
          "--layers", Integer.toString(model.config().layers()), "--heads", Integer.toString(model.config().heads()),
          "--width", Integer.toString(model.config().width()),
          "--vocabulary", Integer.toString(model.config().vocabulary()))
          .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    } catch (IOException e) {
      throw new PeerAbsentException("%s cannot be started: %s".formatted(python, e.getMessage()), e);
    }
    toProcess = process.outputWriter(StandardCharsets.UTF_8);
    fromProcess = process.inputReader(StandardCharsets.UTF_8);
    String greeting = read();
    if (greeting == null) {
      throw new PeerAbsentException("%s %s ended before its model was built; it said why above"
          .formatted(python, script));
    }
    version = JSON.readTree(greeting).path("version").asString("?");
  }

  @Override
  public String name() {
    return "PyTorch " + mode.label();
  }

  @Override
  public String details() {
    return "PyTorch " + version + ", " + mode.label();
  }

  @Override
  public Steps run(int count) {
    try {
      toProcess.write(count + "\n");
      toProcess.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(name() + " reads no more", e);
    }
    String line = read();
    if (line == null) {
      throw new IllegalStateException(name() + " ended in the middle of its steps; it said why above");
    }
    return parse(line);
  }

  /** Reads {@code {"seconds": [0.41, 0.40], "loss": 5.53}}. */
  static Steps parse(String line) {
    JsonNode json = JSON.readTree(line);
    List<Double> seconds = new ArrayList<>();
    json.required("seconds").forEach(value -> seconds.add(value.asDouble()));
    return new Steps(seconds, json.required("loss").asDouble());
  }

  private @Nullable String read() {
    try {
      return fromProcess.readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(name(), e);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
