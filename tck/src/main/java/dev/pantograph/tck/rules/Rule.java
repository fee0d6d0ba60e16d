package dev.pantograph.tck.rules;

/** A numbered property every backend must have. */
public sealed interface Rule permits KernelRule, BackendRule {
  int number();

  /** What must hold, as a sentence without its full stop. */
  String title();

  /** Number as written: R01. */
  default String id() {
    return "R%02d".formatted(number());
  }
}
