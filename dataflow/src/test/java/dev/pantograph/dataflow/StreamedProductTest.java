package dev.pantograph.dataflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.pantograph.dataflow.Occupancy.Even;
import dev.pantograph.dataflow.Occupancy.Random;
import dev.pantograph.dataflow.StreamedProduct.Stream;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.Prediction.Bound;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class StreamedProductTest {
  private static final long LAYER = 12288;
  private static final double UNLIMITED = 1e60;

  private static StreamedProduct product(Wafer wafer, double density, double tokens) {
    return StreamedProduct.of(wafer, new Even(LAYER, LAYER, density), tokens, Stream.WEIGHT);
  }

  @ParameterizedTest
  @CsvSource({"0.5,2", "0.25,4", "0.2,5", "0.1,10"})
  void anIdealWaferGainsOneOverDensity(double density, double gain) {
    double dense = product(Wafers.ideal(), 1, 65536).seconds();
    assertThat(dense).isCloseTo(2.0 * LAYER * LAYER * 65536 / Wafers.PEAK, withinPercentage(1e-9));
    assertThat(dense / product(Wafers.ideal(), density, 65536).seconds()).isCloseTo(gain, within(1e-9));
  }

  @Test
  void boundByArithmeticTheTimeGrowsWithTokensTimesDensity() {
    StreamedProduct one = product(Wafers.ideal(), 0.5, 4096);
    assertThat(one.bound()).isEqualTo(Bound.COMPUTE);
    assertThat(one.utilisation()).isCloseTo(1, within(1e-9));
    assertThat(product(Wafers.ideal(), 0.5, 8192).seconds()).isCloseTo(2 * one.seconds(), withinPercentage(1e-9));
    assertThat(product(Wafers.ideal(), 0.125, 4096).seconds()).isCloseTo(one.seconds() / 4, withinPercentage(1e-9));
  }

  @Test
  void boundByTheLinkTheTimeGrowsWithDensityTimesBytesAndNotWithTokens() {
    Wafer wafer = Wafers.ideal(1e9);
    StreamedProduct one = product(wafer, 0.5, 1);
    assertThat(one.bound()).isEqualTo(Bound.LINK);
    assertThat(one.seconds()).isCloseTo(0.5 * LAYER * LAYER * 4 / 1e9, withinPercentage(1e-9));
    assertThat(product(wafer, 0.5, 64).seconds()).isCloseTo(one.seconds(), withinPercentage(1e-9));
    assertThat(product(wafer, 0.125, 1).seconds()).isCloseTo(one.seconds() / 4, withinPercentage(1e-9));
    assertThat(product(wafer, 1, 1).seconds()).as("a dense weight needs no indices")
        .isCloseTo(one.seconds(), withinPercentage(1e-9));
    assertThat(StreamedProduct.of(wafer, new Even(LAYER, LAYER, 0.5), 1, Stream.GRADIENT).seconds())
        .as("nor does a gradient").isCloseTo(one.seconds() / 2, withinPercentage(1e-9));
  }

  @Test
  void soManyTokensKeepTheCoresBusyThatTheLinkFeeds() {
    double balance = Wafers.PEAK * 2 / (2 * 150e9);
    assertThat(balance).isCloseTo(4.99e4, withinPercentage(0.1));
    assertThat(product(Wafers.ideal(150e9), 1, balance * 0.99).bound()).isEqualTo(Bound.LINK);
    assertThat(product(Wafers.ideal(150e9), 1, balance * 1.01).bound()).isEqualTo(Bound.COMPUTE);
  }

  @Test
  void whatTheMaskGivesOneBlockAllOthersWaitFor() {
    Wafer wafer = Wafers.with(64, 1e12, UNLIMITED, UNLIMITED, UNLIMITED);
    Occupancy fourColumns = TestMasks.occupancy(256, 256, (_, column) -> column < 4);
    StreamedProduct lopsided = StreamedProduct.of(wafer, fourColumns, 1, Stream.WEIGHT);
    StreamedProduct even = StreamedProduct.of(wafer, new Even(256, 256, 4.0 / 256), 1, Stream.WEIGHT);
    assertThat(lopsided.blocks()).as("one token leaves nothing else to share").isEqualTo(64);
    assertThat(lopsided.bound()).isEqualTo(Bound.IMBALANCE);
    assertThat(lopsided.seconds()).isCloseTo(64 * even.seconds(), withinPercentage(1e-6));
  }

  @ParameterizedTest
  @EnumSource(Stream.class)
  void aSlowFabricIsTheBound(Stream stream) {
    Wafer wafer = Wafers.with(4096, 1e15, UNLIMITED, 1e12, UNLIMITED);
    assertThat(StreamedProduct.of(wafer, new Random(1024, 1024, 0.25), 512, stream).bound()).isEqualTo(Bound.FABRIC);
  }

  @Test
  void activationsThatDoNotFitStreamTheWeightAgain() {
    double bytesOfToken = 2 * 2 * 1024;
    Wafer wafer = Wafers.with(1, 1e15, 256 * bytesOfToken, UNLIMITED, 1e9);
    StreamedProduct fits = StreamedProduct.of(wafer, new Even(1024, 1024, 1), 256, Stream.WEIGHT);
    StreamedProduct thrice = StreamedProduct.of(wafer, new Even(1024, 1024, 1), 600, Stream.WEIGHT);
    assertThat(fits.passes()).isEqualTo(1);
    assertThat(thrice.passes()).isEqualTo(3);
    assertThat(thrice.link()).isCloseTo(3 * fits.link(), withinPercentage(1e-9));
    Wafer tiny = Wafers.with(1, 1e15, bytesOfToken / 2, UNLIMITED, 1e9);
    assertThatThrownBy(() -> StreamedProduct.of(tiny, new Even(1024, 1024, 1), 600, Stream.WEIGHT))
        .isInstanceOf(KernelException.class).hasMessageContaining("[1024, 1024]")
        .hasMessageContaining("activations of one token");
  }

  @Test
  void aSmallLayerOnARealWaferOnlyCrossesIt() {
    Wafer wafer = WaferDescription.read("wse-2");
    StreamedProduct small = StreamedProduct.of(wafer, new Even(64, 64, 1), 64, Stream.WEIGHT);
    assertThat(small.bound()).isEqualTo(Bound.FILL);
    assertThat(small.fill()).isCloseTo(2 * Math.sqrt(850_000) / 1.1e9, withinPercentage(1e-6));
  }
}
