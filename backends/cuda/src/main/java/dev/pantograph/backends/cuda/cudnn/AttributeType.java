package dev.pantograph.backends.cuda.cudnn;

import dev.pantograph.backends.cuda.binding.HeaderConstant;

/** Of what type the values of an {@link Attribute} are ({@code cudnnBackendAttributeType_t}). */
public enum AttributeType implements HeaderConstant {
  HANDLE(0),
  DATA_TYPE(1),
  /** One byte. */
  BOOLEAN(2),
  INT64(3),
  VOID_PTR(6),
  HEUR_MODE(8),
  POINTWISE_MODE(14),
  BACKEND_DESCRIPTOR(15),
  REDUCTION_OPERATOR_TYPE(18),
  CHAR(24);

  private final int code;

  AttributeType(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String header() {
    return "CUDNN_TYPE_" + name();
  }
}
