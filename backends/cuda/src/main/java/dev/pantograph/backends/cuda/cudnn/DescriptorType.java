package dev.pantograph.backends.cuda.cudnn;

import dev.pantograph.backends.cuda.binding.HeaderConstant;

/** What is described to the library ({@code cudnnBackendDescriptorType_t}). */
public enum DescriptorType implements HeaderConstant {
  POINTWISE(0),
  ENGINECFG(3),
  ENGINEHEUR(4),
  EXECUTION_PLAN(5),
  OPERATION_POINTWISE(13),
  OPERATIONGRAPH(15),
  VARIANT_PACK(16),
  TENSOR(17),
  MATMUL(18),
  OPERATION_MATMUL(19),
  REDUCTION(21),
  OPERATION_REDUCTION(22),
  OPERATION_RESHAPE(31),
  /** Since 9.8. */
  DEVICEPROP(38);

  private final int code;

  DescriptorType(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String header() {
    return "CUDNN_BACKEND_" + name() + "_DESCRIPTOR";
  }
}
