package dev.pantograph.backends.cuda.cublaslt;

import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.MATMUL;
import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.MATMUL_ALGO_GET_HEURISTIC;
import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.MATMUL_DESC_CREATE;
import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.MATMUL_DESC_DESTROY;
import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.MATMUL_DESC_SET_ATTRIBUTE;
import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.MATMUL_PREFERENCE_CREATE;
import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.MATMUL_PREFERENCE_DESTROY;
import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.MATMUL_PREFERENCE_SET_ATTRIBUTE;
import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.MATRIX_LAYOUT_CREATE;
import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.MATRIX_LAYOUT_DESTROY;
import static dev.pantograph.backends.cuda.cublaslt.CublasLtFunction.MATRIX_LAYOUT_SET_ATTRIBUTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import dev.pantograph.backends.foreign.ForeignCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link Product} as the library wants it described, with an algorithm once one is chosen. For one thread at a time.
 *
 * <p>The library counts by columns, and its epilogues know no other order: a matrix that lies row after row is its own
 * transpose to it. So the factors change places, {@code Dᵀ = op(B)ᵀ·op(A)ᵀ}, and a bias along the columns of the
 * result is one along the rows of what the library computes, as it wants it.
 */
public final class MatmulPlan implements AutoCloseable {
  private static final int TRANSPOSED = 1;

  private static final class Handles {
    static final MethodHandle NEW_DESCRIPTION = MATMUL_DESC_CREATE.handle();
    static final MethodHandle DESTROY_DESCRIPTION = MATMUL_DESC_DESTROY.handle();
    static final MethodHandle SET_DESCRIPTION = MATMUL_DESC_SET_ATTRIBUTE.handle();
    static final MethodHandle NEW_LAYOUT = MATRIX_LAYOUT_CREATE.handle();
    static final MethodHandle DESTROY_LAYOUT = MATRIX_LAYOUT_DESTROY.handle();
    static final MethodHandle SET_LAYOUT = MATRIX_LAYOUT_SET_ATTRIBUTE.handle();
    static final MethodHandle NEW_PREFERENCE = MATMUL_PREFERENCE_CREATE.handle();
    static final MethodHandle DESTROY_PREFERENCE = MATMUL_PREFERENCE_DESTROY.handle();
    static final MethodHandle SET_PREFERENCE = MATMUL_PREFERENCE_SET_ATTRIBUTE.handle();
    static final MethodHandle PROPOSE = MATMUL_ALGO_GET_HEURISTIC.handle();
    static final MethodHandle MULTIPLY = MATMUL.handle();
  }

  private final BoundLibrary<CublasLtFunction> library;
  private final Product product;
  private final MemorySegment multiply;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment value = arena.allocate(JAVA_LONG);
  private final MemorySegment scale = arena.allocate(JAVA_FLOAT);
  private final MemorySegment addendScale = arena.allocate(JAVA_FLOAT);
  private final MemorySegment algorithm = arena.allocate(MatmulAlgorithm.LAYOUT);
  private final long description;
  private final long first;
  private final long second;
  private final long result;
  private long workspaceBytes = -1;

  MatmulPlan(BoundLibrary<CublasLtFunction> library, Product product) {
    this.library = library;
    this.product = product;
    this.multiply = library.address(MATMUL);
    int compute = product.compute().code();
    int scaleType = ElementType.R_32F.code();
    this.description = library.query(MATMUL_DESC_CREATE,
        (function, out) -> (int) Handles.NEW_DESCRIPTION.invokeExact(function, out, compute, scaleType));
    set(MatmulAttribute.TRANSA, product.transposeB() ? TRANSPOSED : 0);
    set(MatmulAttribute.TRANSB, product.transposeA() ? TRANSPOSED : 0);
    set(MatmulAttribute.EPILOGUE, product.epilogue().code());
    if (product.epilogue().hasBias()) {
      set(MatmulAttribute.BIAS_DATA_TYPE, product.biasType().code());
    }
    if (product.epilogue().hasAuxiliary()) {
      set(MatmulAttribute.EPILOGUE_AUX_LD, product.auxiliaryStride());
    }
    this.first = layout(product.b());
    this.second = layout(product.a());
    this.result = layout(product.out());
  }

  private long layout(Matrix matrix) {
    int type = matrix.type().code();
    long layout = library.query(MATRIX_LAYOUT_CREATE,
        (function, out) -> (int) Handles.NEW_LAYOUT.invokeExact(
            function, out, type, matrix.columns(), matrix.rows(), matrix.stride()), "matrix", matrix);
    if (product.batch() > 1) {
      value.set(JAVA_INT, 0, product.batch());
      setLayout(layout, LayoutAttribute.BATCH_COUNT, JAVA_INT.byteSize());
      value.set(JAVA_LONG, 0, matrix.batchStride());
      setLayout(layout, LayoutAttribute.STRIDED_BATCH_OFFSET, JAVA_LONG.byteSize());
    }
    return layout;
  }

  /** Writes what {@link #value} holds. */
  private void setLayout(long layout, LayoutAttribute attribute, long bytes) {
    int code = attribute.code();
    library.call(MATRIX_LAYOUT_SET_ATTRIBUTE,
        function -> (int) Handles.SET_LAYOUT.invokeExact(function, layout, code, value, bytes),
        "attribute", attribute);
  }

  private void set(MatmulAttribute attribute, int number) {
    value.set(JAVA_INT, 0, number);
    set(attribute, JAVA_INT.byteSize(), number);
  }

  private void set(MatmulAttribute attribute, long number) {
    value.set(JAVA_LONG, 0, number);
    set(attribute, JAVA_LONG.byteSize(), number);
  }

  private void set(MatmulAttribute attribute, long bytes, long number) {
    int code = attribute.code();
    library.call(MATMUL_DESC_SET_ATTRIBUTE,
        function -> (int) Handles.SET_DESCRIPTION.invokeExact(function, description, code, value, bytes),
        "attribute", attribute, "value", number);
  }

  /** What is computed. */
  public Product product() {
    return product;
  }

  /** Where the vector of the epilogue lies. To be set before {@link #algorithms}, which look at its alignment. */
  public void bias(long address) {
    set(MatmulAttribute.BIAS_POINTER, address);
  }

  /** Where the matrix of the epilogue lies. To be set before {@link #algorithms}, which look at its alignment. */
  public void auxiliary(long address) {
    set(MatmulAttribute.EPILOGUE_AUX_POINTER, address);
  }

  /**
   * Ways to compute the product, what the library thinks the fastest first; none if it cannot.
   *
   * @param handle of {@link CublasLt#create}
   * @param mostWorkspaceBytes what an algorithm may need beside the matrices
   * @param alignment bytes that the addresses of all matrices are multiples of
   * @param count at most so many
   */
  public List<MatmulAlgorithm> algorithms(long handle, long mostWorkspaceBytes, int alignment, int count) {
    long preference = library.query(MATMUL_PREFERENCE_CREATE,
        (function, out) -> (int) Handles.NEW_PREFERENCE.invokeExact(function, out));
    try (Arena results = Arena.ofConfined()) {
      value.set(JAVA_LONG, 0, mostWorkspaceBytes);
      setPreference(preference, PreferenceAttribute.MAX_WORKSPACE_BYTES, JAVA_LONG.byteSize());
      value.set(JAVA_INT, 0, alignment);
      setPreference(preference, PreferenceAttribute.MIN_ALIGNMENT_A_BYTES, JAVA_INT.byteSize());
      setPreference(preference, PreferenceAttribute.MIN_ALIGNMENT_B_BYTES, JAVA_INT.byteSize());
      setPreference(preference, PreferenceAttribute.MIN_ALIGNMENT_C_BYTES, JAVA_INT.byteSize());
      setPreference(preference, PreferenceAttribute.MIN_ALIGNMENT_D_BYTES, JAVA_INT.byteSize());
      MemorySegment found = results.allocate(MatmulAlgorithm.LAYOUT, count);
      MemorySegment number = results.allocate(JAVA_INT);
      int status = library.status(MATMUL_ALGO_GET_HEURISTIC, function -> (int) Handles.PROPOSE.invokeExact(function,
          handle, description, first, second, result, result, preference, count, found, number));
      if (status == CublasStatus.NOT_SUPPORTED.code()) {
        return List.of();
      }
      library.check(MATMUL_ALGO_GET_HEURISTIC, status, "product", product);
      return read(found, number.get(JAVA_INT, 0));
    } finally {
      library.call(MATMUL_PREFERENCE_DESTROY,
          function -> (int) Handles.DESTROY_PREFERENCE.invokeExact(function, preference));
    }
  }

  private void setPreference(long preference, PreferenceAttribute attribute, long bytes) {
    int code = attribute.code();
    library.call(MATMUL_PREFERENCE_SET_ATTRIBUTE,
        function -> (int) Handles.SET_PREFERENCE.invokeExact(function, preference, code, value, bytes),
        "attribute", attribute);
  }

  private static List<MatmulAlgorithm> read(MemorySegment found, int count) {
    List<MatmulAlgorithm> algorithms = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      MemorySegment one = found.asSlice(i * MatmulAlgorithm.LAYOUT.byteSize(), MatmulAlgorithm.LAYOUT);
      if (MatmulAlgorithm.usable(one)) {
        algorithms.add(MatmulAlgorithm.read(one));
      }
    }
    return algorithms;
  }

  /** What {@link #run} computes by, from now on. */
  public void choose(MatmulAlgorithm chosen) {
    chosen.writeCode(algorithm);
    workspaceBytes = chosen.workspaceBytes();
  }

  /**
   * Queues the product; allocates nothing.
   *
   * @param handle of {@link CublasLt#create}
   * @param a address of the first factor
   * @param b address of the second factor
   * @param c address of the addend; read if {@code beta} is not 0
   * @param d address of the result
   * @param workspace address of as many bytes as the chosen algorithm needs, which no other stream uses
   * @throws IllegalStateException if no algorithm was chosen
   */
  public void run(
      long handle, float alpha, long a, long b, float beta, long c, long d, long workspace, long stream) {
    if (workspaceBytes < 0) {
      throw new IllegalStateException("no algorithm was chosen for " + product);
    }
    scale.set(JAVA_FLOAT, 0, alpha);
    addendScale.set(JAVA_FLOAT, 0, beta);
    int status;
    try {
      status = (int) Handles.MULTIPLY.invokeExact(multiply, handle, description, scale, b, first, a, second,
          addendScale, c, result, d, result, algorithm, workspace, workspaceBytes, stream);
    } catch (Throwable e) {
      throw ForeignCallException.of(MATMUL.signature().symbol(), e);
    }
    if (status != 0) {
      throw library.failure(MATMUL, status, "product", product);
    }
  }

  long description() {
    return description;
  }

  /** Gives back what the library holds for this plan. */
  @Override
  public void close() {
    for (long layout : new long[] {first, second, result}) {
      library.call(MATRIX_LAYOUT_DESTROY, function -> (int) Handles.DESTROY_LAYOUT.invokeExact(function, layout));
    }
    library.call(MATMUL_DESC_DESTROY,
        function -> (int) Handles.DESTROY_DESCRIPTION.invokeExact(function, description));
    arena.close();
  }
}
