package dev.pantograph.lab.scale;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The dimension of scale along which hyperparameters are to be carried. */
public enum Axis {
  /** Model width d_model. */
  @JsonProperty("width")
  WIDTH("width"),
  /** Number of blocks. */
  @JsonProperty("depth")
  DEPTH("depth"),
  /** Share of non-zero hidden weights; the base is the densest, so it is walked by halving. */
  @JsonProperty("density")
  DENSITY("density");

  private final String label;

  Axis(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  @Override
  public String toString() {
    return label;
  }

  /** Place on the axis in steps: log₂ of width or depth, −log₂ of density. */
  public double position(double size) {
    return (this == DENSITY ? -1 : 1) * Math.log(size) / Math.log(2);
  }

  /** A step along the axis, in words: what a drift is measured per. */
  public String step() {
    return this == DENSITY ? "density halving" : label + " doubling";
  }
}
