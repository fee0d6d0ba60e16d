package dev.pantograph.core.fault;

import dev.pantograph.spi.Kernel;
import java.time.Duration;
import java.util.function.DoubleUnaryOperator;

/** Something that goes wrong in a {@link FaultyBackend}. */
public sealed interface Fault {
  /** Any kernel. */
  Class<Kernel> ANY = Kernel.class;

  /**
   * A fault of one kernel.
   */
  sealed interface OfKernel extends Fault {
    /** The class of kernels that are counted; {@link #ANY} counts all. */
    Class<? extends Kernel> kernel();

    /** Which of them fails, from 0. */
    long number();
  }

  /** The kernel throws; nothing is written. */
  record Throws(Class<? extends Kernel> kernel, long number, RuntimeException failure) implements OfKernel {}

  /**
   * One element of a result is changed behind the kernel.
   *
   * @param operand name of the result in the kernel's formula
   * @param position row-major position of the element
   * @param change from the right value to the wrong one, which is rounded to the operand's type
   */
  record WrongElement(Class<? extends Kernel> kernel, long number, String operand, long position,
      DoubleUnaryOperator change) implements OfKernel {

    /** The element is NaN. */
    public static WrongElement notANumber(Class<? extends Kernel> kernel, long number, String operand, long position) {
      return new WrongElement(kernel, number, operand, position, _ -> Double.NaN);
    }
  }

  /** The kernel takes so much longer. */
  record Slow(Class<? extends Kernel> kernel, long number, Duration delay) implements OfKernel {}

  /** The device is gone when the kernel is submitted: it and every later call but {@code close} fail. */
  record DeviceLost(Class<? extends Kernel> kernel, long number) implements OfKernel {}

  /**
   * Memory cannot be had: an {@link OutOfMemoryError}, as from a real backend.
   *
   * @param number which allocation fails, from 0
   */
  record AllocationFails(long number) implements Fault {}
}
