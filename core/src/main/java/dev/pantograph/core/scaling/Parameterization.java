package dev.pantograph.core.scaling;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How hyperparameters tuned on a base model carry over to another scale: a table from a parameter's {@link Role} to
 * factors on initialisation, learning rate, weight decay and ε, with the multipliers of the forward pass. Nothing else
 * in the code knows about width, depth or density.
 *
 * <p>For Adam, in the form with constant-variance readout and a forward multiplier on the logits (Yang et al., "Tensor
 * Programs V", arXiv 2203.03466, table 8), which is the one that allows tied embeddings. Sources of the columns: µP,
 * that table; SµPar, Dey et al., arXiv 2405.15743, table 1; depth rules and ε, Dey et al., "CompleteP", arXiv
 * 2505.01618, table 1, with ε outside the blocks by m_N^-1 too, since every gradient shrinks with the logit multiplier;
 * the product of all three is our derivation: SµPar's corrections are local to one matrix, CompleteP's act on the
 * branch.
 *
 * @param name as users type it
 * @param rules one row for every role
 * @param residualBranch factor on each residual branch before it is added
 * @param logits factor on the logits
 * @param attention factor on q·k
 */
public record Parameterization(
    String name, Map<Role, Rule> rules, Monomial residualBranch, Monomial logits, AttentionScaling attention) {

  public Parameterization {
    EnumMap<Role, Rule> copy = new EnumMap<>(rules);
    for (Role role : Role.values()) {
      if (!copy.containsKey(role)) {
        throw new IllegalArgumentException("parameterization '%s' has no row for %s".formatted(name, role.label()));
      }
    }
    rules = Collections.unmodifiableMap(copy);
  }

  /** No rule at all: the same σ, η, λ and ε for every size. */
  public static Parameterization standard() {
    return new Parameterization("standard", rows(Rule.STANDARD, Rule.STANDARD, Rule.STANDARD), Monomial.ONE,
        Monomial.ONE,
        AttentionScaling.INVERSE_ROOT);
  }

  /** Maximal update parameterization: width. */
  public static Parameterization muP() {
    return maximalUpdate("mup", Monomial.ONE, Monomial.ONE, 0);
  }

  /** Sparse maximal update parameterization: width and density. */
  public static Parameterization suPar() {
    return maximalUpdate("supar", Monomial.ONE, Monomial.ONE, 1);
  }

  /**
   * Width and depth. α = 1 is CompleteP; α = 0.5 is depth-µP.
   *
   * @param alpha each residual branch is scaled by m_L^−α; between 0.5 and 1
   */
  public static Parameterization completeP(double alpha) {
    return depthAware("completep", alpha, 0);
  }

  /** Width, depth and density together: SµPar × CompleteP(α). */
  public static Parameterization product(double alpha) {
    return depthAware("product", alpha, 1);
  }

  private static Parameterization depthAware(String name, double alpha, double density) {
    if (!(alpha >= 0.5 && alpha <= 1)) {
      throw new IllegalArgumentException("%s: depth exponent α = %s (expected: 0.5 to 1)".formatted(name, alpha));
    }
    String qualified = alpha == 1 ? name : name + "-" + alpha;
    return maximalUpdate(qualified, Monomial.ofDepth(-alpha), Monomial.ofDepth(alpha - 1), density);
  }

  /**
   * The common shape of all maximal-update rules.
   *
   * @param branch factor on each residual branch
   * @param blockLearningRate depth factor on the learning rates inside the blocks
   * @param density 1 if the rule follows the density, else 0
   */
  private static Parameterization maximalUpdate(String name, Monomial branch, Monomial blockLearningRate,
      double density) {
    // A sparse matrix sums over fanIn·ρ terms: that number is what its scale depends on.
    Monomial terms = new Monomial(0, 1, 0, density);
    Monomial epsilon = Monomial.ofWidth(-1);
    Monomial blockEpsilon = epsilon.times(branch);
    Rule hidden = new Rule(power(terms, -0.5), power(terms, -1).times(blockLearningRate), terms, blockEpsilon);
    Rule blockVector = new Rule(Monomial.ONE, blockLearningRate, Monomial.ONE, blockEpsilon);
    Rule outside = new Rule(Monomial.ONE, Monomial.ONE, Monomial.ONE, epsilon);
    return new Parameterization(name, rows(hidden, blockVector, outside), branch, Monomial.ofWidth(-1),
        AttentionScaling.BASE_ROOT_OVER_DIM);
  }

  private static Monomial power(Monomial base, double exponent) {
    return new Monomial(base.width() * exponent, base.fanIn() * exponent, base.depth() * exponent,
        base.density() * exponent);
  }

  /**
   * A table from three rows.
   *
   * @param hidden for the four matrices of a block
   * @param blockVector for the biases and norms inside the blocks
   * @param outside for everything outside the blocks
   */
  public static Map<Role, Rule> rows(Rule hidden, Rule blockVector, Rule outside) {
    Map<Role, Rule> rules = new EnumMap<>(Role.class);
    for (Role role : Role.values()) {
      rules.put(role, role.isHiddenWeight() ? hidden
          : role == Role.BLOCK_BIAS || role == Role.BLOCK_NORM ? blockVector : outside);
    }
    return rules;
  }

  /** The row for a role. */
  public Rule rule(Role role) {
    Rule rule = rules.get(role);
    if (rule == null) {
      throw new IllegalStateException("no row for " + role);
    }
    return rule;
  }

  /** Every published rule and the product, α = 1 where there is a depth exponent. */
  public static List<Parameterization> all() {
    return List.of(standard(), muP(), suPar(), completeP(1), completeP(0.5), product(1), product(0.5));
  }

  /**
   * The parameterization a user names.
   *
   * @throws IllegalArgumentException naming all that exist
   */
  public static Parameterization named(String name) {
    return all().stream().filter(p -> p.name().equals(name)).findFirst()
        .or(() -> withDepthExponent(name))
        .orElseThrow(() ->
            new IllegalArgumentException("no parameterization is named '%s'; there are %s".formatted(name,
            all().stream().map(Parameterization::name).collect(Collectors.joining(", ")))));
  }

  /** {@code completep-0.7}, {@code product-0.7}: a depth exponent after the name. */
  private static Optional<Parameterization> withDepthExponent(String name) {
    int dash = Math.max(0, name.lastIndexOf('-'));
    String family = name.substring(0, dash);
    if (!family.equals("completep") && !family.equals("product")) {
      return Optional.empty();
    }
    try {
      double alpha = Double.parseDouble(name.substring(dash + 1));
      return Optional.of(family.equals("completep") ? completeP(alpha) : product(alpha));
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }
}
