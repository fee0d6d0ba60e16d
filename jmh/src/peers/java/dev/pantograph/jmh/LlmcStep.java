package dev.pantograph.jmh;

import dev.pantograph.core.nn.Parameter;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.spi.HostBuffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The CPU program of llm.c, built from the user's checkout with batch and time changed to the model's. It reads weights
 * and tokens from files, which are written for it with ours. The program cannot be asked for more steps, so each turn
 * starts it anew and makes one step more, for the first is not counted. It does not clip, it decays no weights, and its
 * GELU is the approximation by tanh.
 */
final class LlmcStep implements StepPeer {
  private static final Pattern STEP = Pattern.compile("step \\d+: train loss (\\S+) \\(took (\\S+) ms\\)");
  private static final int HEADER_INTS = 256;
  private static final int CHECKPOINT_MAGIC = 20240326;
  private static final int CHECKPOINT_VERSION = 3;
  private static final int TOKENS_MAGIC = 20240520;
  private static final int TOKENS_VERSION = 1;
  /** What llm.c's checkpoints hold of each block, all blocks of one kind after another. */
  private static final List<String> BLOCK_PARTS = List.of("attention.norm.gain", "attention.norm.bias",
      "attention.qkv.weight", "attention.qkv.bias", "attention.out.weight", "attention.out.bias",
      "feedForward.norm.gain", "feedForward.norm.bias", "feedForward.up.weight", "feedForward.up.bias",
      "feedForward.down.weight", "feedForward.down.bias");

  private final Path folder;
  private final int threads;

  /**
   * Builds the program in {@code folder} and writes its files there.
   *
   * @param checkout the folder that holds {@code train_gpt2.c}
   */
  LlmcStep(Path checkout, Path folder, PeerModel model, Transformer initial, int threads) throws PeerAbsentException {
    this.folder = folder;
    this.threads = threads;
    try {
      Files.createDirectories(folder.resolve("dev/data/tinyshakespeare"));
      writeCheckpoint(folder.resolve("gpt2_124M.bin"), initial);
      writeTokens(folder.resolve("dev/data/tinyshakespeare/tiny_shakespeare_train.bin"), model);
      writeTokens(folder.resolve("dev/data/tinyshakespeare/tiny_shakespeare_val.bin"), model);
      build(checkout.toAbsolutePath(), model);
    } catch (IOException e) {
      throw new PeerAbsentException("llm.c in %s: %s".formatted(checkout, e.getMessage()), e);
    }
  }

  private void build(Path checkout, PeerModel model) throws IOException, PeerAbsentException {
    String source = adapt(Files.readString(checkout.resolve("train_gpt2.c")), model);
    Files.writeString(folder.resolve("train_gpt2.c"), source);
    Process compiler = new ProcessBuilder("cc", "-Ofast", "-march=native", "-fno-finite-math-only", "-fopenmp", "-DOMP",
        "-I", checkout.toString(), "-o", "train_gpt2", "train_gpt2.c", "-lm")
        .directory(folder.toFile()).redirectErrorStream(true).start();
    String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (waitFor(compiler) != 0) {
      throw new PeerAbsentException("llm.c does not compile: " + said);
    }
  }

  /** Batch, time, the number of the last step as an argument, and no validation. */
  static String adapt(String source, PeerModel model) throws PeerAbsentException {
    String adapted = replace(source, "int B = 4;", "int B = %d;".formatted(model.batch()));
    adapted = replace(adapted, "int T = 64;", "int T = %d;".formatted(model.time()));
    adapted = replace(adapted, "int val_num_batches = 5;", "int val_num_batches = 0;");
    adapted = replace(adapted, "int main() {", "int main(int argc, char** argv) {");
    return replace(adapted, "step <= 40;", "step <= atoi(argv[1]);");
  }

  private static String replace(String source, String found, String replacement) throws PeerAbsentException {
    if (!source.contains(found)) {
      throw new PeerAbsentException("train_gpt2.c of llm.c holds no `%s`; it is of another version than was adapted to"
          .formatted(found));
    }
    return source.replace(found, replacement);
  }

  private static void writeCheckpoint(Path file, Transformer model) throws IOException {
    TransformerConfig config = model.config();
    List<String> order = new ArrayList<>(List.of("tokens", "positions"));
    for (String part : BLOCK_PARTS) {
      for (int block = 0; block < config.layers(); block++) {
        order.add("blocks." + block + "." + part);
      }
    }
    order.addAll(List.of("norm.gain", "norm.bias"));
    try (FileChannel out = create(file)) {
      write(out, header(CHECKPOINT_MAGIC, CHECKPOINT_VERSION, config.context(), config.vocabulary(), config.layers(),
          config.heads(), config.width(), config.vocabulary()));
      for (String name : order) {
        Parameter parameter = model.parameter(name);
        write(out, HostBuffer.of(parameter.value().view().buffer()).segment().asByteBuffer());
      }
    }
  }

  private static void writeTokens(Path file, PeerModel model) throws IOException {
    int count = model.tokensPerStep() + 1;
    PeerBatch batch = new PeerBatch(model);
    ByteBuffer tokens = ByteBuffer.allocate(count * Short.BYTES).order(ByteOrder.nativeOrder());
    for (int i = 0; i < count; i++) {
      tokens.putShort((short) batch.token(i));
    }
    try (FileChannel out = create(file)) {
      write(out, header(TOKENS_MAGIC, TOKENS_VERSION, count));
      write(out, tokens.flip());
    }
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
        StandardOpenOption.TRUNCATE_EXISTING);
  }

  private static ByteBuffer header(int... values) {
    ByteBuffer header = ByteBuffer.allocate(HEADER_INTS * Integer.BYTES).order(ByteOrder.nativeOrder());
    for (int value : values) {
      header.putInt(value);
    }
    return header.rewind();
  }

  private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  @Override
  public String name() {
    return "llm.c";
  }

  @Override
  public String details() {
    return "llm.c train_gpt2, cc -Ofast -march=native -fopenmp; no clipping, no weight decay, GELU by tanh";
  }

  @Override
  public Steps run(int count) {
    try {
      ProcessBuilder builder = new ProcessBuilder(folder.resolve("train_gpt2").toAbsolutePath().toString(),
          Integer.toString(count)).directory(folder.toFile()).redirectErrorStream(true);
      builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
      Process process = builder.start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exit = waitFor(process);
      Steps steps = parse(output);
      if (exit != 0 || steps == null) {
        throw new IllegalStateException("llm.c ended with %d and said: %s".formatted(exit, output));
      }
      return steps;
    } catch (IOException e) {
      throw new UncheckedIOException("llm.c cannot be started", e);
    }
  }

  /**
   * The times of all steps but the first, which takes its memory, and the loss of the last but one: after one step more
   * than was asked for, its loss is the one to compare. Null if there are no two steps.
   */
  static @Nullable Steps parse(String output) {
    List<Double> seconds = new ArrayList<>();
    List<Double> losses = new ArrayList<>();
    Matcher matcher = STEP.matcher(output);
    while (matcher.find()) {
      losses.add(Double.parseDouble(matcher.group(1)));
      seconds.add(Double.parseDouble(matcher.group(2)) * 1e-3);
    }
    int steps = seconds.size();
    return steps < 2 ? null : new Steps(seconds.subList(1, steps), losses.get(steps - 2));
  }

  private static int waitFor(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while llm.c was running", e);
    } finally {
      process.destroy();
    }
  }

  @Override
  public void close() {
    // No process outlives its turn.
  }
}
