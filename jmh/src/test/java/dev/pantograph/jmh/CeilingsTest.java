package dev.pantograph.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.Copy;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.Sum;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CeilingsTest {
  @Test
  void aTeamDoesItsWorkOnEveryThreadAndWaits() {
    try (ThreadTeam team = new ThreadTeam(3)) {
      AtomicInteger sum = new AtomicInteger();
      double seconds = team.seconds(thread -> sum.addAndGet(1 << thread));
      assertThat(sum).hasValue(0b111);
      assertThat(seconds).isPositive();
    }
  }

  /** A copy is its own ceiling; what is updated in place is not fetched twice; what is only read is not written. */
  @Test
  void theCeilingOfMemoryKnowsWhatIsFetchedBeforeItIsWritten() {
    try (Backend backend = Backends.discover().openPreferred(BackendOptions.threads(1));
        Operands o = new Operands(backend)) {
      assertThat(CopyBandwidth.rateFor(new Copy(o.result(64), o.result(64)), 40)).isEqualTo(40);
      assertThat(CopyBandwidth.rateFor(new Product(o.result(64), o.result(64), o.result(64), true), 40)).isEqualTo(60);
      assertThat(CopyBandwidth.rateFor(new Fill(o.result(64), 1), 40)).isEqualTo(30);
    }
  }

  @Test
  void aKernelOnlyReadsIfItsResultIsNothingBesideItsInput() {
    try (Backend backend = Backends.discover().openPreferred(BackendOptions.threads(1));
        Operands o = new Operands(backend)) {
      assertThat(CopyBandwidth.onlyReads(new Sum(o.result(8), o.result(1024, 8), 1, true))).isTrue();
      assertThat(CopyBandwidth.onlyReads(new Sum(o.result(8), o.result(32, 8), 1, true))).isFalse();
      assertThat(CopyBandwidth.onlyReads(new Copy(o.result(64), o.result(64)))).isFalse();
    }
  }

  /** The working set of a kernel may be anything: tiny, odd, or larger than is worth copying. */
  @ParameterizedTest
  @ValueSource(longs = {1, 100_003, 1 << 20})
  void everyWorkingSetCanBeCopied(long bytes) {
    try (ThreadTeam team = new ThreadTeam(2);
        CopyBandwidth copy = new CopyBandwidth(bytes, 2)) {
      assertThat(copy.measure(team)).isPositive().isFinite();
      assertThat(copy.measureReading(team)).isPositive().isFinite();
    }
  }
}
