package dev.pantograph.dataflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.pantograph.dataflow.Occupancy.Even;
import dev.pantograph.dataflow.Occupancy.Random;
import dev.pantograph.spi.SparseIndices.Mask;
import dev.pantograph.spi.SparsePattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OccupancyTest {
  /** Block by block and window by window, from the mask itself. */
  private static long slowest(int outputs, int inputs, Mask mask, int blocks, int window) {
    long sum = 0;
    for (int begin = 0; begin < outputs; begin += window) {
      long most = 0;
      int input = 0;
      for (int block = 0; block < blocks; block++) {
        int end = input + inputs / blocks + (block < inputs % blocks ? 1 : 0);
        long count = 0;
        for (; input < end; input++) {
          for (int output = begin; output < Math.min(outputs, begin + window); output++) {
            count += mask.at(output, input) ? 1 : 0;
          }
        }
        most = Math.max(most, count);
      }
      sum += most;
    }
    return sum;
  }

  @ParameterizedTest
  @CsvSource({"1,1", "7,5", "53,1", "53,100", "10,16"})
  void aPatternIsCountedAsItsMask(int blocks, int window) {
    Mask mask = TestMasks.random(53, 0.3, 11);
    SparsePattern pattern = TestMasks.pattern(71, 53, mask);
    assertThat(PatternOccupancy.byRows(pattern).slowest(blocks, window))
        .isEqualTo(slowest(71, 53, mask, blocks, window));
    assertThat(PatternOccupancy.byColumns(pattern).slowest(blocks, window))
        .isEqualTo(slowest(53, 71, (row, column) -> mask.at(column, row), blocks, window));
  }

  @ParameterizedTest
  @CsvSource({"0.5,16,8", "0.1,50,33", "0.02,96,1", "0.9,7,200"})
  void theExpectationIsTheMeanOfManyMasks(double density, int blocks, int window) {
    double sum = 0;
    int masks = 100;
    for (int seed = 0; seed < masks; seed++) {
      sum += TestMasks.occupancy(200, 100, TestMasks.random(100, density, seed)).slowest(blocks, window);
    }
    assertThat(new Random(200, 100, density).slowest(blocks, window)).isCloseTo(sum / masks, withinPercentage(1.5));
  }

  @Test
  void theGreatestOfThreeCoins() {
    Binomial coin = new Binomial(1, 0.5);
    assertThat(Binomial.expectedMaximum(coin, 3, coin, 0)).isCloseTo(7.0 / 8, within(1e-12));
    Binomial two = new Binomial(2, 0.25);
    double atMostOne = 15.0 / 16;
    double none = 9.0 / 16;
    assertThat(Binomial.expectedMaximum(coin, 1, two, 1))
        .isCloseTo((1 - 0.5 * none) + (1 - atMostOne), within(1e-12));
    assertThat(Binomial.expectedMaximum(new Binomial(50, 1), 9, new Binomial(51, 1), 1)).isEqualTo(51);
  }

  @Test
  void moreBlocksAndNarrowerWindowsWaitLonger() {
    Random weight = new Random(1024, 1024, 0.1);
    double even = weight.even(128);
    assertThat(weight.slowest(128, 1024)).isBetween(even * 1.02, even * 1.3);
    assertThat(weight.slowest(128, 1)).isGreaterThan(2 * even);
    assertThat(new Random(1024, 1024, 1).slowest(100, 7)).isEqualTo(new Even(1024, 1024, 1).slowest(100, 7));
  }

  @Test
  void aWeightWithoutWeightsIsRefused() {
    assertThatThrownBy(() -> new Random(4, 4, 0)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[4, 4] of density 0.0");
  }
}
