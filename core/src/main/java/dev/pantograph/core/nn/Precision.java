package dev.pantograph.core.nn;

import dev.pantograph.spi.DType;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * In which element types a model is held and computed. Sums are always those of the parameters' type: statistics,
 * losses, the residual stream, gradients of parameters and what the optimizer keeps.
 */
public enum Precision {
  /** All float32. */
  F32("f32", DType.F32, DType.F32),
  /** All float64, for backends that compute in it. */
  F64("f64", DType.F64, DType.F64),
  /**
   * Mixed precision (Micikevicius et al. 2018, arXiv 1710.03740; in bfloat16, Kalamkar et al. 2019, arXiv 1905.12322):
   * float32 parameters, which every pass rounds to bfloat16 for its products; bfloat16 activations between the residual
   * additions, and gradients of these. Bfloat16 has the range of float32, so the loss is not scaled.
   */
  BF16("bf16", DType.F32, DType.BF16);

  private final String label;
  private final DType parameters;
  private final DType compute;

  Precision(String label, DType parameters, DType compute) {
    this.label = label;
    this.parameters = parameters;
    this.compute = compute;
  }

  /** The name in configurations. */
  public String label() {
    return label;
  }

  /** Type of parameters, their gradients and the optimizer's state. */
  public DType parameters() {
    return parameters;
  }

  /** Type of the factors of matrix products: weights and activations. */
  public DType compute() {
    return compute;
  }

  /**
   * Everything in one type.
   *
   * @throws IllegalArgumentException if it is neither F32 nor F64
   */
  public static Precision of(DType type) {
    return switch (type) {
      case F32 -> F32;
      case F64 -> F64;
      case BF16, I32 -> throw new IllegalArgumentException(
          "precision: parameters cannot be %s (expected: F32 or F64); for bfloat16 products take Precision.BF16"
              .formatted(type));
    };
  }

  /**
   * The precision of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Precision named(String name) {
    return Arrays.stream(values()).filter(precision -> precision.label.equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no precision is named '%s'; there are %s".formatted(name,
            Arrays.stream(values()).map(Precision::label).collect(Collectors.joining(", ")))));
  }
}
