package dev.pantograph.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.text.similarity.JaroWinklerSimilarity;

/** Finds what a user most likely meant by a name that does not exist. */
final class NearestName {
  /** Below this, two names have no more in common than chance: a wrong guess is worse than none. */
  private static final double LIKELY = 0.75;

  private static final JaroWinklerSimilarity SIMILARITY = new JaroWinklerSimilarity();

  private NearestName() {}

  /** The known name most like the typed one, if any is like it. Case and the dashes of options do not count. */
  static Optional<String> of(String typed, Collection<String> known) {
    return known.stream()
        .filter(name -> similarity(typed, name) >= LIKELY)
        .max(Comparator.comparingDouble((String name) -> similarity(typed, name))
            .thenComparing(Comparator.reverseOrder()));
  }

  /** The nearest name as the end of a message, {@code "; did you mean 'width'?"}, or nothing. */
  static String suggestion(String typed, Collection<String> known) {
    return of(typed, known).map("; did you mean '%s'?"::formatted).orElse("");
  }

  private static double similarity(String typed, String name) {
    return SIMILARITY.apply(bare(typed), bare(name));
  }

  private static String bare(String name) {
    return name.replaceFirst("^-+", "").toLowerCase(Locale.ROOT);
  }
}
