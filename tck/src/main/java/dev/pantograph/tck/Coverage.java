package dev.pantograph.tck;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/** What came of all checks of one backend: a table of kernel and element type by rule. */
public final class Coverage {
  private static final String BACKEND_ROW = "backend";

  /** A check and its outcome. */
  public record Entry(String rule, String title, String about, Outcome outcome) {}

  private final String backend;
  private final List<Entry> entries = new ArrayList<>();

  public Coverage(String backend) {
    this.backend = backend;
  }

  public String backend() {
    return backend;
  }

  /** Runs a check and keeps its outcome. */
  public Outcome run(Check check) {
    Outcome outcome = check.run();
    add(new Entry(check.rule(), check.title(), check.about(), outcome));
    return outcome;
  }

  void add(Entry entry) {
    entries.add(entry);
  }

  public List<Entry> entries() {
    return List.copyOf(entries);
  }

  /** Checks whose rule is broken. */
  public List<Entry> failures() {
    return entries.stream().filter(entry -> entry.outcome() instanceof Outcome.Failed).toList();
  }

  /** One line: how many checks passed, failed, were skipped. */
  public String summary() {
    return "%s: %d passed, %d failed, %d skipped, %d with nothing to check".formatted(backend,
        count(Outcome.Passed.class::isInstance), failures().size(), count(Outcome.Skipped.class::isInstance),
        count(Outcome.NothingToKeep.class::isInstance));
  }

  private long count(Predicate<Outcome> kind) {
    return entries.stream().map(Entry::outcome).filter(kind).count();
  }

  /** The table as plain text, with failures and the reasons of skips below. */
  public String toText() {
    List<String> header = new ArrayList<>(List.of(""));
    header.addAll(rules());
    List<List<String>> lines = new ArrayList<>(List.of(header));
    rows().forEach((about, cells) -> lines.add(line(about, cells)));
    int width = lines.stream().mapToInt(line -> line.getFirst().length()).max().orElse(0);
    StringBuilder text = new StringBuilder(summary()).append("\n\n");
    for (List<String> line : lines) {
      text.append("%%-%ds".formatted(Math.max(1, width)).formatted(line.getFirst()));
      line.stream().skip(1).forEach(cell -> text.append(" %-3s".formatted(cell)));
      text.append('\n');
    }
    text.append('\n');
    legend().forEach((rule, title) -> text.append(rule).append("  ").append(title).append(wholeBackend(rule))
        .append('\n'));
    failures().forEach(entry -> text.append("\nFAILED %s %s: %s%n".formatted(entry.rule(), entry.about(),
        ((Outcome.Failed) entry.outcome()).finding())));
    skips().forEach((reason, about) -> text.append("\nskipped: %s%n  %s%n".formatted(reason,
        String.join("; ", about))));
    return text.toString();
  }

  /** The table as a section of a Markdown page. */
  public String toMarkdown() {
    StringBuilder page = new StringBuilder("## %s%n%n%s.%n%n".formatted(backend, summary()));
    List<String> rules = rules();
    page.append("| |").append(String.join("|", rules)).append("|\n|---|").append("---|".repeat(rules.size()))
        .append('\n');
    rows().forEach((about, cells) -> page.append("| ").append(String.join("|", line(about, cells))).append("|\n"));
    page.append("\n| the backend as a whole | |\n|---|---|\n");
    for (Entry entry : entries) {
      if (entry.about().equals(BACKEND_ROW)) {
        page.append("| %s %s | %s |%n".formatted(entry.rule(), entry.title(), mark(entry.outcome())));
      }
    }
    failures().forEach(entry -> page.append("%n* **%s %s**: %s".formatted(entry.rule(), entry.about(),
        ((Outcome.Failed) entry.outcome()).finding())));
    if (!skips().isEmpty()) {
      page.append("\nNot checked:\n\n");
      skips().forEach((reason, about) -> page.append("* %s: %s%n".formatted(reason, String.join("; ", about))));
    }
    return page.toString();
  }

  /** What the rules of the table's columns demand, as a Markdown list. */
  public String legendAsMarkdown() {
    StringBuilder list = new StringBuilder();
    legend().forEach((rule, title) -> list.append("* %s: %s%n".formatted(rule, title)));
    return list.toString();
  }

  private String wholeBackend(String rule) {
    return entries.stream().filter(entry -> entry.about().equals(BACKEND_ROW) && entry.rule().equals(rule))
        .map(entry -> "  " + mark(entry.outcome())).findFirst().orElse("");
  }

  private Map<String, String> legend() {
    Map<String, String> legend = new TreeMap<>();
    entries.forEach(entry -> legend.put(entry.rule(), entry.title()));
    return legend;
  }

  private List<String> rules() {
    return entries.stream().filter(entry -> !entry.about().equals(BACKEND_ROW)).map(Entry::rule).distinct().sorted()
        .toList();
  }

  /** Kernel and type → rule → mark, of all that is not refused. */
  private Map<String, Map<String, String>> rows() {
    Set<String> refused = refused();
    Map<String, Map<String, String>> rows = new LinkedHashMap<>();
    for (Entry entry : entries) {
      if (!entry.about().equals(BACKEND_ROW) && !refused.contains(entry.about())) {
        rows.computeIfAbsent(entry.about(), _ -> new TreeMap<>()).put(entry.rule(), mark(entry.outcome()));
      }
    }
    return rows;
  }

  /** Kernels and types where one rule is kept, that of refusing as declared, and all others are skipped. */
  private Set<String> refused() {
    Map<String, List<Outcome>> outcomes = new LinkedHashMap<>();
    entries.forEach(entry -> outcomes.computeIfAbsent(entry.about(), _ -> new ArrayList<>()).add(entry.outcome()));
    outcomes.values().removeIf(row -> row.size() < 2
        || row.stream().filter(Outcome.Passed.class::isInstance).count() != 1
        || row.stream().filter(Outcome.Skipped.class::isInstance).count() != row.size() - 1);
    return outcomes.keySet();
  }

  private List<String> line(String about, Map<String, String> cells) {
    List<String> line = new ArrayList<>(List.of(about));
    rules().forEach(rule -> line.add(cells.getOrDefault(rule, " ")));
    return line;
  }

  /** Reason → what was skipped for it: kernels and types that are refused, or rules. */
  private Map<String, Set<String>> skips() {
    Set<String> refused = refused();
    Map<String, Set<String>> skips = new LinkedHashMap<>();
    for (Entry entry : entries) {
      if (entry.outcome() instanceof Outcome.Skipped(String reason)) {
        boolean whole = refused.contains(entry.about());
        skips.computeIfAbsent(reason, _ -> new TreeSet<>()).add(whole ? entry.about() : entry.rule());
      }
    }
    return skips;
  }

  private static String mark(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Passed _ -> "✓";
      case Outcome.Failed _ -> "✗";
      case Outcome.Skipped _ -> "s";
      case Outcome.NothingToKeep _ -> "·";
    };
  }
}
