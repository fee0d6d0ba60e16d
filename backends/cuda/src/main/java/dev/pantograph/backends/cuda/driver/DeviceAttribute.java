package dev.pantograph.backends.cuda.driver;

import dev.pantograph.backends.cuda.binding.HeaderConstant;

/** What can be asked of a device ({@code CUdevice_attribute}). */
public enum DeviceAttribute implements HeaderConstant {
  MAX_THREADS_PER_BLOCK(1),
  MAX_GRID_DIM_X(5),
  WARP_SIZE(10),
  /** In kHz. */
  CLOCK_RATE(13),
  MULTIPROCESSOR_COUNT(16),
  /** In kHz. */
  MEMORY_CLOCK_RATE(36),
  /** In bits. */
  GLOBAL_MEMORY_BUS_WIDTH(37),
  /** In bytes. */
  L2_CACHE_SIZE(38),
  COMPUTE_CAPABILITY_MAJOR(75),
  COMPUTE_CAPABILITY_MINOR(76),
  /** In bytes, of one multiprocessor. */
  MAX_SHARED_MEMORY_PER_MULTIPROCESSOR(81),
  COOPERATIVE_LAUNCH(95),
  /** In bytes: what a block can have that asks for more than 48 KiB. */
  MAX_SHARED_MEMORY_PER_BLOCK_OPTIN(97),
  MEMORY_POOLS_SUPPORTED(115);

  private final int code;

  DeviceAttribute(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String header() {
    return "CU_DEVICE_ATTRIBUTE_" + name();
  }
}
