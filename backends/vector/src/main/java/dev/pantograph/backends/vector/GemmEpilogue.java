package dev.pantograph.backends.vector;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * What remains of a product whose inner products a {@link Gemm} has summed: {@code z = α·(sum + bias) + β·c}, the
 * activation, and the result in its element type. A piece of a row at a time, from array to array in the nearest cache;
 * operations and bits are those of {@link VectorMatMul}.
 */
final class GemmEpilogue {
  private static final VectorSpecies<Float> F = Lanes.FLOATS;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Elements of a piece, a multiple of every vector's length. */
  private static final int PIECE = 1 << 10;

  private final float alpha;
  private final float beta;
  private final float[] bias;
  private final Matrices out;
  private final @Nullable Matrices c;
  private final @Nullable Matrices preActivation;
  private final MatMul.Epilogue epilogue;

  /** What one worker computes in. */
  static final class Row {
    private final float[] z = new float[PIECE];
    private final float[] slopes = new float[PIECE];
  }

  /**
   * The end of a product.
   *
   * @param bias memory for the bias, of {@link #biasLength} at least
   */
  GemmEpilogue(MatMul k, float[] bias) {
    this.bias = bias;
    alpha = (float) k.alpha();
    beta = (float) k.beta();
    out = new Matrices(k.out());
    c = k.c() == null ? null : new Matrices(k.c());
    epilogue = k.epilogue();
    preActivation = switch (epilogue) {
      case MatMul.Epilogue.Activation(View view, var _) -> new Matrices(view);
      case MatMul.Epilogue.ActivationGradient(View view, var _) -> new Matrices(view);
      case MatMul.Epilogue.None _, MatMul.Epilogue.RowSums _ -> null;
    };
    Arrays.fill(bias, 0);
    if (k.bias() != null) {
      MemorySegment.copy(HostBuffer.segmentOf(k.bias()), ValueLayout.JAVA_FLOAT, k.bias().byteOffset(), bias, 0,
          Math.toIntExact(k.n()));
    }
  }

  /** Length of a bias that is filled up with zeros, so that whole vectors may be read of it from anywhere. */
  static int biasLength(MatMul k) {
    return Math.toIntExact(k.n()) + F.length();
  }

  /** Stores a block of the result. Its sums lie row after row, without gaps, from the beginning of {@code sums}. */
  void store(MemorySegment sums, int matrix, int firstRow, int rows, int firstColumn, int columns, Row row) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j += PIECE) {
        int length = Math.min(PIECE, columns - j);
        load(sums, (long) i * columns + j, length, row.z);
        store(matrix, firstRow + i, firstColumn + j, length, row);
      }
    }
  }

  private void store(int matrix, int row, int column, int length, Row memory) {
    float[] z = memory.z;
    scale(z, bias, column, alpha, length);
    if (c != null) {
      load(c, matrix, row, column, length, memory.slopes);
      add(z, memory.slopes, beta, length);
    }
    switch (epilogue) {
      case MatMul.Epilogue.None _, MatMul.Epilogue.RowSums _ -> {}
      case MatMul.Epilogue.Activation(var _, Gelu.Form form) -> {
        store(z, aside(), matrix, row, column, length);
        VectorGelu.apply(form, z, memory.slopes, length);
      }
      case MatMul.Epilogue.ActivationGradient(var _, Gelu.Form form) -> {
        load(aside(), matrix, row, column, length, memory.slopes);
        VectorGelu.slope(form).apply(memory.slopes, memory.slopes, length);
        multiply(z, memory.slopes, length);
      }
    }
    store(z, out, matrix, row, column, length);
  }

  private Matrices aside() {
    return Objects.requireNonNull(preActivation);
  }

  /** {@code z = α·(z + bias)}, in whole vectors. */
  private static void scale(float[] z, float[] bias, int from, float alpha, int length) {
    for (int i = 0; i < length; i += F.length()) {
      FloatVector.fromArray(F, z, i).add(FloatVector.fromArray(F, bias, from + i)).mul(alpha).intoArray(z, i);
    }
  }

  /** {@code z = z + β·c}, in whole vectors. */
  private static void add(float[] z, float[] c, float beta, int length) {
    FloatVector factor = FloatVector.broadcast(F, beta);
    for (int i = 0; i < length; i += F.length()) {
      FloatVector.fromArray(F, c, i).fma(factor, FloatVector.fromArray(F, z, i)).intoArray(z, i);
    }
  }

  /** {@code z = z·slopes + 0}, in whole vectors: no zero is negative, as after adding to a cleared gradient. */
  private static void multiply(float[] z, float[] slopes, int length) {
    for (int i = 0; i < length; i += F.length()) {
      FloatVector.fromArray(F, z, i).fma(FloatVector.fromArray(F, slopes, i), FloatVector.zero(F)).intoArray(z, i);
    }
  }

  private static void load(Matrices from, int matrix, int row, int column, int length, float[] target) {
    long position = from.position(matrix, row, column);
    if (from.type() == DType.BF16) {
      widen(from.memory(), position, length, target);
    } else {
      load(from.memory(), position, length, target);
    }
  }

  private static void store(float[] z, Matrices to, int matrix, int row, int column, int length) {
    long position = to.position(matrix, row, column);
    if (to.type() == DType.BF16) {
      round(z, to.memory(), position, length);
    } else {
      store(z, to.memory(), position, length);
    }
  }

  private static void load(MemorySegment from, long position, int length, float[] target) {
    int bound = F.loopBound(length);
    for (int i = 0; i < bound; i += F.length()) {
      FloatVector.fromMemorySegment(F, from, (position + i) * Float.BYTES, ORDER).intoArray(target, i);
    }
    if (bound < length) {
      VectorMask<Float> rest = F.indexInRange(bound, length);
      FloatVector.fromMemorySegment(F, from, (position + bound) * Float.BYTES, ORDER, rest).intoArray(target, bound);
    }
  }

  private static void store(float[] z, MemorySegment to, long position, int length) {
    int bound = F.loopBound(length);
    for (int i = 0; i < bound; i += F.length()) {
      FloatVector.fromArray(F, z, i).intoMemorySegment(to, (position + i) * Float.BYTES, ORDER);
    }
    if (bound < length) {
      VectorMask<Float> rest = F.indexInRange(bound, length);
      FloatVector.fromArray(F, z, bound).intoMemorySegment(to, (position + bound) * Float.BYTES, ORDER, rest);
    }
  }

  private static void widen(MemorySegment from, long position, int length, float[] target) {
    int bound = F.loopBound(length);
    for (int i = 0; i < bound; i += F.length()) {
      Bfloat16Lanes.load(from, (position + i) * Short.BYTES).intoArray(target, i);
    }
    if (bound < length) {
      Bfloat16Lanes.load(from, (position + bound) * Short.BYTES, length - bound).intoArray(target, bound);
    }
  }

  private static void round(float[] z, MemorySegment to, long position, int length) {
    int bound = F.loopBound(length);
    for (int i = 0; i < bound; i += F.length()) {
      Bfloat16Lanes.store(FloatVector.fromArray(F, z, i), to, (position + i) * Short.BYTES);
    }
    if (bound < length) {
      Bfloat16Lanes.store(FloatVector.fromArray(F, z, bound), to, (position + bound) * Short.BYTES, length - bound);
    }
  }
}
