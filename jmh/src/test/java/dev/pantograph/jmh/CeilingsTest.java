package dev.pantograph.jmh;

import static org.assertj.core.api.Assertions.assertThat;

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

  /** The working set of a kernel may be anything: tiny, odd, or larger than is worth copying. */
  @ParameterizedTest
  @ValueSource(longs = {1, 100_003, 1 << 20})
  void everyWorkingSetCanBeCopied(long bytes) {
    try (ThreadTeam team = new ThreadTeam(2);
        CopyBandwidth copy = new CopyBandwidth(bytes, 2)) {
      assertThat(copy.measure(team)).isPositive().isFinite();
    }
  }
}
