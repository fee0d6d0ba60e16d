/** What was measured, kept in a file, and whether it is worse than what was measured before. */
@NullMarked
package dev.pantograph.jmh.gate;

import org.jspecify.annotations.NullMarked;
