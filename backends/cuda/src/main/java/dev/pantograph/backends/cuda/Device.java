package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.driver.DeviceAttribute;
import dev.pantograph.backends.cuda.driver.Devices;
import dev.pantograph.backends.cuda.driver.Driver;

/**
 * A device that this process works with.
 *
 * @param driver names the device in its failures
 * @param context its primary context, which the libraries use too
 * @param name such as {@code NVIDIA H200}
 * @param architecture what kernels are compiled for, such as 90
 * @param multiprocessors how many it has
 * @param sharedBytes what a block of threads can have of shared memory
 */
record Device(Driver driver, long context, String name, int architecture, int multiprocessors, int sharedBytes) {

  /**
   * Opens the device of an index, counted from 0. Its context stays until the process ends: to make one takes a quarter
   * of a second, and libraries have state in it.
   */
  static Device open(Driver driver, int index) {
    driver.initialize();
    Devices devices = driver.devices();
    int number = devices.get(index);
    String name = devices.name(number);
    Driver named = driver.on("device %d (%s)".formatted(index, name));
    return new Device(named, named.contexts().retain(number), name, devices.architecture(number),
        devices.attribute(DeviceAttribute.MULTIPROCESSOR_COUNT, number),
        devices.attribute(DeviceAttribute.MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, number));
  }

  /** For the calls of this thread that follow, whatever device it used before. */
  void makeCurrent() {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(("backend '%s' was called by virtual thread %s (expected: a platform thread): "
          + "the driver knows threads of the operating system, which a virtual one changes; use Thread.ofPlatform()")
          .formatted(CudaBackendProvider.ID, Thread.currentThread()));
    }
    driver.contexts().setCurrent(context);
  }
}
