package dev.pantograph.lab.plot;

import dev.pantograph.lab.run.Environment;
import java.util.Map;

/** A titled list of terms and their values: what a report says about how it was made. */
public final class Facts {
  private final String title;
  private final Element list = Element.of("dl");

  public Facts(String title) {
    this.title = title;
  }

  /** Where a run took place. */
  public static Facts of(Environment environment) {
    Facts facts = new Facts("Environment").fact("Pantograph", environment.version()).fact("Java", environment.java())
        .fact("system", environment.os()).fact("processors", Integer.toString(environment.processors()))
        .fact("largest heap", Quantity.count(environment.heapMiB()) + " MiB").fact("backend", environment.backend());
    environment.backendFacts().entrySet().stream().sorted(Map.Entry.comparingByKey())
        .forEach(entry -> facts.fact(entry.getKey(), entry.getValue()));
    return facts;
  }

  public Facts fact(String term, String value) {
    return fact(term, Element.of("dd").text(value));
  }

  /** A fact whose value is more than text: a {@code dd}. */
  public Facts fact(String term, Element value) {
    list.add(Element.of("dt").text(term), value);
    return this;
  }

  public Element html() {
    return Element.of("div").add(Element.of("h3").text(title), list);
  }
}
