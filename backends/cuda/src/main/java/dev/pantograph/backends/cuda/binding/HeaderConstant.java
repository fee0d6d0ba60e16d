package dev.pantograph.backends.cuda.binding;

/** A number that a header gives a name. */
public interface HeaderConstant {
  /** The number. */
  int code();

  /** The name, as the header has it. */
  String header();
}
