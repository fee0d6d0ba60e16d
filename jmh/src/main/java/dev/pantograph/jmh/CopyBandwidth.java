package dev.pantograph.jmh;

import dev.pantograph.spi.Kernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The ceiling of moving memory: vectors loaded here and stored there, half of the bytes read and half of them written,
 * in a working set of given size. A set that fits a cache is copied as fast as that cache allows.
 *
 * <p>Stores are ordinary ones, as a kernel's are. Beyond the caches {@link MemorySegment#copyFrom} is 1.2 to 1.4 times
 * as fast, since it writes around them, which the Vector API cannot.
 *
 * <p>Before a line is overwritten it is fetched, unless it was read anyway. So a copy moves three bytes over the bus
 * for every two it is about, while a kernel that updates in place moves what it is about. {@link #rateFor} takes this
 * into account, or in-place kernels would be faster than their ceiling.
 */
final class CopyBandwidth implements AutoCloseable {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int REPETITIONS = 7;
  /** Bytes one thread copies at least in a repetition, so that the clock's grain and the threads' start are small. */
  private static final long LEAST_WORK = 32 << 20;
  private static final long SMALLEST_SET = 1 << 16;
  /** Enough to be beyond the last-level cache; more would only take time. */
  private static final long LARGEST_SET = 512 << 20;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment source;
  private final MemorySegment target;
  private final long share;
  private final int rounds;

  /**
   * Room for copies.
   *
   * @param workingSet bytes of source and target together, which all threads share
   */
  CopyBandwidth(long workingSet, int threads) {
    long set = Math.clamp(workingSet, SMALLEST_SET, LARGEST_SET);
    share = Math.ceilDiv(set / 2, (long) threads * SPECIES.vectorByteSize()) * SPECIES.vectorByteSize();
    source = arena.allocate(share * threads, SPECIES.vectorByteSize()).fill((byte) 1);
    target = arena.allocate(share * threads, SPECIES.vectorByteSize()).fill((byte) 1);
    rounds = Math.toIntExact(Math.ceilDiv(LEAST_WORK, share));
  }

  /** Bytes/s read and written, the median of some repetitions. */
  double measure(ThreadTeam team) {
    double[] rates = new double[REPETITIONS];
    for (int i = 0; i < REPETITIONS; i++) {
      double seconds = team.seconds(thread -> {
        for (int round = 0; round < rounds; round++) {
          copy(source, target, thread * share, share);
        }
      });
      rates[i] = 2.0 * share * team.threads() * rounds / seconds;
    }
    Arrays.sort(rates);
    return rates[REPETITIONS / 2];
  }

  /** The rate at which a kernel's bytes would move if the bus were as busy as the copy keeps it. */
  static double rateFor(Kernel kernel, double copied) {
    long overwritten = kernel.operands().stream().filter(operand -> operand.access() == Kernel.Access.WRITE)
        .mapToLong(operand -> operand.view().bytes()).sum();
    return 1.5 * copied * kernel.bytes() / (kernel.bytes() + overwritten);
  }

  private static void copy(MemorySegment source, MemorySegment target, long from, long bytes) {
    for (long i = from; i < from + bytes; i += SPECIES.vectorByteSize()) {
      FloatVector.fromMemorySegment(SPECIES, source, i, ByteOrder.nativeOrder())
          .intoMemorySegment(target, i, ByteOrder.nativeOrder());
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
