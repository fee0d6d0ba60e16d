package org.example.loops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.pantograph.backends.reference.ReferenceBackendProvider;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoopsBackendTest {
  private static final int BATCH = 3;

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "2, 3, 5", "17, 19, 23", "64, 32, 48", "5, 0, 7"})
  void productsAgreeWithTheReference(int m, int n, int k) {
    try (Backend reference = new ReferenceBackendProvider().open(BackendOptions.defaults())) {
      float[] expected = product(reference, m, n, k);
      for (int threads = 1; threads <= 3; threads++) {
        try (Backend loops = new LoopsProvider().open(BackendOptions.threads(threads))) {
          assertArrayEquals(expected, product(loops, m, n, k), 1e-5f);
        }
      }
    }
  }

  /** 0.5·(a·bᵀ + bias) + 2·c, with random operands that are the same on every backend. */
  private static float[] product(Backend backend, int m, int n, int k) {
    Random random = new Random(1);
    View out = view(backend, random, BATCH, m, n);
    View bias = view(backend, random, n);
    View a = view(backend, random, BATCH, m, k);
    View b = view(backend, random, BATCH, n, k);
    backend.submit(new MatMul(out, a, b.transpose(), 0.5, bias, 2, out));
    float[] result = new float[(int) out.elements()];
    backend.download(out.buffer(), 0, MemorySegment.ofArray(result).asSlice(0, out.bytes()));
    for (View view : new View[] {out, bias, a, b}) {
      view.buffer().close();
    }
    return result;
  }

  private static View view(Backend backend, Random random, long... sizes) {
    Shape shape = Shape.of(sizes);
    Buffer buffer = backend.allocate("operand", shape.elements() * Float.BYTES);
    MemorySegment content = MemorySegment.ofArray(new float[(int) shape.elements()]);
    for (long i = 0; i < shape.elements(); i++) {
      content.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextFloat() - 0.5f);
    }
    backend.upload(content, buffer, 0);
    return View.of(buffer, DType.F32, 0, shape);
  }
}
