package dev.pantograph.cli;

import java.io.PrintWriter;
import java.time.Duration;

/** How work goes on, for a person: one line that renews itself on a terminal, a line now and then in a log. */
public final class RenewedLine {
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(20);
  private static final int WIDTH = 100;

  private final PrintWriter out;
  private final boolean terminal;
  private long last;

  /**
   * A line not shown yet.
   *
   * @param terminal whether {@code out} is one: then the line is written over, else lines are rare
   */
  public RenewedLine(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Shows a text, unless this is a log and the last one is recent. */
  public void show(String text) {
    long now = System.nanoTime();
    if (!terminal && last != 0 && now - last < LOG_INTERVAL.toNanos()) {
      return;
    }
    last = now;
    if (terminal) {
      String shown = text.length() > WIDTH ? text.substring(0, WIDTH - 1) + "…" : text;
      out.print("\r" + shown + " ".repeat(WIDTH - shown.length()));
    } else {
      out.println(text);
    }
    out.flush();
  }

  /** Clears the line of a terminal. */
  public void end() {
    if (terminal) {
      out.print("\r" + " ".repeat(WIDTH) + "\r");
      out.flush();
    }
  }

  /** A duration as a person says it: {@code 45 s}, {@code 3 min}, {@code 1 h 20 min}. */
  public static String inWords(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 90) {
      return whole + " s";
    }
    long minutes = Math.round(seconds / 60);
    return minutes < 90 ? minutes + " min" : "%d h %d min".formatted(minutes / 60, minutes % 60);
  }
}
