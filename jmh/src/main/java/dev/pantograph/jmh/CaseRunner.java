package dev.pantograph.jmh;

import dev.pantograph.cli.Benchmarks.Order;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs one case through JMH, in forks of this JVM with its options. */
record CaseRunner(Order order) {
  private static final int QUICK_WARMUPS = 5;
  /** Enough for the regression gate's test to rule out chance. */
  private static final int QUICK_ITERATIONS = 6;

  /**
   * Runs it.
   *
   * @throws BenchmarkException if it fails
   */
  RunResult run(BenchmarkCase one) {
    ChainedOptionsBuilder options = new OptionsBuilder()
        .include("^" + Pattern.quote(one.benchmark().getName()) + "\\.")
        .param(one.parameter(), one.value())
        .param("backendId", order.backend())
        .param("threads", Integer.toString(order.threads()))
        .shouldFailOnError(true);
    if (order.quick() && one.quickSeconds() > 0) {
      TimeValue time = TimeValue.milliseconds(Math.round(1e3 * one.quickSeconds()));
      TimeValue twice = TimeValue.milliseconds(Math.round(2e3 * one.quickSeconds()));
      options.forks(1).warmupIterations(QUICK_WARMUPS).warmupTime(twice).measurementIterations(QUICK_ITERATIONS)
          .measurementTime(time);
    }
    if (order.allocations()) {
      options.addProfiler(GCProfiler.class);
    }
    JmhLog log = new JmhLog();
    try {
      return new Runner(options.build(), log).runSingle();
    } catch (RunnerException e) {
      throw new BenchmarkException("'%s' failed: %s".formatted(one.name(),
          log.failure().orElseGet(() -> e.getMessage() + "\n" + log)), e);
    }
  }
}
