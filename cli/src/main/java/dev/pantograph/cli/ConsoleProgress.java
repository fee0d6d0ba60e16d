package dev.pantograph.cli;

import dev.pantograph.lab.transfer.SweepProgress;
import dev.pantograph.lab.transfer.Trial;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/**
 * How a sweep goes on, for a person: one line that renews itself on a terminal, a line now and then in a log. The time
 * left follows from the FLOPs done so far, so it counts a large model for what it is.
 */
final class ConsoleProgress implements SweepProgress {
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(20);
  private static final int LINE_WIDTH = 100;

  private final PrintWriter out;
  private final boolean terminal;
  private final long start = System.nanoTime();
  private double plannedFlops;
  private double doneFlops;
  private int planned;
  private int done;
  private long lastLine;

  /**
   * @param terminal whether {@code out} is one: then the line is written over, else lines are rare
   */
  ConsoleProgress(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public synchronized void planned(double flops, int trials) {
    plannedFlops += flops;
    planned += trials;
  }

  @Override
  public synchronized void started(Trial trial) {
    show("training " + trial);
  }

  @Override
  public synchronized void finished(Trial.Outcome outcome, double flops) {
    doneFlops += flops;
    done++;
    String loss = outcome.loss() == null ? "diverged" : String.format(Locale.ROOT, "loss %.4f", outcome.loss());
    show(outcome.trial() + ": " + loss);
  }

  @Override
  public synchronized void phase(String what) {
    show(what);
  }

  /** Ends the renewed line. */
  synchronized void end() {
    if (terminal) {
      out.print("\r" + " ".repeat(LINE_WIDTH) + "\r");
      out.flush();
    }
  }

  /** Trials done in this session. */
  synchronized int done() {
    return done;
  }

  private void show(String what) {
    long now = System.nanoTime();
    if (!terminal && lastLine != 0 && now - lastLine < LOG_INTERVAL.toNanos()) {
      return;
    }
    lastLine = now;
    String line = planned == 0 ? what : "%3d of %d trials%s  %s".formatted(done, planned, left(now), what);
    if (terminal) {
      String shown = line.length() > LINE_WIDTH ? line.substring(0, LINE_WIDTH - 1) + "…" : line;
      out.print("\r" + shown + " ".repeat(LINE_WIDTH - shown.length()));
    } else {
      out.println(line);
    }
    out.flush();
  }

  private String left(long now) {
    if (doneFlops == 0) {
      return "";
    }
    double seconds = (now - start) * 1e-9 * (plannedFlops - doneFlops) / doneFlops;
    return ", %s left".formatted(inWords(seconds));
  }

  /** A duration as a person says it: {@code 45 s}, {@code 3 min}, {@code 1 h 20 min}. */
  static String inWords(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 90) {
      return whole + " s";
    }
    long minutes = Math.round(seconds / 60);
    return minutes < 90 ? minutes + " min" : "%d h %d min".formatted(minutes / 60, minutes % 60);
  }
}
