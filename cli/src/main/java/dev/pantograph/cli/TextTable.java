package dev.pantograph.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Columns of text, aligned by characters and not by bytes. A cell may have several lines. */
public final class TextTable {
  private static final String GAP = "  ";

  private final String indent;
  private final List<List<List<String>>> rows = new ArrayList<>();

  /** A table each line of which starts with {@code indent}. */
  public TextTable(String indent) {
    this.indent = indent;
  }

  /** Adds a row; line feeds part the lines of a cell. */
  public TextTable row(List<String> cells) {
    rows.add(cells.stream().map(cell -> cell.lines().toList()).toList());
    return this;
  }

  public TextTable row(String... cells) {
    return row(List.of(cells));
  }

  /** Adds a line across all columns, drawn below the rows before it. */
  public TextTable line() {
    rows.add(List.of());
    return this;
  }

  /** Adds an empty line. */
  public TextTable space() {
    rows.add(List.of(List.of("")));
    return this;
  }

  public void print(PrintWriter out) {
    int[] widths = widths();
    int total = GAP.length() * Math.max(widths.length - 1, 0);
    for (int width : widths) {
      total += width;
    }
    for (List<List<String>> row : rows) {
      if (row.isEmpty()) {
        out.println(indent + "─".repeat(total));
      }
      int lines = row.stream().mapToInt(List::size).max().orElse(0);
      for (int line = 0; line < lines; line++) {
        out.println((indent + textOf(row, line, widths)).stripTrailing());
      }
    }
  }

  private static String textOf(List<List<String>> row, int line, int[] widths) {
    StringBuilder text = new StringBuilder();
    for (int column = 0; column < row.size(); column++) {
      List<String> cell = row.get(column);
      String part = line < cell.size() ? cell.get(line) : "";
      text.append(part).append(" ".repeat(widths[column] - width(part))).append(GAP);
    }
    return text.toString();
  }

  private int[] widths() {
    int[] widths = new int[rows.stream().mapToInt(List::size).max().orElse(0)];
    for (List<List<String>> row : rows) {
      for (int column = 0; column < row.size(); column++) {
        for (String line : row.get(column)) {
          widths[column] = Math.max(widths[column], width(line));
        }
      }
    }
    return widths;
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
