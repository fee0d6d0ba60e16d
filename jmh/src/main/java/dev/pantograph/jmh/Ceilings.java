package dev.pantograph.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What the machine allowed just before an iteration: counted beside the work, so that every sample has its own. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.EVENTS)
public class Ceilings {
  /** FLOP/s of all threads. */
  public double peakFlops;
  /** Bytes/s that all threads can move in a working set as large as the kernel's; 0 if memory is not looked at. */
  public double peakBytes;
}
