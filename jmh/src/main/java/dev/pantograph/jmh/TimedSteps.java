package dev.pantograph.jmh;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.core.nn.FeedForwardActivation;
import dev.pantograph.core.nn.Precision;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.spi.BackendOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * Training steps of GPT-2 on demand, so that another implementation can take turns: every line on standard input is a
 * number of steps to make, every line on standard output their median in seconds and the loss of the last. It begins
 * with a line {@code ready}. {@code native/verify-gpu.sh} is the caller; {@code native/gpt_step.py} speaks the same.
 *
 * <pre>
 *   java … dev.pantograph.jmh.TimedSteps BACKEND PRECISION BATCH TIME LAYERS HEADS WIDTH VOCABULARY
 * </pre>
 */
public final class TimedSteps {
  private static final int ARGUMENTS = 8;

  private TimedSteps() {}

  /** Makes steps until there is no more input. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != ARGUMENTS) {
      throw new IllegalArgumentException("%d arguments (expected: BACKEND PRECISION BATCH TIME LAYERS HEADS WIDTH "
          .formatted(arguments.length) + "VOCABULARY)");
    }
    int[] sizes = Arrays.stream(arguments).skip(2).mapToInt(Integer::parseInt).toArray();
    TransformerConfig config = TransformerConfig.gpt(sizes[5], sizes[1], sizes[2], sizes[3], sizes[4])
        .biases(true).activation(FeedForwardActivation.GELU_TANH);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    try (TrainingRun run = new TrainingRun(config, sizes[0], sizes[1], config.trainingFlopsPerToken(sizes[1]),
            Precision.named(arguments[1]), Backends.discover().open(arguments[0], BackendOptions.defaults()));
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      out.println("ready");
      for (String line = requests.readLine(); line != null; line = requests.readLine()) {
        out.println(report(run, Integer.parseInt(line.strip())));
      }
    }
  }

  private static String report(TrainingRun run, int steps) {
    StepTimer timer = new StepTimer();
    run.trainer().train(steps, timer);
    double[] seconds = timer.seconds().stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return String.format(Locale.ROOT, "%.6f %.5f", seconds[steps / 2], timer.loss());
  }
}
