package dev.pantograph.jmh;

import dev.pantograph.spi.Kernel;
import java.util.function.Function;

/**
 * A kernel to measure.
 *
 * @param name the kernel, where it is used and its dimensions, such as {@code MatMul gpt2 qkv 512x2304x768}
 * @param kernel makes it from operands of its shape
 */
record KernelCase(String name, Function<Operands, Kernel> kernel) {}
