package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.spi.Norm;
import dev.pantograph.spi.NormGradient;
import dev.pantograph.spi.View;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VectorNormTest {
  private static final double EPSILON = 1e-5;

  private static Norm kernel(Operands o, int rows, int width, boolean centred, boolean affine) {
    return new Norm(o.normal("out", rows, width), centred ? o.normal("mean", rows) : null, o.normal("inverseStd", rows),
        o.normal("x", rows, width), affine ? o.normal("gain", width) : null, affine ? o.normal("bias", width) : null,
        EPSILON);
  }

  private static NormGradient gradientKernel(
      Operands o, int rows, int width, boolean centred, boolean affine, boolean accumulate, boolean inPlace) {
    View dOut = o.normal("dOut", rows, width);
    View dx = inPlace ? dOut : o.normal("dx", rows, width);
    return new NormGradient(dx, affine ? o.normal("dGain", width) : null, affine ? o.normal("dBias", width) : null,
        dOut, o.normal("x", rows, width), centred ? o.normal("mean", rows) : null, o.normal("inverseStd", rows),
        affine ? o.normal("gain", width) : null, accumulate);
  }

  @ParameterizedTest
  @CsvSource({
    "0,5,true,true", "1,1,true,true", "3,2,true,false", "7,16,false,true", "5,17,true,true", "9,31,false,true",
    "301,67,true,false", "129,256,true,true", "130,256,false,false", "2,20011,true,true", "2,20011,false,true"
  })
  void normalisesRows(int rows, int width, boolean centred, boolean affine) {
    var kernel = new AtomicReference<Norm>();
    try (Operands operands = Operands.run(rows + width, 2, o -> {
      kernel.set(kernel(o, rows, width, centred, affine));
      return kernel.get();
    })) {
      assertThat(operands).isNotNull();
      Norm k = kernel.get();
      KernelTolerance tolerance = KernelTolerance.ofLength(width);
      for (int r = 0; r < rows; r++) {
        double sum = 0;
        double magnitude = 0;
        for (int c = 0; c < width; c++) {
          sum += Operands.get(k.x(), r, c);
          magnitude += Math.abs(Operands.get(k.x(), r, c));
        }
        double mean = centred ? sum / width : 0;
        double squares = 0;
        for (int c = 0; c < width; c++) {
          squares += Math.pow(Operands.get(k.x(), r, c) - mean, 2);
        }
        double inverseStd = 1 / Math.sqrt(squares / width + EPSILON);
        assertThat(Operands.getOr(0, k.mean(), r)).isCloseTo(mean, within(tolerance.of(magnitude / width)));
        // An error e of a value, relative to the standard deviation, is one of at most e of inverseStd.
        double relative = tolerance.of(1 + magnitude / width * inverseStd);
        assertThat(Operands.get(k.inverseStd(), r)).isCloseTo(inverseStd, within(relative * inverseStd));
        for (int c = 0; c < width; c++) {
          double gain = Operands.getOr(1, k.gain(), c);
          double bias = Operands.getOr(0, k.bias(), c);
          double normal = (Operands.get(k.x(), r, c) - mean) * inverseStd;
          assertThat(Operands.get(k.out(), r, c))
              .isCloseTo(gain * normal + bias, within(2 * relative * magnitudeOf(gain, normal, bias)));
        }
      }
    }
  }

  private static double magnitudeOf(double gain, double normal, double bias) {
    return Math.abs(gain) * (1 + Math.abs(normal)) + Math.abs(bias);
  }

  @ParameterizedTest
  @CsvSource({
    "0,5,true,true,false,false", "1,1,true,true,true,false", "3,2,true,false,false,true", "7,16,false,true,true,false",
    "5,17,true,true,false,true", "9,31,false,true,false,true", "301,67,true,true,false,false",
    "129,256,true,false,true,false", "3,20011,true,true,false,false", "3,20011,false,true,true,false"
  })
  void theGradientMatchesTheFormula(
      int rows, int width, boolean centred, boolean affine, boolean accumulate, boolean inPlace) {
    var kernel = new AtomicReference<NormGradient>();
    try (Operands operands = Operands.run(rows + width, 2, o -> {
      kernel.set(gradientKernel(o, rows, width, centred, affine, accumulate, inPlace));
      return kernel.get();
    })) {
      NormGradient k = kernel.get();
      double[][] sums = new double[4][width];
      for (int r = 0; r < rows; r++) {
        checkRow(operands, k, r, width, sums);
      }
      KernelTolerance tolerance = KernelTolerance.ofLength(rows);
      for (int c = 0; c < width && affine; c++) {
        double dGain = operands.before(k.dGain(), c);
        double dBias = operands.before(k.dBias(), c);
        assertThat(Operands.getOr(0, k.dGain(), c))
            .isCloseTo(dGain + sums[0][c], within(tolerance.of(sums[1][c] + Math.abs(dGain))));
        assertThat(Operands.getOr(0, k.dBias(), c))
            .isCloseTo(dBias + sums[2][c], within(tolerance.of(sums[3][c] + Math.abs(dBias))));
      }
    }
  }

  /** Checks a row of dx; adds its terms of dGain, |dGain|, dBias and |dBias| to the sums. */
  private static void checkRow(Operands operands, NormGradient k, int r, int width, double[][] sums) {
    double s = Operands.get(k.inverseStd(), r);
    double[] g = new double[width];
    double[] normal = new double[width];
    double sumG = 0;
    double sumGx = 0;
    double magnitudeG = 0;
    double magnitudeGx = 0;
    for (int c = 0; c < width; c++) {
      double dOut = operands.before(k.dOut(), r, c);
      double x = Operands.get(k.x(), r, c);
      double mean = Operands.getOr(0, k.mean(), r);
      normal[c] = (x - mean) * s;
      g[c] = dOut * Operands.getOr(1, k.gain(), c);
      sumG += g[c];
      sumGx += g[c] * normal[c];
      magnitudeG += Math.abs(g[c]);
      magnitudeGx += Math.abs(g[c]) * (Math.abs(x) + Math.abs(mean)) * Math.abs(s);
      sums[0][c] += dOut * normal[c];
      sums[1][c] += Math.abs(dOut) * (Math.abs(x) + Math.abs(mean)) * Math.abs(s);
      sums[2][c] += dOut;
      sums[3][c] += Math.abs(dOut);
    }
    double meanG = k.mean() == null ? 0 : sumG / width;
    KernelTolerance tolerance = KernelTolerance.ofLength(width);
    for (int c = 0; c < width; c++) {
      double old = k.accumulate() ? operands.before(k.dx(), r, c) : 0;
      double expected = old + s * (g[c] - meanG - normal[c] * sumGx / width);
      double size = Math.abs(Operands.get(k.x(), r, c)) + Math.abs(Operands.getOr(0, k.mean(), r));
      double magnitude = Math.abs(old)
          + Math.abs(s) * (Math.abs(g[c]) + magnitudeG / width + size * Math.abs(s) * magnitudeGx / width);
      assertThat(Operands.get(k.dx(), r, c)).isCloseTo(expected, within(tolerance.of(magnitude)));
    }
  }

  @Test
  void theBitsDoNotDependOnThreads() {
    Operands.assertSameBitsOnAnyThreads(1, o -> kernel(o, 500, 131, true, true));
    Operands.assertSameBitsOnAnyThreads(2, o -> gradientKernel(o, 500, 331, true, true, true, false));
  }
}
