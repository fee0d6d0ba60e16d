package dev.pantograph.lab.transfer;

import dev.pantograph.lab.plot.Quantity;
import dev.pantograph.lab.transfer.TransferResult.Curve;
import dev.pantograph.lab.transfer.TransferResult.Drift;
import dev.pantograph.lab.transfer.TransferResult.Gap;
import dev.pantograph.lab.transfer.TransferResult.Study;
import java.util.Optional;

/**
 * What a study says about one question: does the best learning rate stay where it is when the model is scaled?
 *
 * @param study the evidence
 * @param outcome the answer
 */
public record Verdict(Study study, Outcome outcome) {
  /**
   * Largest drift of log₂(optimal η) per step along the axis that counts as none: over four steps the rate stays within
   * a factor of two, the spacing of the grids it is searched on.
   */
  public static final double TOLERANCE = 0.25;

  /** The answers. */
  public enum Outcome {
    /** The whole 95 % interval of the drift lies within the tolerance. */
    TRANSFERS("transfers", "✓"),
    /** The whole interval lies outside. */
    DRIFTS("drifts", "✗"),
    /** The interval crosses the tolerance, or an optimum lies on the edge of the grid or nowhere. */
    UNCLEAR("unclear", "?");

    private final String label;
    private final String symbol;

    Outcome(String label, String symbol) {
      this.label = label;
      this.symbol = symbol;
    }

    public String label() {
      return label;
    }

    /** A sign for it that needs no colour. */
    public String symbol() {
      return symbol;
    }
  }

  /** The verdict on one rule along one axis. */
  public static Verdict of(Study study) {
    return new Verdict(study, outcome(study));
  }

  private static Outcome outcome(Study study) {
    Drift drift = study.drift();
    if (!hasDrift(study) || edge(study).isPresent()) {
      return Outcome.UNCLEAR;
    }
    if (Math.max(Math.abs(drift.low()), Math.abs(drift.high())) <= TOLERANCE) {
      return Outcome.TRANSFERS;
    }
    return drift.low() > TOLERANCE || drift.high() < -TOLERANCE ? Outcome.DRIFTS : Outcome.UNCLEAR;
  }

  /** The verdict and what supports it, in plain words. */
  public String sentence() {
    return RuleName.of(study.parameterization()) + ": " + finding() + cost();
  }

  private String finding() {
    String axis = study.axis().label();
    if (study.curves().size() < 2) {
      return "one size alone does not show whether the best learning rate moves along " + axis + ".";
    }
    if (!hasDrift(study)) {
      return "runs diverged at every learning rate of a size, so there is no drift along " + axis + " to speak of.";
    }
    return switch (outcome) {
      case TRANSFERS -> "the best learning rate stays where it is along %s: %s.".formatted(axis, drift());
      case DRIFTS -> "the best learning rate moves along %s: %s.".formatted(axis, drift());
      case UNCLEAR -> "it is unclear whether the best learning rate moves along %s: %s, %s.".formatted(axis, drift(),
          doubt());
    };
  }

  private String drift() {
    Drift drift = study.drift();
    String interval = hasInterval()
        ? "95 %% interval %s to %s".formatted(Quantity.signedNumber(drift.low()), Quantity.signedNumber(drift.high()))
        : "too few optima for an interval";
    return "it is multiplied by 2^%s per %s (%s)".formatted(Quantity.signedNumber(drift.perStep()), study.axis().step(),
        interval);
  }

  private String doubt() {
    return edge(study).map(curve -> "but at %s it lies on the edge of the rates tried".formatted(at(curve.size())))
        .orElse("which crosses the tolerance of ±" + Quantity.number(TOLERANCE, 2));
  }

  private String cost() {
    return largestGap().map(gap -> " At %s, %s.".formatted(at(gap.size()), cost(gap))).orElse("");
  }

  private static String cost(Gap gap) {
    if (!Double.isFinite(gap.tunedLoss())) {
      return "runs diverged at every learning rate";
    }
    Double transferred = gap.transferredLoss();
    if (transferred == null) {
      return "the base's best rate diverges";
    }
    if (gap.transferredLearningRate() == gap.tunedLearningRate()) {
      return "the base's best rate is still the best one tried";
    }
    return "the base's best rate costs %s nats per token over tuning (loss %s against %s)".formatted(
        Quantity.number(transferred - gap.tunedLoss(), 3), Quantity.number(transferred, 3),
        Quantity.number(gap.tunedLoss(), 3));
  }

  /** The gap at the size farthest from the base; empty if the base is the only size. */
  Optional<Gap> largestGap() {
    return study.gaps().isEmpty() ? Optional.empty() : Optional.of(study.gaps().getLast());
  }

  /** Whether there were optima enough for an interval about the drift. */
  boolean hasInterval() {
    return study.drift().low() < study.drift().high();
  }

  private String at(double size) {
    return study.axis().label() + " " + Quantity.size(study.axis(), size);
  }

  static boolean hasDrift(Study study) {
    Drift drift = study.drift();
    return study.curves().size() > 1 && Double.isFinite(drift.perStep()) && Double.isFinite(drift.low())
        && Double.isFinite(drift.high());
  }

  private static Optional<Curve> edge(Study study) {
    return study.curves().stream().filter(curve -> curve.optimum().atEdge()).findFirst();
  }
}
