package dev.pantograph.backends.onednn;

import dev.pantograph.backends.vector.Gemm;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.HostBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** One product of oneDNN, compiled by the library for sizes, strides and factors. Used by one thread at a time. */
final class MatMulPrimitive implements AutoCloseable {
  /** {@code dnnl_exec_arg_t}: a number and, 8 bytes on, the memory it stands for. */
  private static final int ARGUMENT_BYTES = 16;
  private static final int ARGUMENT_MEMORY = 8;

  /** {@code DNNL_ARG_…}, in the order of {@link #memories}. */
  private static final int[] ARGUMENTS = {1, 33, 17, 80};

  /**
   * What a primitive is compiled for.
   *
   * @param alpha factor of the product
   * @param beta factor of what the result held
   */
  record Key(int m, int n, int k, Layout a, Layout b, Layout out, float alpha, float beta) {
    static Key of(int m, int n, int k, double alpha, Gemm.Matrix a, Gemm.Matrix b, double beta, Gemm.Matrix out) {
      return new Key(m, n, k, Layout.of(a, m, k), Layout.of(b, k, n), Layout.of(out, m, n), (float) alpha,
          (float) beta);
    }
  }

  /** How a matrix lies. A stride that is never stepped along is as long as the library expects. */
  record Layout(DType type, long rowStride, long columnStride) {
    static Layout of(Gemm.Matrix matrix, int rows, int columns) {
      return matrix.columnStride() == 1 || columns == 1
          ? new Layout(matrix.type(), Math.max(matrix.rowStride(), columns), 1)
          : new Layout(matrix.type(), 1, Math.max(matrix.columnStride(), rows));
    }

    MemorySegment create(OneDnn library, int rows, int columns) {
      return library.newLayout(type == DType.BF16 ? OneDnn.BF16 : OneDnn.F32, rows, columns, rowStride, columnStride);
    }
  }

  private final OneDnn library;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment arguments;
  private final MemorySegment[] memories;
  private final MemorySegment primitive;
  private final HostBuffer scratch;
  private final String implementation;

  /**
   * Compiles a product.
   *
   * @throws dev.pantograph.backends.foreign.ForeignCallException if the library has none on this processor
   */
  MatMulPrimitive(OneDnn library, MemorySegment engine, Key key) {
    this.library = library;
    MemorySegment[] layouts = {
      key.a().create(library, key.m(), key.k()), key.b().create(library, key.k(), key.n()),
      key.out().create(library, key.m(), key.n())
    };
    MemorySegment attributes = library.newAttributes(
        key.alpha(), key.beta(), key.out().type() == DType.BF16 ? OneDnn.BF16 : OneDnn.F32);
    try {
      MemorySegment description =
          library.newMatMulDescription(engine, layouts[0], layouts[1], layouts[2], attributes);
      implementation = library.implementation(description);
      MemorySegment scratchLayout = library.scratchLayout(description);
      scratch = new HostBuffer("scratch of a product", Math.max(1, library.bytes(scratchLayout)));
      memories = new MemorySegment[] {
        library.newMemory(layouts[0], engine), library.newMemory(layouts[1], engine),
        library.newMemory(layouts[2], engine), library.newMemory(scratchLayout, engine)
      };
      library.place(memories[3], scratch.segment().address());
      primitive = library.newPrimitive(description);
      library.destroy("dnnl_primitive_desc_destroy", description);
    } finally {
      library.destroy("dnnl_primitive_attr_destroy", attributes);
      for (MemorySegment layout : layouts) {
        library.destroy("dnnl_memory_desc_destroy", layout);
      }
    }
    arguments = arena.allocate((long) ARGUMENTS.length * ARGUMENT_BYTES, ARGUMENT_MEMORY);
    for (int i = 0; i < ARGUMENTS.length; i++) {
      arguments.set(ValueLayout.JAVA_INT, (long) i * ARGUMENT_BYTES, ARGUMENTS[i]);
      arguments.set(ValueLayout.ADDRESS, (long) i * ARGUMENT_BYTES + ARGUMENT_MEMORY, memories[i]);
    }
  }

  /** By which of its kernels the library computes it. */
  String implementation() {
    return implementation;
  }

  void execute(MemorySegment stream, Gemm.Matrix a, Gemm.Matrix b, Gemm.Matrix out) {
    library.place(memories[0], start(a));
    library.place(memories[1], start(b));
    library.place(memories[2], start(out));
    library.execute(primitive, stream, ARGUMENTS.length, arguments);
  }

  private static long start(Gemm.Matrix matrix) {
    return matrix.memory().address() + matrix.offset();
  }

  @Override
  public void close() {
    library.destroy("dnnl_primitive_destroy", primitive);
    for (MemorySegment memory : memories) {
      library.destroy("dnnl_memory_destroy", memory);
    }
    scratch.close();
    arena.close();
  }
}
