package dev.pantograph.core.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.sparse.TopologySchedule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransformerFlopsTest {
  private static TransformerFlops gpt(int layers, int width) {
    return TransformerFlops.of(TransformerConfig.gpt(50_257, 2048, layers, width / 64, width), 2048);
  }

  /** The reductions that SPDF's accounting gives; of the 1.3B model at 75 % the paper publishes 2.5. */
  @ParameterizedTest
  @CsvSource({
    "12,   768, 0.5266, 1.357, 1.653, 1.728, 1.901",
    "24,  2048, 0.7988, 1.665, 2.494, 2.770, 3.558",
    "32,  4096, 0.8966, 1.813, 3.053, 3.537, 5.180",
    "96, 12288, 0.9696, 1.941, 3.666, 4.458, 7.853"})
  void reductionsAreThePublishedOnes(
      int layers, int width, double share, double half, double quarter, double fifth, double tenth) {
    TransformerFlops flops = gpt(layers, width);

    assertThat(flops.hiddenShare()).isCloseTo(share, within(5e-5));
    assertThat(flops.reduction(0.5)).isCloseTo(half, within(5e-4));
    assertThat(flops.reduction(0.25)).isCloseTo(quarter, within(5e-4));
    assertThat(flops.reduction(0.2)).isCloseTo(fifth, within(5e-4));
    assertThat(flops.reduction(0.1)).isCloseTo(tenth, within(5e-4));
  }

  @Test
  void aSparsePhaseBeforeADenseOneSavesTwoThirds() {
    // 6.7B: 62 523 steps at density 0.1 and 9 379 dense ones, against 62 523 dense ones.
    TransformerFlops flops = gpt(32, 4096);
    double variable = flops.training(new TopologySchedule.SparseToDense(62_523), 0.1, 71_902);

    assertThat(variable / (62_523 * flops.training(1))).isCloseTo(0.343, within(5e-4));
  }

  @Test
  void aStepThatGrowsByGradientsIsDearer() {
    assertThat(TransformerFlops.meanGrowingStep(0.25, 100)).isCloseTo(0.252475, within(5e-7));
    assertThat(TransformerFlops.meanGrowingStep(0.1, 100)).isCloseTo(0.102970, within(5e-7));

    TransformerFlops weightsAlone = new TransformerFlops(1, 0, 0);
    TopologySchedule rigl = new TopologySchedule.Dynamic(true, 101, 0.3, 1_000_000);
    assertThat(weightsAlone.training(rigl, 0.25, 10_100) / 10_100 / weightsAlone.training(1))
        .isCloseTo(0.252475, within(5e-7));
    TopologySchedule set = new TopologySchedule.Dynamic(false, 101, 0.3, 1_000_000);
    assertThat(weightsAlone.training(set, 0.25, 1010)).isCloseTo(1010 * 0.75, within(1e-9));
  }

  @Test
  void theCountIsThatOfSixForEachParameterInEffect() {
    TransformerConfig config = TransformerConfig.gpt(100, 32, 3, 2, 64);
    TransformerFlops flops = TransformerFlops.of(config, 32);
    // Norms multiply nothing; the convention of 6·N counts their gains all the same.
    double gains = 6.0 * 7 * 64;

    assertThat(flops.training(1)).isEqualTo(config.trainingFlopsPerToken(32) - gains);
    assertThat(config.activation(FeedForwardActivation.SWIGLU).hiddenWeights())
        .isEqualTo(3L * 64 * 64 * (3 + 1 + 8 + 4));
  }
}
