package dev.pantograph.core.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.nn.TransformerConfig;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParameterizationTest {
  private static final Offset<Double> ROUNDING = within(1e-15);
  /** σ = η = λ = ε = 1 and multipliers 1: what comes out are the factors themselves. */
  private static final BaseHyperparameters UNIT = new BaseHyperparameters(1, 1, 1, 1, 1, 1);
  /** Width × 4, depth × 8, density 1/8: hidden matrices sum over half as many terms. Head dimension 16, base 4. */
  private static final Scale LARGE = new Scale(4, 4, 8, 0.125, 16, 4);

  private static Scaling scaling(String name, Scale scale) {
    return new Scaling(Parameterization.named(name), scale, UNIT);
  }

  @ParameterizedTest
  @CsvSource({
    // Hidden σ, η, λ, ε; then η of block vectors; then ε outside; then branch and logits.
    "standard,      1,              1,              1,   1,            1,              1,    1,              1",
    "mup,           0.5,            0.25,           4,   0.25,         1,              0.25, 1,              0.25",
    "supar,         1.41421356237,  2,              0.5, 0.25,         1,              0.25, 1,              0.25",
    "completep,     0.5,            0.25,           4,   0.03125,      1,              0.25, 0.125,          0.25",
    "completep-0.5, 0.5,            0.0883883476483, 4,  0.0883883476483, 0.353553390593, 0.25, 0.353553390593, 0.25",
    "product,       1.41421356237,  2,              0.5, 0.03125,      1,              0.25, 0.125,          0.25",
    "product-0.5,   1.41421356237,  0.707106781187, 0.5, 0.0883883476483, 0.353553390593, 0.25, 0.353553390593, 0.25"
  })
  void factorsAreThoseOfThePublishedTables(String name, double initStd, double learningRate, double weightDecay,
      double epsilon, double vectorLearningRate, double outsideEpsilon, double branch, double logits) {
    Offset<Double> elevenDigits = within(1e-11);
    Scaling scaling = scaling(name, LARGE);
    for (Role role : Role.values()) {
      boolean vector = role == Role.BLOCK_BIAS || role == Role.BLOCK_NORM;
      boolean inBlock = role.isHiddenWeight() || vector;
      double decayed = role.isVector() ? 0 : 1;
      assertThat(scaling.initStd(role)).as("σ of %s", role).isEqualTo(decayed * (inBlock ? initStd : 1), elevenDigits);
      assertThat(scaling.learningRateScale(role)).as("η of %s", role)
          .isEqualTo(vector ? vectorLearningRate : inBlock ? learningRate : 1, elevenDigits);
      assertThat(scaling.coupledWeightDecay(role)).as("λ of %s", role)
          .isEqualTo(decayed * (inBlock ? weightDecay : 1), elevenDigits);
      assertThat(scaling.independentWeightDecay(role)).as("independent λ of %s", role).isEqualTo(decayed);
      assertThat(scaling.epsilon(role)).as("ε of %s", role).isEqualTo(inBlock ? epsilon : outsideEpsilon, elevenDigits);
    }
    assertThat(scaling.branchMultiplier()).isEqualTo(branch, elevenDigits);
    assertThat(scaling.logitMultiplier()).isEqualTo(logits, elevenDigits);
    assertThat(scaling.embeddingMultiplier()).isEqualTo(1);
    // √16/16 without a rule; √4/16 with 1/d_h matched to the base.
    assertThat(scaling.attentionScale()).isEqualTo(name.equals("standard") ? 0.25 : 0.125, ROUNDING);
  }

  @Test
  void theSecondFeedForwardMatrixFollowsItsOwnFanIn() {
    Scaling scaling = scaling("mup", new Scale(4, 16, 1, 1, 4, 4));

    assertThat(scaling.initStd(Role.FEED_FORWARD_OUT)).isEqualTo(0.25, ROUNDING);
    assertThat(scaling.learningRateScale(Role.FEED_FORWARD_OUT)).isEqualTo(0.0625, ROUNDING);
    assertThat(scaling.coupledWeightDecay(Role.FEED_FORWARD_OUT)).isEqualTo(16, ROUNDING);
    for (Role role : List.of(Role.QUERY_KEY_VALUE, Role.ATTENTION_OUTPUT, Role.FEED_FORWARD_IN)) {
      assertThat(scaling.initStd(role)).as("%s", role).isEqualTo(0.5, ROUNDING);
      assertThat(scaling.learningRateScale(role)).as("%s", role).isEqualTo(0.25, ROUNDING);
    }
  }

  @Test
  void theBaseHyperparametersAreMultipliedIn() {
    Scaling scaling = new Scaling(Parameterization.muP(), LARGE, new BaseHyperparameters(0.04, 0.5, 0.2, 1e-6, 3, 2));

    assertThat(scaling.initStd(Role.QUERY_KEY_VALUE)).isEqualTo(0.02, ROUNDING);
    assertThat(scaling.coupledWeightDecay(Role.QUERY_KEY_VALUE)).isEqualTo(0.8, ROUNDING);
    assertThat(scaling.epsilon(Role.QUERY_KEY_VALUE)).isEqualTo(0.25e-6, ROUNDING);
    assertThat(scaling.embeddingMultiplier()).isEqualTo(3);
    assertThat(scaling.logitMultiplier()).isEqualTo(0.5, ROUNDING);
  }

  static List<Parameterization> all() {
    return Parameterization.all();
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyFactorIsExactlyOneAtTheBase(Parameterization parameterization) {
    Scaling scaling = new Scaling(parameterization, Scale.base(6), UNIT);

    for (Role role : Role.values()) {
      assertThat(new double[] {scaling.learningRateScale(role), scaling.epsilon(role), scaling.branchMultiplier(),
          scaling.logitMultiplier(), scaling.attentionScale()}).as("%s", role)
          .containsExactly(1, 1, 1, 1, Math.sqrt(6) / 6);
    }
  }

  @Test
  void completePDiffersFromMuPInBranchAndBlockEpsilonAlone() {
    Parameterization completeP = Parameterization.completeP(1);
    Parameterization muP = Parameterization.muP();

    for (Role role : Role.values()) {
      Rule expected = muP.rule(role);
      Rule actual = completeP.rule(role);
      boolean inBlock = role.isHiddenWeight() || role == Role.BLOCK_BIAS || role == Role.BLOCK_NORM;
      assertThat(actual).as("%s", role).isEqualTo(new Rule(expected.initStd(), expected.learningRate(),
          expected.weightDecay(), inBlock ? expected.epsilon().times(Monomial.ofDepth(-1)) : expected.epsilon()));
    }
    assertThat(completeP.residualBranch()).isEqualTo(Monomial.ofDepth(-1));
    assertThat(completeP.logits()).isEqualTo(muP.logits());
    assertThat(completeP.attention()).isEqualTo(muP.attention());
  }

  @Test
  void namesLeadBackToParameterizations() {
    assertThat(all()).extracting(Parameterization::name)
        .containsExactly("standard", "mup", "supar", "completep", "completep-0.5", "product", "product-0.5");
    for (Parameterization parameterization : all()) {
      assertThat(Parameterization.named(parameterization.name())).isEqualTo(parameterization);
    }
    assertThat(Parameterization.named("completep-0.75")).isEqualTo(Parameterization.completeP(0.75));
    assertThat(Parameterization.named("product-0.75")).isEqualTo(Parameterization.product(0.75));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mup-0.5", "completep-", "completep-half", "µP", ""})
  void unknownNamesAreRefusedWithThoseThereAre(String name) {
    assertThatThrownBy(() -> Parameterization.named(name)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'" + name + "'", "standard", "mup", "supar", "completep", "product");
  }

  @ParameterizedTest
  @ValueSource(strings = {"completep-0.4", "product-1.1", "completep-NaN"})
  void impossibleDepthExponentsAreRefused(String name) {
    assertThatThrownBy(() -> Parameterization.named(name)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("depth exponent", "0.5 to 1");
  }

  @Test
  void aTableWithoutARowForEveryRoleIsRefused() {
    Map<Role, Rule> rules = new EnumMap<>(Map.of(Role.QUERY_KEY_VALUE, Rule.STANDARD));

    assertThatThrownBy(() -> new Parameterization("half", rules, Monomial.ONE, Monomial.ONE, AttentionScaling.INVERSE))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll("'half'", "token embedding");
  }

  @Test
  void monomialsWriteThemselvesAsFormulas() {
    Monomial monomial = new Monomial(-1, -0.5, 1, 2);

    assertThat(monomial.formula(Role.QUERY_KEY_VALUE)).isEqualTo("m_N^-1.5·m_L·m_ρ^2");
    assertThat(monomial.formula(Role.FEED_FORWARD_OUT)).isEqualTo("m_N^-1·m_F^-0.5·m_L·m_ρ^2");
    assertThat(Monomial.ONE.formula(Role.FEED_FORWARD_OUT)).isEqualTo("1");
  }

  @Test
  void aModelKnowsItsScaleRelativeToAnother() {
    TransformerConfig base = TransformerConfig.gpt(65, 32, 2, 2, 64);
    TransformerConfig model = new TransformerConfig(
        65, 32, 6, 8, 128, 128, true, false, base.normalization(), base.activation(), 1e-5, 0.25);

    assertThat(model.relativeTo(base)).isEqualTo(new Scale(2, 0.5, 3, 0.25, 16, 32));
    assertThat(base.relativeTo(base)).isEqualTo(Scale.base(32));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void impossibleScalesAreRefused(double width) {
    assertThatThrownBy(() -> new Scale(width, 1, 1, 1, 1, 1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("width");
  }

  @Test
  void impossibleHyperparametersAreRefusedByName() {
    String[] names = {"initStd", "learningRate", "weightDecay", "epsilon", "inputMultiplier", "outputMultiplier"};
    for (int i = 0; i < names.length; i++) {
      double[] values = new double[6];
      Arrays.fill(values, 1);
      values[i] = Double.NaN;

      assertThatThrownBy(() ->
          new BaseHyperparameters(values[0], values[1], values[2], values[3], values[4], values[5]))
          .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(names[i] + " is NaN");
    }
  }
}
