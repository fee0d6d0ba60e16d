package dev.pantograph.backends.cuda.cublaslt;

import dev.pantograph.backends.cuda.binding.HeaderConstant;

/**
 * What follows a product, before its result is written ({@code cublasLtEpilogue_t}). GELU is the tanh approximation; C
 * is the number of columns of the result.
 */
public enum Epilogue implements HeaderConstant {
  /** Nothing. */
  DEFAULT(1),
  /** Adds a vector of C elements to each row. */
  BIAS(4),
  GELU(32),
  /** {@link #BIAS}, then {@link #GELU}. */
  GELU_BIAS(36),
  /** {@link #GELU}; what went into it is written too. */
  GELU_AUX(160),
  /** {@link #GELU_BIAS}; what went into the GELU is written too. */
  GELU_AUX_BIAS(164),
  /** Multiplies by the derivative of GELU at what {@link #GELU_AUX} wrote. */
  DGELU(192),
  /** {@link #DGELU}, and sums its result over the rows, into C elements. */
  DGELU_BGRAD(208),
  /** Sums the second factor over the inner dimension, into C elements. */
  BGRADA(256),
  /** Sums the first factor over the inner dimension, into as many elements as the result has rows. */
  BGRADB(512);

  /** Whether a vector is read or written: {@link MatmulPlan#bias}. */
  public boolean hasBias() {
    return switch (this) {
      case BIAS, GELU_BIAS, GELU_AUX_BIAS, DGELU_BGRAD, BGRADA, BGRADB -> true;
      case DEFAULT, GELU, GELU_AUX, DGELU -> false;
    };
  }

  /** Whether a second matrix is read or written: {@link MatmulPlan#auxiliary}. */
  public boolean hasAuxiliary() {
    return switch (this) {
      case GELU_AUX, GELU_AUX_BIAS, DGELU, DGELU_BGRAD -> true;
      case DEFAULT, BIAS, GELU, GELU_BIAS, BGRADA, BGRADB -> false;
    };
  }

  private final int code;

  Epilogue(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String header() {
    return "CUBLASLT_EPILOGUE_" + name();
  }
}
