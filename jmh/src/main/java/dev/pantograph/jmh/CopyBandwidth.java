package dev.pantograph.jmh;

import dev.pantograph.spi.Kernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.IntConsumer;
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
 * into account, or in-place kernels would be faster than their ceiling. A kernel that only reads is another matter: a
 * core waits for what it reads but not for what it writes, and so its ceiling is what reading alone reaches.
 */
final class CopyBandwidth implements AutoCloseable {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int REPETITIONS = 7;
  /** Bytes one thread copies at least in a repetition, so that the clock's grain and the threads' start are small. */
  private static final long LEAST_WORK = 32 << 20;
  private static final long SMALLEST_SET = 1 << 16;
  /** Enough to be beyond the last-level cache; more would only take time. */
  private static final long LARGEST_SET = 512 << 20;
  /** What is written is nothing if it is less than this part of the whole. */
  private static final long NOTHING = 64;

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

  /** Bytes/s that the team can move for a kernel. */
  double ceilingOf(Kernel kernel, ThreadTeam team) {
    return onlyReads(kernel) ? measureReading(team) : rateFor(kernel, measure(team));
  }

  /** Bytes/s read and written, the median of some repetitions. */
  double measure(ThreadTeam team) {
    return median(team, thread -> copy(source, target, thread * share, share));
  }

  /** Bytes/s where nothing is written, the median of some repetitions. */
  double measureReading(ThreadTeam team) {
    double[] sums = new double[team.threads()];
    double rate = median(team, thread -> sums[thread] +=
        sum(source, thread * share, share) + sum(target, thread * share, share));
    if (Arrays.stream(sums).anyMatch(Double::isNaN)) {
      throw new IllegalStateException("what was read is not what was written");
    }
    return rate;
  }

  /** Bytes/s of work on each thread's share of both blocks. */
  private double median(ThreadTeam team, IntConsumer work) {
    double[] rates = new double[REPETITIONS];
    for (int i = 0; i < REPETITIONS; i++) {
      double seconds = team.seconds(thread -> {
        for (int round = 0; round < rounds; round++) {
          work.accept(thread);
        }
      });
      rates[i] = 2.0 * share * team.threads() * rounds / seconds;
    }
    Arrays.sort(rates);
    return rates[REPETITIONS / 2];
  }

  /** Whether what a kernel writes is nothing beside what it reads. */
  static boolean onlyReads(Kernel kernel) {
    long written = kernel.operands().stream().filter(operand -> operand.access() != Kernel.Access.READ)
        .mapToLong(operand -> operand.view().bytes()).sum();
    return written * NOTHING < kernel.bytes();
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

  /** In four vectors, so that no addition waits for another. */
  private static double sum(MemorySegment memory, long from, long bytes) {
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    long step = SPECIES.vectorByteSize();
    long end = from + bytes;
    long i = from;
    for (; i + 4 * step <= end; i += 4 * step) {
      a = a.add(FloatVector.fromMemorySegment(SPECIES, memory, i, ByteOrder.nativeOrder()));
      b = b.add(FloatVector.fromMemorySegment(SPECIES, memory, i + step, ByteOrder.nativeOrder()));
      c = c.add(FloatVector.fromMemorySegment(SPECIES, memory, i + 2 * step, ByteOrder.nativeOrder()));
      d = d.add(FloatVector.fromMemorySegment(SPECIES, memory, i + 3 * step, ByteOrder.nativeOrder()));
    }
    for (; i < end; i += step) {
      a = a.add(FloatVector.fromMemorySegment(SPECIES, memory, i, ByteOrder.nativeOrder()));
    }
    return a.add(b).add(c.add(d)).lane(0);
  }

  @Override
  public void close() {
    arena.close();
  }
}
