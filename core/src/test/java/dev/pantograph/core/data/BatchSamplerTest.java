package dev.pantograph.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchSamplerTest {
  private static final int BATCH = 3;
  private static final int TIME = 4;

  /** 99 distinct pairs of neighbours: 24 windows of 4 + 1 tokens. */
  private final TokenStream stream = TokenStream.of(List.of(Texts.document(0,
      IntStream.range(0, 98).mapToObj(i -> String.valueOf((char) (i + 1))).collect(Collectors.joining()))));

  @AfterEach
  void closeStream() {
    stream.close();
  }

  @Test
  void targetsAreTheInputsShiftedByOne() {
    BatchSampler sampler = new BatchSampler(stream, 1, BATCH, TIME, 1);
    int[] inputs = new int[BATCH * TIME];
    int[] targets = new int[BATCH * TIME];

    sampler.fill(5, 0, MemorySegment.ofArray(inputs), MemorySegment.ofArray(targets));

    for (int row = 0; row < BATCH; row++) {
      int[] in = Arrays.copyOfRange(inputs, row * TIME, (row + 1) * TIME);
      int[] out = Arrays.copyOfRange(targets, row * TIME, (row + 1) * TIME);
      assertThat(Arrays.copyOf(out, TIME - 1)).isEqualTo(Arrays.copyOfRange(in, 1, TIME));
      assertThat(out[TIME - 1]).isEqualTo(stream.token(in[TIME - 1]));
    }
  }

  @Test
  void everyWindowComesOnceAnEpoch() {
    BatchSampler sampler = new BatchSampler(stream, 1, BATCH, TIME, 1);
    assertThat(sampler.windows()).isEqualTo(24);

    for (int epoch = 0; epoch < 3; epoch++) {
      List<Integer> starts = new ArrayList<>();
      for (int step = epoch * 8; step < (epoch + 1) * 8; step++) {
        starts.addAll(starts(sampler, step, 0));
      }
      assertThat(starts)
          .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 24).map(w -> w * TIME + 1).boxed().toList());
    }
  }

  @Test
  void everyEpochHasAnOrderOfItsOwn() {
    BatchSampler sampler = new BatchSampler(stream, 1, 24, TIME, 1);

    assertThat(starts(sampler, 0, 0)).isNotEqualTo(starts(sampler, 1, 0));
  }

  @Test
  void aBatchMayReachIntoTheNextEpoch() {
    BatchSampler fives = new BatchSampler(stream, 1, 5, TIME, 1);
    BatchSampler whole = new BatchSampler(stream, 1, 24, TIME, 1);

    List<Integer> fifth = starts(fives, 4, 0);

    assertThat(fifth.subList(0, 4)).isEqualTo(starts(whole, 0, 0).subList(20, 24));
    assertThat(fifth.subList(4, 5)).isEqualTo(starts(whole, 1, 0).subList(0, 1));
  }

  @Test
  void theSameSeedAndStepGiveTheSameBatchInAnyOrder() {
    BatchSampler forwards = new BatchSampler(stream, 1, BATCH, TIME, 7);
    BatchSampler backwards = new BatchSampler(stream, 1, BATCH, TIME, 7);

    List<List<Integer>> up = IntStream.range(0, 20).mapToObj(step -> starts(forwards, step, 0)).toList();
    List<List<Integer>> down = IntStream.range(0, 20).mapToObj(step -> starts(backwards, 19 - step, 0)).toList();

    assertThat(down.reversed()).isEqualTo(up);
  }

  @Test
  void differentSeedsDiffer() {
    assertThat(starts(new BatchSampler(stream, 1, 24, TIME, 1), 0, 0))
        .isNotEqualTo(starts(new BatchSampler(stream, 1, 24, TIME, 2), 0, 0));
  }

  @Test
  void microBatchesAreTheRowsOfALargerBatch() {
    BatchSampler large = new BatchSampler(stream, 1, 6, TIME, 1);
    BatchSampler micro = new BatchSampler(stream, 2, 3, TIME, 1);

    List<Integer> rows = new ArrayList<>(starts(micro, 2, 0));
    rows.addAll(starts(micro, 2, 1));

    assertThat(rows).isEqualTo(starts(large, 2, 0));
  }

  @Test
  void theSmallestStreamThatFillsABatchIsEnough() {
    try (TokenStream nine = TokenStream.of(List.of(Texts.document(0, "12345678")))) {
      assertThat(new BatchSampler(nine, 1, 2, TIME, 1).windows()).isEqualTo(2);
    }
  }

  @Test
  void tooLittleTextIsReportedWithWhatIsNeeded() {
    try (TokenStream eight = TokenStream.of(List.of(Texts.document(0, "1234567")))) {
      assertThatThrownBy(() -> new BatchSampler(eight, 1, 2, TIME, 1))
          .isInstanceOf(DataException.class)
          .hasMessageContainingAll("found 8 tokens", "needed 9 for one batch of 2 rows of 4 tokens", "give more text");
    }
    try (TokenStream empty = TokenStream.of(List.of())) {
      assertThatThrownBy(() -> new BatchSampler(empty, 1, 2, TIME, 1)).hasMessageContaining("found 0 tokens");
    }
  }

  @Test
  void wrongArgumentsAreRefused() {
    BatchSampler sampler = new BatchSampler(stream, 2, BATCH, TIME, 1);
    MemorySegment right = MemorySegment.ofArray(new int[BATCH * TIME]);
    MemorySegment wrong = MemorySegment.ofArray(new int[BATCH * TIME + 1]);

    assertThatThrownBy(() -> sampler.fill(0, 0, right, wrong))
        .hasMessageContainingAll("targets: found 52 bytes", "needed 48 for int32[3, 4]");
    assertThatThrownBy(() -> sampler.fill(0, 2, right, right)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> sampler.fill(-1, 0, right, right)).hasMessageContaining("step -1");
    assertThatThrownBy(() -> new BatchSampler(stream, 1, 0, TIME, 1)).hasMessageContaining("needed at least 1 of each");
  }

  /** First input of each row; in this stream it tells the row's position. */
  private static List<Integer> starts(BatchSource source, long step, int micro) {
    int[] inputs = new int[source.batch() * source.time()];
    int[] targets = new int[source.batch() * source.time()];
    source.fill(step, micro, MemorySegment.ofArray(inputs), MemorySegment.ofArray(targets));
    return IntStream.range(0, source.batch()).map(row -> inputs[row * source.time()]).boxed().toList();
  }
}
