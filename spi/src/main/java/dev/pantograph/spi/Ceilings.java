package dev.pantograph.spi;

/**
 * The two limits of a device, measured on it: a kernel cannot compute faster than the one, nor stream operands from
 * memory faster than the other.
 *
 * @param flopsPerSecond of multiply-adds on registers alone, each counted as two, all threads at once
 * @param bytesPerSecond of copying memory that no cache holds, bytes read plus bytes written, all threads at once
 */
public record Ceilings(double flopsPerSecond, double bytesPerSecond) {}
