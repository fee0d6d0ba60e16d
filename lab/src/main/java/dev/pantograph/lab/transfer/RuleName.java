package dev.pantograph.lab.transfer;

/** How parameterizations are written in prose, from the names that users type. */
final class RuleName {
  private RuleName() {}

  static String of(String parameterization) {
    int dash = parameterization.indexOf('-');
    String alpha = dash < 0 ? "" : " (α = " + parameterization.substring(dash + 1) + ")";
    String name = dash < 0 ? parameterization : parameterization.substring(0, dash);
    return switch (name) {
      case "standard" -> "standard" + alpha;
      case "mup" -> "µP" + alpha;
      case "supar" -> "SµPar" + alpha;
      case "completep" -> "CompleteP" + alpha;
      case "product" -> "SµPar × CompleteP" + alpha;
      default -> parameterization;
    };
  }
}
