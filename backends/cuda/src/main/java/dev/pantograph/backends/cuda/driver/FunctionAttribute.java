package dev.pantograph.backends.cuda.driver;

import dev.pantograph.backends.cuda.binding.HeaderConstant;

/** What can be asked of a kernel, or set ({@code CUfunction_attribute}). */
public enum FunctionAttribute implements HeaderConstant {
  MAX_THREADS_PER_BLOCK(0),
  /** In bytes, without the dynamic part. */
  SHARED_SIZE_BYTES(1),
  /** In bytes a thread: what did not fit into registers. */
  LOCAL_SIZE_BYTES(3),
  NUM_REGS(4),
  /** In bytes; to be set for more than 48 KiB. */
  MAX_DYNAMIC_SHARED_SIZE_BYTES(8),
  /** In percent of what a multiprocessor has. */
  PREFERRED_SHARED_MEMORY_CARVEOUT(9);

  private final int code;

  FunctionAttribute(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String header() {
    return "CU_FUNC_ATTRIBUTE_" + name();
  }
}
