package dev.pantograph.backends.reference;

import dev.pantograph.spi.Norm;
import dev.pantograph.spi.NormGradient;
import dev.pantograph.spi.View;
import org.jspecify.annotations.Nullable;

/** Layer and RMS normalisation and their gradients; the operands {@code [..., C]} are read as {@code [rows, C]}. */
final class ReferenceNorm {
  private ReferenceNorm() {}

  static void run(Norm kernel) {
    long rows = kernel.out().shape().rows();
    long channels = kernel.out().size(-1);
    Elements out = Elements.rows(kernel.out());
    Elements inverseStd = Elements.of(kernel.inverseStd());
    Elements x = Elements.rows(kernel.x());
    double[] gain = orConstant(kernel.gain(), channels, 1);
    double[] bias = orConstant(kernel.bias(), channels, 0);
    for (long row = 0; row < rows; row++) {
      double mu = 0;
      if (kernel.mean() != null) {
        mu = mean(x, row, channels);
        Elements.of(kernel.mean()).set(row, mu);
      }
      double squares = 0;
      for (long c = 0; c < channels; c++) {
        double deviation = x.get(row, c) - mu;
        squares += deviation * deviation;
      }
      double rho = 1 / Math.sqrt(squares / channels + kernel.epsilon());
      for (int c = 0; c < channels; c++) {
        out.set(row, c, gain[c] * (x.get(row, c) - mu) * rho + bias[c]);
      }
      inverseStd.set(row, rho);
    }
  }

  private static double mean(Elements x, long row, long channels) {
    double sum = 0;
    for (long c = 0; c < channels; c++) {
      sum += x.get(row, c);
    }
    return sum / channels;
  }

  static void run(NormGradient kernel) {
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
    Normalized normalized = Normalized.of(kernel);
    double[] gain = orConstant(kernel.gain(), channels, 1);
    for (long row = 0; row < rows; row++) {
      double sumG = 0;
      double sumGx = 0;
      for (int c = 0; c < channels; c++) {
        double g = dOut.get(row, c) * gain[c];
        sumG += g;
        sumGx += g * normalized.get(row, c);
      }
      double meanG = kernel.mean() == null ? 0 : sumG / channels;
      for (int c = 0; c < channels; c++) {
        double g = dOut.get(row, c) * gain[c];
        double gradient =
            inverseStd.get(row) * (g - meanG - normalized.get(row, c) * (sumGx / channels));
        dx.set(row, c, kernel.accumulate() ? dx.get(row, c) + gradient : gradient);
      }
    }
  }

  private static void addGainGradient(NormGradient kernel, Elements dGain) {
    Elements dOut = Elements.rows(kernel.dOut());
    Normalized normalized = Normalized.of(kernel);
    for (long c = 0; c < kernel.dx().size(-1); c++) {
      double sum = 0;
      for (long row = 0; row < kernel.dx().shape().rows(); row++) {
        sum += dOut.get(row, c) * normalized.get(row, c);
      }
      dGain.set(c, dGain.get(c) + sum);
    }
  }

  private static void addBiasGradient(NormGradient kernel, Elements dBias) {
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
  private record Normalized(Elements x, @Nullable Elements mean, Elements inverseStd) {
    static Normalized of(NormGradient kernel) {
      return new Normalized(
          Elements.rows(kernel.x()), Elements.ofNullable(kernel.mean()), Elements.of(kernel.inverseStd()));
    }

    double get(long row, long c) {
      return (x.get(row, c) - (mean == null ? 0 : mean.get(row))) * inverseStd.get(row);
    }
  }

  private static double[] orConstant(@Nullable View view, long channels, double constant) {
    double[] values = new double[Math.toIntExact(channels)];
    for (int c = 0; c < values.length; c++) {
      values[c] = view == null ? constant : Elements.of(view).get(c);
    }
    return values;
  }
}
