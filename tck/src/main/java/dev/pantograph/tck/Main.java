package dev.pantograph.tck;

import dev.pantograph.spi.BackendProvider;
import dev.pantograph.spi.BackendUnavailableException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * The conformance kit from the command line: checks the backends with the given ids, found as the product finds them,
 * prints their coverage tables and ends with status 1 if a rule is broken.
 *
 * <pre>
 *   java -p MODULES --add-modules ALL-MODULE-PATH -m dev.pantograph.tck/dev.pantograph.tck.Main [--markdown FILE] ID…
 * </pre>
 */
public final class Main {
  private static final String MARKDOWN = "--markdown";
  private static final int BROKEN = 1;
  private static final int USAGE = 2;

  private Main() {}

  public static void main(String[] arguments) throws IOException {
    List<BackendProvider> providers = new ArrayList<>();
    ServiceLoader.load(BackendProvider.class).forEach(providers::add);
    int status = run(List.of(arguments), providers, System.out);
    if (status != 0) {
      System.exit(status);
    }
  }

  /** Does what the arguments say. */
  static int run(List<String> arguments, List<BackendProvider> providers, PrintStream out) throws IOException {
    List<String> ids = new ArrayList<>(arguments);
    int markdown = ids.indexOf(MARKDOWN);
    Path page = null;
    if (markdown >= 0 && markdown + 1 < ids.size()) {
      page = Path.of(ids.remove(markdown + 1));
      ids.remove(markdown);
    }
    String known = providers.stream().map(BackendProvider::id).sorted().collect(Collectors.joining(", "));
    if (ids.isEmpty() || ids.stream().anyMatch(id -> id.startsWith("-"))) {
      out.println("usage: [" + MARKDOWN + " FILE] ID…; backends found: " + known);
      return USAGE;
    }
    List<Coverage> tables = new ArrayList<>();
    for (String id : ids) {
      BackendProvider provider = providers.stream().filter(each -> each.id().equals(id)).findFirst().orElse(null);
      if (provider == null) {
        out.println("no backend is named '%s'; found: %s".formatted(id, known));
        return USAGE;
      }
      try {
        tables.add(check(provider));
      } catch (BackendUnavailableException e) {
        out.println(e.getMessage());
        return USAGE;
      }
      out.println(tables.getLast().toText());
    }
    if (page != null) {
      Files.writeString(page, page(tables));
    }
    return tables.stream().allMatch(table -> table.failures().isEmpty()) ? 0 : BROKEN;
  }

  private static Coverage check(BackendProvider provider) {
    Conformance conformance = Conformance.of(provider);
    Coverage coverage = new Coverage(conformance.backend());
    conformance.checks().forEach(coverage::run);
    return coverage;
  }

  private static String page(List<Coverage> tables) {
    StringBuilder page = new StringBuilder("""
        # Conformance

        What each backend keeps of the rules of the conformance kit (module `tck`), by kernel and element type.
        ✓ kept, ✗ broken, s skipped, · the rule says nothing about this kernel. What a backend declares that it refuses
        is listed below its table; that it does refuse is checked by R08. Made by

            tck/conformance.sh --markdown docs/results/conformance.md %s

        """.formatted(tables.stream().map(Coverage::backend).collect(Collectors.joining(" "))));
    page.append(tables.getFirst().legendAsMarkdown());
    tables.forEach(table -> page.append('\n').append(table.toMarkdown()));
    return page.toString();
  }
}
