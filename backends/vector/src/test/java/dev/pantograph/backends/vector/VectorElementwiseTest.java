package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.Copy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.Sum;
import dev.pantograph.spi.View;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VectorElementwiseTest {
  private final WorkerPool pool = new WorkerPool(2);
  private final VectorElementwise elementwise = new VectorElementwise(pool);
  private final Tensors tensors = new Tensors(11);

  @AfterEach
  void close() {
    tensors.close();
    pool.close();
  }

  @Test
  void sumsEverythingInFloat64() {
    View x = tensors.filled(0.1f, 1000, 1000);
    View out = tensors.empty(DType.F32);
    elementwise.run(new Sum(out, x, 1, false));
    assertThat(Tensors.values(out)).containsExactly((float) (0.1f * 1e6));
  }

  @ParameterizedTest
  @CsvSource({"F32, F32", "F32, F64", "F64, F32", "F64, F64", "I32, I32"})
  void copiesBetweenArrangementsAndTypes(DType from, DType to) {
    View x = tensors.empty(from, 3, 37, 2, 45);
    for (int i = 0; i < x.elements(); i++) {
      Tensors.set(x, i, i);
    }
    for (View source : new View[] {
      x, x.permute(0, 2, 1, 3), x.permute(3, 2, 1, 0), x.slice(1, 5, 7),
      x.slice(0, 1, 1).slice(2, 0, 1), x.slice(0, 0, 0)}) {
      View out = tensors.empty(to, source.shape().toArray());
      elementwise.run(new Copy(out, source));
      assertThat(Tensors.values(out)).isEqualTo(Tensors.values(source));
    }
    View matrix = x.slice(0, 0, 1).slice(1, 0, 1).reshape(Shape.of(2, 45));
    View wide = tensors.empty(to, 45, 9);
    elementwise.run(new Copy(wide.slice(1, 4, 2).transpose(), matrix));
    assertThat(Tensors.values(wide.slice(1, 4, 2).transpose())).isEqualTo(Tensors.values(matrix));
    assertThat(Tensors.values(wide.slice(1, 0, 4))).containsOnly(0);
    assertThat(Tensors.values(wide.slice(1, 6, 3))).containsOnly(0);
  }

  @ParameterizedTest
  @CsvSource({"16, 64", "257, 15", "1, 100", "300, 70"})
  void transposesEveryBit(long rows, long columns) {
    View x = tensors.empty(DType.F32, 2, columns, rows);
    for (int i = 0; i < x.elements(); i++) {
      int signallingNaN = 0x7f800001 + i;
      HostBuffer.segmentOf(x).setAtIndex(ValueLayout.JAVA_INT, x.offset() + i, signallingNaN);
    }
    View out = tensors.empty(DType.F32, 2, rows, columns);
    elementwise.run(new Copy(out, x.transpose()));
    assertThat(Tensors.bits(out)).isEqualTo(Tensors.bits(x.transpose()));
    View back = tensors.empty(DType.F32, 2, columns, rows);
    elementwise.run(new Copy(back.transpose(), out));
    assertThat(Tensors.bits(back)).isEqualTo(Tensors.bits(x));
  }

  @Test
  void copiesAScalarBetweenTypes() {
    View x = tensors.filled(0.5, new long[0]);
    View out = tensors.empty(DType.F64);
    elementwise.run(new Copy(out, x));
    assertThat(Tensors.values(out)).containsExactly(0.5);
  }
}
