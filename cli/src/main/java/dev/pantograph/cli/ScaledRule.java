package dev.pantograph.cli;

import dev.pantograph.core.scaling.Monomial;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Role;
import dev.pantograph.core.scaling.Rule;
import dev.pantograph.core.scaling.Scaling;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A parameterization's table at one scale, ready to be printed or written as JSON.
 *
 * @param rule name of the parameterization
 * @param roles one row for each role
 * @param forward the multipliers of the forward pass
 */
record ScaledRule(String rule, List<RoleRow> roles, Forward forward) {

  /**
   * A factor on a base hyperparameter, and what becomes of it.
   *
   * @param factor the formula
   * @param value base hyperparameter times factor
   */
  record Entry(String factor, double value) {}

  /**
   * The hyperparameters of one role.
   *
   * @param role in words
   * @param initStd initial standard deviation; null for gains and biases, which start at 1 and 0
   * @param learningRate peak learning rate
   * @param weightDecay coupled to the learning rate; null for gains and biases, which do not decay
   * @param epsilon Adam's ε
   */
  record RoleRow(String role, @Nullable Entry initStd, Entry learningRate, @Nullable Entry weightDecay,
      Entry epsilon) {}

  /**
   * Factors within the model.
   *
   * @param residualBranch on each residual branch before it is added
   * @param attention on q·k
   * @param logits on the logits
   */
  record Forward(Entry residualBranch, Entry attention, Entry logits) {}

  static ScaledRule of(Scaling scaling) {
    Parameterization table = scaling.parameterization();
    List<RoleRow> rows = Arrays.stream(Role.values()).map(role -> row(scaling, role)).toList();
    return new ScaledRule(table.name(), rows, new Forward(
        new Entry(table.residualBranch().formula(Role.ATTENTION_OUTPUT), scaling.branchMultiplier()),
        new Entry(table.attention().formula(), scaling.attentionScale()),
        new Entry(table.logits().formula(Role.UNEMBEDDING), scaling.logitMultiplier())));
  }

  private static RoleRow row(Scaling scaling, Role role) {
    Rule rule = scaling.parameterization().rule(role);
    double learningRate = scaling.base().learningRate() * scaling.learningRateScale(role);
    return new RoleRow(role.label(),
        role.isVector() ? null : entry(rule.initStd(), role, scaling.initStd(role)),
        entry(rule.learningRate(), role, learningRate),
        role.isVector() ? null : entry(rule.weightDecay(), role, scaling.coupledWeightDecay(role)),
        entry(rule.epsilon(), role, scaling.epsilon(role)));
  }

  private static Entry entry(Monomial factor, Role role, double value) {
    return new Entry(factor.formula(role), value);
  }
}
