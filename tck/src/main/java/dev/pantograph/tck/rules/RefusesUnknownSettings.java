package dev.pantograph.tck.rules;

import dev.pantograph.spi.BackendOptions;
import dev.pantograph.tck.Outcome;
import java.util.Map;

/** A setting the backend does not know is refused by name when it is opened. */
record RefusesUnknownSettings(int number, String title) implements BackendRule {
  private static final String SETTING = "no-such-setting";

  @Override
  public Outcome check(Subject subject) {
    IllegalArgumentException refusal = Findings.requireRefusal("an unknown setting", IllegalArgumentException.class,
        () -> subject.provider().open(new BackendOptions(1, Map.of(SETTING, "1"))).close());
    Findings.requireText("an unknown setting", refusal, subject.provider().id(), SETTING);
    return new Outcome.Passed();
  }
}
