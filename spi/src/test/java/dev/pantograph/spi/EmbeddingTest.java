package dev.pantograph.spi;

import static dev.pantograph.spi.Operands.f32;
import static dev.pantograph.spi.Operands.f32Inside;
import static dev.pantograph.spi.Operands.f64;
import static dev.pantograph.spi.Operands.i32;
import static dev.pantograph.spi.Operands.i32Inside;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EmbeddingTest {
  private static final View OUT = f32("out", 2, 4, 3);
  private static final View TOKENS = i32("tokens", 2, 4);
  private static final View TABLE = f32("table", 9, 3);
  private static final View POSITIONS = f32("positions", 5, 3);

  @ParameterizedTest
  @MethodSource({"breaches", "overlaps"})
  void namesWhatBreaksItsContract(Breach breach) {
    breach.assertRefused();
  }

  static Stream<Breach> breaches() {
    return Stream.of(
        new Breach("Embedding: out is 'out' F32[8, 3], needed rank 3",
            () -> new Embedding(f32("out", 8, 3), TOKENS, TABLE, null, 1)),
        new Breach("Embedding: tokens is 'tokens' F32[2, 4], needed contiguous I32[2, 4]",
            () -> new Embedding(OUT, f32("tokens", 2, 4), TABLE, null, 1)),
        new Breach("Embedding: tokens is 'tokens' I32[2, 4] strides [1, 2], needed contiguous I32[2, 4]",
            () -> new Embedding(OUT, i32("tokens", 4, 2).transpose(), TABLE, null, 1)),
        new Breach("Embedding: tokens is 'tokens' I32[8], needed contiguous I32[2, 4]",
            () -> new Embedding(OUT, i32("tokens", 8), TABLE, null, 1)),
        new Breach("Embedding: table is 'table' F32[9, 4], needed shape [9, 3]",
            () -> new Embedding(OUT, TOKENS, f32("table", 9, 4), null, 1)),
        new Breach("Embedding: table is 'table' F64[9, 3], needed type F32, which this kernel computes in, or BF16",
            () -> new Embedding(OUT, TOKENS, f64("table", 9, 3), null, 1)),
        new Breach("Embedding: positions is 'positions' F32[3, 3], needed at least 4 rows for the sequence length",
            () -> new Embedding(OUT, TOKENS, TABLE, f32("positions", 3, 3), 1)),
        new Breach("EmbeddingGradient: dOut is 'dOut' F32[8, 3], needed rank 3",
            () -> new EmbeddingGradient(TABLE, null, f32("dOut", 8, 3), TOKENS, 1)),
        new Breach("EmbeddingGradient: dTable is 'dTable' F32[9, 4], needed shape [9, 3]",
            () -> new EmbeddingGradient(f32("dTable", 9, 4), null, OUT, TOKENS, 1)),
        new Breach("EmbeddingGradient: dPositions is 'dPositions' F32[3, 3], needed at least 4 rows",
            () -> new EmbeddingGradient(TABLE, f32("dPositions", 3, 3), OUT, TOKENS, 1)),
        new Breach("EmbeddingGradient: dTable 'out' F32[8, 3] overlaps dOut 'out' F32[2, 4, 3]",
            () -> new EmbeddingGradient(OUT.reshape(Shape.of(8, 3)), null, OUT, TOKENS, 1)));
  }

  static Stream<Breach> overlaps() {
    return Stream.of(
        new Breach("Embedding: out 'out' F32[2, 4, 3] overlaps tokens 'out' I32[2, 4]",
            () -> new Embedding(OUT, i32Inside(OUT, 2, 4), TABLE, POSITIONS, 1)),
        new Breach("Embedding: out 'table' F32[2, 4, 3] overlaps table 'table' F32[9, 3]",
            () -> new Embedding(f32Inside(TABLE, 2, 4, 3), TOKENS, TABLE, POSITIONS, 1)),
        new Breach("Embedding: out 'out' F32[2, 4, 3] overlaps positions 'out' F32[5, 3]",
            () -> new Embedding(OUT, TOKENS, TABLE, f32Inside(OUT, 5, 3), 1)),
        new Breach("EmbeddingGradient: dTable 'table' F32[9, 3] overlaps dPositions 'table' F32[5, 3]",
            () -> new EmbeddingGradient(TABLE, f32Inside(TABLE, 5, 3), OUT, TOKENS, 1)),
        new Breach("EmbeddingGradient: dTable 'table' F32[9, 3] overlaps tokens 'table' I32[2, 4]",
            () -> new EmbeddingGradient(TABLE, POSITIONS, OUT, i32Inside(TABLE, 2, 4), 1)),
        new Breach("EmbeddingGradient: dPositions 'out' F32[5, 3] overlaps dOut 'out' F32[2, 4, 3]",
            () -> new EmbeddingGradient(TABLE, f32Inside(OUT, 5, 3), OUT, TOKENS, 1)),
        new Breach("EmbeddingGradient: dPositions 'positions' F32[5, 3] overlaps tokens 'positions' I32[2, 4]",
            () -> new EmbeddingGradient(TABLE, POSITIONS, OUT, i32Inside(POSITIONS, 2, 4), 1)));
  }

  @Test
  void countsTheRowsLookedUpAndNotTheTable() {
    assertThat(new Embedding(OUT, TOKENS, TABLE, null, 1).bytes()).isEqualTo(4 * (2 * 24 + 8));
    assertThat(new Embedding(OUT, TOKENS, TABLE, POSITIONS, 1).bytes()).isEqualTo(4 * (3 * 24 + 8));
  }

  @Test
  void gradientAddsToItsResults() {
    assertThat(new EmbeddingGradient(TABLE, POSITIONS, OUT, TOKENS, 1).operands())
        .startsWith(Kernel.Operand.update("dTable", TABLE), Kernel.Operand.update("dPositions", POSITIONS));
  }
}
