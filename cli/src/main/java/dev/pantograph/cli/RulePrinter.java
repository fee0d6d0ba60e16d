package dev.pantograph.cli;

import dev.pantograph.cli.ScaledRule.Entry;
import dev.pantograph.cli.ScaledRule.RoleRow;
import dev.pantograph.core.scaling.BaseHyperparameters;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Prints parameterizations as papers do: one rule with all its quantities, or several rules side by side. */
final class RulePrinter {
  private static final String INDENT = "  ";
  private static final String ABSENT = "–";

  private final PrintWriter out;

  RulePrinter(PrintWriter out) {
    this.out = out;
  }

  /** The sizes of model and base, with the multipliers the formulas speak of. */
  void scale(ModelSize model, ModelSize base) {
    new TextTable(INDENT)
        .row("", "model", "base", "multiplier")
        .line()
        .row(sizes("width", model.width(), base.width(), "m_N"))
        .row(sizes("feed-forward width", model.feedForward(), base.feedForward(), "m_F"))
        .row(sizes("depth", model.depth(), base.depth(), "m_L"))
        .row(sizes("density", model.density(), base.density(), "m_ρ"))
        .row("head dimension d_h", Integer.toString(model.headDim()), Integer.toString(base.headDim()))
        .print(out);
  }

  private static List<String> sizes(String name, double model, double base, String symbol) {
    return List.of(name, SignificantDigits.of(model), SignificantDigits.of(base),
        symbol + " = " + SignificantDigits.of(model / base));
  }

  /** One rule: a row for each role, a factor and a value for each quantity. */
  void single(ScaledRule rule) {
    out.println("Parameterization '%s'".formatted(rule.rule()));
    out.println();
    TextTable table = new TextTable(INDENT)
        .row("", "init std", "", "learning rate", "", "weight decay", "", "epsilon", "")
        .row("", "σ ×", "=", "η ×", "=", "λ ×", "=", "ε ×", "=")
        .line();
    for (RoleRow row : rule.roles()) {
      List<String> cells = new ArrayList<>(List.of(row.role()));
      for (Quantity quantity : Quantity.values()) {
        Entry entry = quantity.entry.apply(row);
        cells.add(entry == null ? ABSENT : entry.factor());
        cells.add(entry == null ? "" : SignificantDigits.of(entry.value()));
      }
      table.row(cells);
    }
    table.print(out);
    out.println();
    TextTable forward = new TextTable(INDENT).row("forward multipliers", "", "=").line();
    for (Multiplier multiplier : Multiplier.values()) {
      Entry entry = multiplier.entry.apply(rule);
      forward.row(multiplier.label, entry.factor(), SignificantDigits.of(entry.value()));
    }
    forward.print(out);
  }

  /** Several rules side by side: a block for each quantity; roles that all rules treat alike share a row. */
  void sideBySide(List<ScaledRule> rules, BaseHyperparameters base) {
    for (Quantity quantity : Quantity.values()) {
      out.println("%s: %s × …".formatted(quantity.label, quantity.tuned(base)));
      out.println();
      TextTable table = header(rules);
      alike(rules, quantity).forEach((entries, roles) -> table.row(cells(String.join("\n", roles), entries)).space());
      table.print(out);
    }
    out.println("forward multipliers");
    out.println();
    TextTable forward = header(rules);
    for (Multiplier multiplier : Multiplier.values()) {
      forward.row(cells(multiplier.label, rules.stream().map(multiplier.entry).toList()));
    }
    forward.print(out);
  }

  private static TextTable header(List<ScaledRule> rules) {
    List<String> names = new ArrayList<>(List.of(""));
    rules.forEach(rule -> names.add(rule.rule()));
    return new TextTable(INDENT).row(names).line();
  }

  /** The roles of a quantity, gathered by what the rules make of them. */
  private static Map<List<Entry>, List<String>> alike(List<ScaledRule> rules, Quantity quantity) {
    Map<List<Entry>, List<String>> groups = new LinkedHashMap<>();
    for (int role = 0; role < rules.getFirst().roles().size(); role++) {
      List<Entry> entries = new ArrayList<>();
      for (ScaledRule rule : rules) {
        Entry entry = quantity.entry.apply(rule.roles().get(role));
        if (entry != null) {
          entries.add(entry);
        }
      }
      if (!entries.isEmpty()) {
        groups.computeIfAbsent(entries, _ -> new ArrayList<>()).add(rules.getFirst().roles().get(role).role());
      }
    }
    return groups;
  }

  private static List<String> cells(String label, List<Entry> entries) {
    List<String> cells = new ArrayList<>(List.of(label));
    entries.forEach(entry -> cells.add(entry.factor() + "\n" + SignificantDigits.of(entry.value())));
    return cells;
  }

  /** What a rule scales for each role. */
  private enum Quantity {
    INIT_STD("init std", "σ", RoleRow::initStd, BaseHyperparameters::initStd),
    LEARNING_RATE("learning rate", "η", RoleRow::learningRate, BaseHyperparameters::learningRate),
    WEIGHT_DECAY("weight decay", "λ", RoleRow::weightDecay, BaseHyperparameters::weightDecay),
    EPSILON("epsilon", "ε", RoleRow::epsilon, BaseHyperparameters::epsilon);

    private final String label;
    private final String symbol;
    private final Function<RoleRow, @Nullable Entry> entry;
    private final Function<BaseHyperparameters, Double> base;

    Quantity(String label, String symbol, Function<RoleRow, @Nullable Entry> entry,
        Function<BaseHyperparameters, Double> base) {
      this.label = label;
      this.symbol = symbol;
      this.entry = entry;
      this.base = base;
    }

    String tuned(BaseHyperparameters values) {
      return "%s (%s)".formatted(symbol, SignificantDigits.of(base.apply(values)));
    }
  }

  /** What a rule scales within the model. */
  private enum Multiplier {
    RESIDUAL_BRANCH("residual branch", rule -> rule.forward().residualBranch()),
    ATTENTION("attention q·k", rule -> rule.forward().attention()),
    LOGITS("logits", rule -> rule.forward().logits());

    private final String label;
    private final Function<ScaledRule, Entry> entry;

    Multiplier(String label, Function<ScaledRule, Entry> entry) {
      this.label = label;
      this.entry = entry;
    }
  }
}
