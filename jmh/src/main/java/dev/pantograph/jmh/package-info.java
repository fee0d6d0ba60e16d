/** Throughput of kernels, measured through the public contract at shapes of real models. */
@NullMarked
package dev.pantograph.jmh;

import org.jspecify.annotations.NullMarked;
