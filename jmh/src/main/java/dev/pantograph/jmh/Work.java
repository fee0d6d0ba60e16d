package dev.pantograph.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What was done; a rate per second in the results. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Work {
  /** Arithmetic operations, as the kernel counts them. */
  public double flops;
  /** Bytes that had to move, as the kernel counts them. */
  public double bytes;
}
