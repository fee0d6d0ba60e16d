package dev.pantograph.backends.wafer;

import dev.pantograph.dataflow.Occupancy;
import dev.pantograph.dataflow.PatternOccupancy;
import dev.pantograph.dataflow.StreamedProduct;
import dev.pantograph.dataflow.StreamedProduct.Stream;
import dev.pantograph.dataflow.Wafer;
import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.DeviceModel;
import dev.pantograph.spi.Embedding;
import dev.pantograph.spi.EmbeddingGradient;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Kernel.Access;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Prediction;
import dev.pantograph.spi.Prediction.Bound;
import dev.pantograph.spi.SampledMatMul;
import dev.pantograph.spi.SparseMatMul;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.View;
import java.util.List;
import java.util.Locale;

/**
 * What kernels would take on a {@link Wafer}. A sparse product is a {@link StreamedProduct} of its actual mask; a dense
 * one of a dense weight, whatever zeros it holds. Which factor of a {@link MatMul} is the weight, the layout tells: the
 * right one, unless the left one is transposed, which makes the result the gradient of a weight.
 *
 * <p>Embeddings cross the link row by row. The optimizer runs beside the memory outside, behind the step. All else is
 * work on activations where they are.
 */
final class WaferModel implements DeviceModel {
  private static final Prediction NOTHING = new Prediction(0, Bound.COMPUTE);
  private static final Prediction OUTSIDE = new Prediction(0, Bound.HIDDEN);

  private final Wafer wafer;

  WaferModel(Wafer wafer) {
    this.wafer = wafer;
  }

  @Override
  public String name() {
    return wafer.name();
  }

  @Override
  public String title() {
    return String.format(Locale.ROOT,
        "Predicted time of one step's kernels on '%s', simulated (%.4g FLOP/s, weights at %.4g bytes/s)",
        wafer.name(), wafer.flopsPerSecond(), wafer.weights().bytesPerSecond().value());
  }

  @Override
  public List<String> remarks() {
    return List.of("A prediction, not a measurement; assumed: " + String.join(", ", wafer.assumptions()) + ".",
        "'to dense': the time if no weight were left out, over that of the mask.");
  }

  @Override
  public double flopsPerSecond() {
    return wafer.flopsPerSecond();
  }

  @Override
  public Prediction predict(Kernel kernel) {
    return switch (kernel) {
      case MatMul k when k.flops() == 0 -> NOTHING;
      case MatMul k when k.out().rank() > 2 -> onActivations(k);
      case MatMul k -> product(k);
      case SparseMatMul k -> product(k.pattern(), k.tokens(), k.transposed()
          ? PatternOccupancy.byRows(k.pattern()) : PatternOccupancy.byColumns(k.pattern()), Stream.WEIGHT);
      case SampledMatMul k ->
          product(k.pattern(), k.tokens(), PatternOccupancy.byRows(k.pattern()), Stream.GRADIENT);
      case Embedding k -> overLink(k.out());
      case EmbeddingGradient k -> overLink(k.dOut());
      case AdamW _, SquaredNorm _ -> OUTSIDE;
      default -> onActivations(kernel);
    };
  }

  private Prediction product(MatMul k) {
    boolean isGradient = k.a().stride(-1) != 1;
    StreamedProduct dense = isGradient
        ? StreamedProduct.of(wafer, new Occupancy.Even(k.m(), k.n(), 1), k.k(), Stream.GRADIENT)
        : StreamedProduct.of(wafer, new Occupancy.Even(k.n(), k.k(), 1), k.m(), Stream.WEIGHT);
    return new Prediction(dense.seconds(), dense.bound());
  }

  private Prediction product(SparsePattern pattern, long tokens, Occupancy weight, Stream stream) {
    if (pattern.nonZeros() == 0 || tokens == 0) {
      return NOTHING;
    }
    StreamedProduct sparse = StreamedProduct.of(wafer, weight, tokens, stream);
    Occupancy all = new Occupancy.Even(weight.outputs(), weight.inputs(), 1);
    return new Prediction(sparse.seconds(), StreamedProduct.of(wafer, all, tokens, stream).seconds(), sparse.bound());
  }

  private Prediction overLink(View rows) {
    return new Prediction(
        rows.elements() * wafer.weights().valueBytes().value() / wafer.weights().bytesPerSecond().value(), Bound.LINK);
  }

  private Prediction onActivations(Kernel kernel) {
    double compute = kernel.flops() / wafer.flopsPerSecond();
    long elements = 0;
    for (Kernel.Operand operand : kernel.operands()) {
      elements += operand.view().elements() * (operand.access() == Access.UPDATE ? 2 : 1);
    }
    double memory = elements * wafer.weights().valueBytes().value() / wafer.memory().bytesPerSecond().value();
    return new Prediction(Math.max(compute, memory), compute > memory ? Bound.COMPUTE : Bound.MEMORY);
  }
}
