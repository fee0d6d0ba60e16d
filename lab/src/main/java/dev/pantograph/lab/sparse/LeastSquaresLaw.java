package dev.pantograph.lab.sparse;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.hipparchus.exception.MathIllegalStateException;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LeastSquaresBuilder;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LeastSquaresOptimizer.Optimum;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LevenbergMarquardtOptimizer;
import org.hipparchus.util.Pair;

/**
 * Fits {@link ParameterLaw} by least squares on ln L, with Levenberg–Marquardt. The unknowns are the logarithms of the
 * law's three terms at the middle of the observations, and the two exponents: about the middle, terms and exponents
 * hardly depend on each other, as A and α do. Every term stays positive, exponents between 0 and
 * {@value #LARGEST_EXPONENT}.
 */
final class LeastSquaresLaw {
  private static final double LARGEST_EXPONENT = 4;
  /** Logarithm of what counts as no term at all, nats. */
  private static final double LEAST_TERM = -9;
  /** Flat valleys make some starts creep; what has not arrived by then is dropped. */
  private static final int EVALUATIONS = 300;
  private static final double TOLERANCE = 1e-8;

  /**
   * One training.
   *
   * @param parameters N
   * @param tokens D
   * @param loss nats per token
   */
  record Observation(double parameters, double tokens, double loss) {}

  private final List<Observation> observations;
  private final double middleParameters;
  private final double middleTokens;
  private final double middleLoss;

  private LeastSquaresLaw(List<Observation> observations) {
    this.observations = observations;
    middleParameters = observations.stream().mapToDouble(o -> Math.log(o.parameters())).average().orElse(0);
    middleTokens = observations.stream().mapToDouble(o -> Math.log(o.tokens())).average().orElse(0);
    middleLoss = observations.stream().mapToDouble(o -> Math.log(o.loss())).average().orElse(0);
  }

  /** The best fit from several starts; empty if none converges. */
  static Optional<ParameterLaw> fit(List<Observation> observations) {
    LeastSquaresLaw problem = new LeastSquaresLaw(observations);
    List<double[]> starts = new ArrayList<>();
    for (double share : new double[] {0.2, 0.5, 0.8}) {
      double rest = problem.middleLoss + Math.log((1 - share) / 2);
      for (double alpha : new double[] {0.2, 0.8}) {
        for (double beta : new double[] {0.2, 0.8}) {
          starts.add(new double[] {problem.middleLoss + Math.log(share), rest, rest, alpha, beta});
        }
      }
    }
    return problem.best(starts);
  }

  /** The fit from one start, the law of observations much like these; empty if it does not converge. */
  static Optional<ParameterLaw> fit(List<Observation> observations, ParameterLaw near) {
    LeastSquaresLaw problem = new LeastSquaresLaw(observations);
    return problem.best(List.of(new double[] {Math.log(near.e()),
        Math.log(near.a()) - near.alpha() * problem.middleParameters,
        Math.log(near.b()) - near.beta() * problem.middleTokens, near.alpha(), near.beta()}));
  }

  private Optional<ParameterLaw> best(List<double[]> starts) {
    return starts.stream().flatMap(start -> optimum(start).stream()).min(Comparator.comparingDouble(Optimum::getCost))
        .map(optimum -> optimum.getPoint().toArray())
        .map(found -> new ParameterLaw(Math.exp(found[0]), Math.exp(found[1] + found[3] * middleParameters), found[3],
            Math.exp(found[2] + found[4] * middleTokens), found[4]));
  }

  private Optional<Optimum> optimum(double[] start) {
    try {
      return Optional.of(new LevenbergMarquardtOptimizer().withCostRelativeTolerance(TOLERANCE)
          .withParameterRelativeTolerance(TOLERANCE).optimize(new LeastSquaresBuilder().start(start)
              .model(this::valueAndJacobian).target(new double[observations.size()])
              .parameterValidator(this::bounded).lazyEvaluation(false).maxEvaluations(EVALUATIONS)
              .maxIterations(EVALUATIONS).build()));
    } catch (MathIllegalStateException _) {
      return Optional.empty();
    }
  }

  private RealVector bounded(RealVector unknowns) {
    RealVector within = unknowns.copy();
    for (int i = 0; i < within.getDimension(); i++) {
      within.setEntry(i, i < 3 ? Math.clamp(within.getEntry(i), LEAST_TERM, middleLoss + 1)
          : Math.clamp(within.getEntry(i), 0, LARGEST_EXPONENT));
    }
    return within;
  }

  /** ln L̂ − ln L of each observation, and its derivatives: the terms' shares of L̂. */
  private Pair<RealVector, RealMatrix> valueAndJacobian(RealVector unknowns) {
    double[] residuals = new double[observations.size()];
    double[][] jacobian = new double[observations.size()][];
    for (int i = 0; i < residuals.length; i++) {
      Observation o = observations.get(i);
      double n = Math.log(o.parameters()) - middleParameters;
      double d = Math.log(o.tokens()) - middleTokens;
      double rest = Math.exp(unknowns.getEntry(0));
      double ofParameters = Math.exp(unknowns.getEntry(1) - unknowns.getEntry(3) * n);
      double ofTokens = Math.exp(unknowns.getEntry(2) - unknowns.getEntry(4) * d);
      double loss = rest + ofParameters + ofTokens;
      residuals[i] = Math.log(loss / o.loss());
      jacobian[i] = new double[] {rest / loss, ofParameters / loss, ofTokens / loss, -n * ofParameters / loss,
        -d * ofTokens / loss};
    }
    return new Pair<>(new ArrayRealVector(residuals, false), new Array2DRowRealMatrix(jacobian, false));
  }
}
