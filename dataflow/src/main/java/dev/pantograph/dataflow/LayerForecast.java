package dev.pantograph.dataflow;

import dev.pantograph.dataflow.StreamedProduct.Stream;
import java.util.Comparator;
import java.util.List;

/**
 * The three products of a linear layer that is not built.
 *
 * @param forward y = x·Wᵀ
 * @param weightGradient dW = dyᵀ·x, where there are weights
 * @param inputGradient dx = dy·W
 */
public record LayerForecast(
    StreamedProduct forward, StreamedProduct weightGradient, StreamedProduct inputGradient) {

  /**
   * The forecast of a layer with a weight {@code [outputs, inputs]}.
   *
   * @throws dev.pantograph.spi.KernelException if the activations of a single token do not fit
   */
  public static LayerForecast of(
      Wafer wafer, long outputs, long inputs, double density, Masks masks, double tokens) {
    Occupancy weight = masks.of(outputs, inputs, density);
    return new LayerForecast(StreamedProduct.of(wafer, weight, tokens, Stream.WEIGHT),
        StreamedProduct.of(wafer, weight, tokens, Stream.GRADIENT),
        StreamedProduct.of(wafer, masks.of(inputs, outputs, density), tokens, Stream.WEIGHT));
  }

  /** In the order of their execution. */
  public List<StreamedProduct> products() {
    return List.of(forward, weightGradient, inputGradient);
  }

  /** The time of the three. */
  public double seconds() {
    return products().stream().mapToDouble(StreamedProduct::seconds).sum();
  }

  /** Share of the wafer's arithmetic that is used. */
  public double utilisation() {
    return products().stream().mapToDouble(StreamedProduct::compute).sum() / seconds();
  }

  /** The longest of the three. */
  public StreamedProduct longest() {
    return products().stream().max(Comparator.comparingDouble(StreamedProduct::seconds)).orElse(forward);
  }
}
