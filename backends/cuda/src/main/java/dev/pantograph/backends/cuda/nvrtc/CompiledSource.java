package dev.pantograph.backends.cuda.nvrtc;

/**
 * What became of a {@link CudaSource}.
 *
 * @param cubin machine code for one architecture, as the driver loads it
 * @param log what the compiler had to say: warnings, and what was asked for by options
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
public record CompiledSource(byte[] cubin, String log) {}
