package dev.pantograph.backends.reference;

import dev.pantograph.spi.LayerNorm;
import dev.pantograph.spi.LayerNormGradient;
import dev.pantograph.spi.View;
import org.jspecify.annotations.Nullable;

/** Layer normalisation and its gradient; the operands {@code [..., C]} are read as {@code [rows, C]}. */
final class ReferenceLayerNorm {
  private ReferenceLayerNorm() {}

  static void run(LayerNorm kernel) {
    long rows = kernel.out().shape().rows();
    long channels = kernel.out().size(-1);
    Elements out = Elements.rows(kernel.out());
    Elements mean = Elements.of(kernel.mean());
    Elements inverseStd = Elements.of(kernel.inverseStd());
    Elements x = Elements.rows(kernel.x());
    double[] gain = orConstant(kernel.gain(), channels, 1);
    double[] bias = orConstant(kernel.bias(), channels, 0);
    for (long row = 0; row < rows; row++) {
      double sum = 0;
      for (long c = 0; c < channels; c++) {
        sum += x.get(row, c);
      }
      double mu = sum / channels;
      double squares = 0;
      for (long c = 0; c < channels; c++) {
        double deviation = x.get(row, c) - mu;
        squares += deviation * deviation;
      }
      double rho = 1 / Math.sqrt(squares / channels + kernel.epsilon());
      for (int c = 0; c < channels; c++) {
        out.set(row, c, gain[c] * (x.get(row, c) - mu) * rho + bias[c]);
      }
      mean.set(row, mu);
      inverseStd.set(row, rho);
    }
  }

  static void run(LayerNormGradient kernel) {
    // First the sums over rows: dx may lie where dOut is.
    if (kernel.dGain() != null) {
      addGainGradient(kernel, Elements.of(kernel.dGain()));
    }
    if (kernel.dBias() != null) {
      addBiasGradient(kernel, Elements.of(kernel.dBias()));
    }
    long rows = kernel.dx().shape().rows();
    long channels = kernel.dx().size(-1);
    Elements dx = Elements.rows(kernel.dx());
    Elements dOut = Elements.rows(kernel.dOut());
    Elements inverseStd = Elements.of(kernel.inverseStd());
    double[] gain = orConstant(kernel.gain(), channels, 1);
    for (long row = 0; row < rows; row++) {
      double sumG = 0;
      double sumGx = 0;
      for (int c = 0; c < channels; c++) {
        double g = dOut.get(row, c) * gain[c];
        sumG += g;
        sumGx += g * normalized(kernel, row, c);
      }
      for (int c = 0; c < channels; c++) {
        double g = dOut.get(row, c) * gain[c];
        double gradient =
            inverseStd.get(row) * (g - sumG / channels - normalized(kernel, row, c) * (sumGx / channels));
        dx.set(row, c, kernel.accumulate() ? dx.get(row, c) + gradient : gradient);
      }
    }
  }

  private static void addGainGradient(LayerNormGradient kernel, Elements dGain) {
    Elements dOut = Elements.rows(kernel.dOut());
    for (long c = 0; c < kernel.dx().size(-1); c++) {
      double sum = 0;
      for (long row = 0; row < kernel.dx().shape().rows(); row++) {
        sum += dOut.get(row, c) * normalized(kernel, row, c);
      }
      dGain.set(c, dGain.get(c) + sum);
    }
  }

  private static void addBiasGradient(LayerNormGradient kernel, Elements dBias) {
    Elements dOut = Elements.rows(kernel.dOut());
    for (long c = 0; c < kernel.dx().size(-1); c++) {
      double sum = 0;
      for (long row = 0; row < kernel.dx().shape().rows(); row++) {
        sum += dOut.get(row, c);
      }
      dBias.set(c, dBias.get(c) + sum);
    }
  }

  /** {@code x̂ = (x − mean)·inverseStd}. */
  private static double normalized(LayerNormGradient kernel, long row, long c) {
    Elements x = Elements.rows(kernel.x());
    return (x.get(row, c) - Elements.of(kernel.mean()).get(row)) * Elements.of(kernel.inverseStd()).get(row);
  }

  private static double[] orConstant(@Nullable View view, long channels, double constant) {
    double[] values = new double[Math.toIntExact(channels)];
    for (int c = 0; c < values.length; c++) {
      values[c] = view == null ? constant : Elements.of(view).get(c);
    }
    return values;
  }
}
