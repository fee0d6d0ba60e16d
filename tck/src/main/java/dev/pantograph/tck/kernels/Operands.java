package dev.pantograph.tck.kernels;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SparseIndices;
import dev.pantograph.spi.SparsePattern;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The operands of one kernel on one backend. Their values are a function of the seed and their name, so that oracle and
 * backend under test get the same; {@link Conditions} say how they lie and what else is in memory. Each has a buffer of
 * its own with a guard at either end; guards and gaps between rows hold NaN, which shows when it is read and when it is
 * overwritten.
 */
public final class Operands implements AutoCloseable {
  /** Odd, so that operands are not aligned to anything but their own type. */
  private static final int GUARD = 19;
  private static final double GREAT = 0x1p96;
  private static final byte GUARD_BYTE = (byte) 0xFF;
  private static final int SPECIALS = 2;

  /** Bytes at the end of a far buffer that hold operands. */
  static final long FAR_END = 1L << 26;

  /** Where an operand was put, and the type its values are of. */
  private record Placed(Buffer buffer, View view, DType type) {}

  private final Backend backend;
  private final DType type;
  private final long seed;
  private final Conditions conditions;
  /** The oracle's operands of the same kernel; absent if these are they. */
  private final @Nullable Operands oracle;
  private final Map<String, Placed> placed = new LinkedHashMap<>();
  /** What the forward pass of the oracle gave, rounded to the operand's type. */
  private final Map<String, double[]> computed = new LinkedHashMap<>();
  private final List<Buffer> buffers = new ArrayList<>();
  private @Nullable Forward forward;
  private int inputs;
  private long farBytes;
  private boolean replacesOperand;
  private boolean accumulates;

  private Operands(
      Backend backend, DType type, long seed, Conditions conditions, @Nullable Operands oracle) {
    this.backend = backend;
    this.type = type;
    this.seed = seed;
    this.conditions = conditions;
    this.oracle = oracle;
  }

  /** Operands of the oracle: float64 memory with values of {@code type}. */
  static Operands ofOracle(Backend backend, DType type, long seed, Conditions conditions) {
    return new Operands(backend, type, seed, conditions, null);
  }

  /** The same operands on the backend under test. */
  Operands on(Backend other, Conditions otherwise) {
    return new Operands(other, type, seed, otherwise, this);
  }

  // What the samples ask for.

  /** The element type under test. */
  DType type() {
    return type;
  }

  /** The element type of operands that are not stored in a shorter one than the kernel computes in. */
  DType exact() {
    return type.computed();
  }

  /** An operand that is read: numbers in [−1, 1), or integers. */
  View read(String name, Layout layout, long... sizes) {
    return read(name, type, layout, sizes);
  }

  /** An operand of another element type than that under test. */
  View read(String name, DType elementType, Layout layout, long... sizes) {
    SplittableRandom random = random(name);
    return input(name, elementType, layout, sizes,
        elementType == DType.I32 ? () -> random.nextInt(-1000, 1000) : () -> random.nextDouble(-1, 1));
  }

  /** A contiguous operand of numbers in [½, 1). */
  View positive(String name, long... sizes) {
    SplittableRandom random = random(name);
    return input(name, exact(), Layout.CONTIGUOUS, sizes, () -> random.nextDouble(0.5, 1));
  }

  /**
   * Numbers over the whole range in which a saturating function changes: in [−8, 8). Beside special values they are in
   * [−3, 3), where no value of such a function is 0 to rounding: what becomes of an infinity there is not in question.
   */
  View wide(String name, Layout layout, long... sizes) {
    SplittableRandom random = random(name);
    double end = conditions.special() == null ? 8 : 3;
    return input(name, type, layout, sizes, () -> random.nextDouble(-end, end));
  }

  /** Settings in [½, 1) that are read like an operand but are not data: no special value gets there. */
  View settings(String name, long... sizes) {
    SplittableRandom random = random(name);
    return place(name, exact(), Layout.CONTIGUOUS, sizes, values(sizes, exact(), () -> random.nextDouble(0.5, 1)));
  }

  /** One F64 element, whatever type is under test. */
  View scalar(String name, double value) {
    return input(name, DType.F64, Layout.CONTIGUOUS, new long[0], () -> value);
  }

  /** Token indices in {@code [0, vocabulary)}. */
  View tokens(String name, long vocabulary, long... sizes) {
    SplittableRandom random = random(name);
    double[] values = values(sizes, DType.I32, () -> random.nextLong(vocabulary));
    if (conditions.badToken() && values.length > 0) {
      values[random.nextInt(values.length)] = random.nextBoolean() ? vocabulary : -1;
    }
    return place(name, DType.I32, Layout.CONTIGUOUS, sizes, values);
  }

  /** A weight's non-zeros at random: each with this probability, so that rows and columns may be empty. */
  SparsePattern pattern(long rows, long columns, double density) {
    long mask = random("pattern").nextLong();
    SparseIndices indices = SparseIndices.of(Math.toIntExact(rows), Math.toIntExact(columns), (row, column) ->
        new SplittableRandom(mask + row * columns + column).nextDouble() < density);
    return indices.place((name, values) -> place(name, DType.I32, Layout.CONTIGUOUS, new long[] {values.length},
        IntStream.of(values).asDoubleStream().toArray()));
  }

  /** An operand that is wholly written. */
  View result(String name, Layout layout, long... sizes) {
    return result(name, type, layout, sizes);
  }

  /** A result of another element type than that under test. */
  View result(String name, DType elementType, Layout layout, long... sizes) {
    return place(name, elementType, layout, sizes, content(name, elementType, sizes, conditions.results()));
  }

  /** Results {@code [B, H, T, D]} or {@code [rows, F]} that may be parts of the rows of one buffer. */
  List<View> resultsSideBySide(List<String> names, long... sizes) {
    if (!conditions.strided()) {
      return names.stream().map(name -> result(name, Layout.CONTIGUOUS, sizes)).toList();
    }
    int parts = names.size();
    boolean byHeads = sizes.length == 4;
    long width = byHeads ? sizes[1] * sizes[3] : sizes[1];
    long[] packed = byHeads
        ? new long[] {sizes[0], sizes[2], parts * width}
        : new long[] {sizes[0], parts * width};
    View whole = result(String.join("", names), Layout.CONTIGUOUS, packed);
    return IntStream.range(0, parts).mapToObj(part -> whole.slice(-1, part * width, width))
        .map(part -> byHeads ? part.split(-1, sizes[1]).permute(0, 2, 1, 3) : part).toList();
  }

  /** A result that may lie where one of these operands does, all of its shape. */
  View resultOver(String name, Layout layout, View... replaceable) {
    return resultOver(name, type, layout, replaceable);
  }

  /** Such a result of the element type of these operands. */
  View resultOver(String name, DType elementType, Layout layout, View... replaceable) {
    if (!conditions.inPlace()) {
      return result(name, elementType, layout, replaceable[0].shape().toArray());
    }
    replacesOperand = true;
    return replaceable[random(name).nextInt(replaceable.length)];
  }

  /** A result that is added to what is there if {@code accumulate}, else written. */
  View accumulator(String name, boolean accumulate, Layout layout, long... sizes) {
    return accumulator(name, type, accumulate, layout, sizes);
  }

  /** Such a result of another element type than that under test. */
  View accumulator(String name, DType elementType, boolean accumulate, Layout layout, long... sizes) {
    if (!accumulate) {
      return result(name, elementType, layout, sizes);
    }
    accumulates = true;
    return place(name, elementType, layout, sizes, content(name, elementType, sizes, conditions.accumulators()));
  }

  /** An operand that the forward kernel has written, as the oracle computes it. */
  View intermediate(String name, Layout layout, long... sizes) {
    return intermediate(name, type, layout, sizes);
  }

  /** Such an operand of another element type than that under test. */
  View intermediate(String name, DType elementType, Layout layout, long... sizes) {
    double[] values = oracle == null
        ? new double[Math.toIntExact(Shape.of(sizes).elements())]
        : oracle.computed.get(name);
    if (values == null) {
      throw new IllegalStateException("no forward kernel writes '" + name + "'");
    }
    return place(name, elementType, layout, sizes, values);
  }

  /** Names what the kernel is the gradient of; the oracle runs it and fills the intermediates. */
  void gradientOf(Supplier<Forward> what) {
    if (oracle != null) {
      return;
    }
    Forward differentiated = what.get();
    forward = differentiated;
    backend.submit(differentiated.kernel());
    for (Map.Entry<String, Placed> entry : List.copyOf(placed.entrySet())) {
      View view = entry.getValue().view();
      if (isWritten(differentiated.kernel(), view)) {
        double[] values = valuesOf(view);
        Arrays.setAll(values, i -> Encoding.round(entry.getValue().type(), values[i]));
        computed.put(entry.getKey(), values);
        write(view, values);
      }
    }
  }

  private static boolean isWritten(Kernel kernel, View view) {
    return kernel.operands().stream()
        .anyMatch(operand -> operand.access() != Kernel.Access.READ && operand.view().sameElementsAs(view));
  }

  // How they are made.

  private SplittableRandom random(String name) {
    return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + name.hashCode());
  }

  private View input(String name, DType elementType, Layout layout, long[] sizes, DoubleSupplier next) {
    double[] values = values(sizes, elementType, next);
    int number = elementType.isFloating() ? inputs++ : -1;
    if (conditions.special() != null && conditions.specialOperand() == number && values.length > 0) {
      SplittableRandom random = random(name + " special");
      for (int i = 0; i < SPECIALS; i++) {
        values[random.nextInt(values.length)] = conditions.special().value(elementType);
      }
    }
    return place(name, elementType, layout, sizes, values);
  }

  private static double[] values(long[] sizes, DType elementType, DoubleSupplier next) {
    double[] values = new double[Math.toIntExact(Shape.of(sizes).elements())];
    Arrays.setAll(values, i -> Encoding.round(elementType, next.getAsDouble()));
    return values;
  }

  private double[] content(String name, DType elementType, long[] sizes, Conditions.Content content) {
    SplittableRandom random = random(name + " before");
    return values(sizes, elementType, switch (content) {
      case ZEROS -> () -> 0;
      case NUMBERS -> () -> random.nextDouble(-1, 1);
      case NAN -> () -> Double.NaN;
      case GARBAGE -> () -> random.nextBoolean() ? GREAT : -GREAT;
    });
  }

  private View place(String name, DType elementType, Layout layout, long[] sizes, double[] values) {
    DType stored = oracle == null && elementType.isFloating() ? DType.F64 : elementType;
    Layout.Arrangement arrangement = conditions.strided()
        ? layout.arrange(sizes, random(name + " layout"))
        : Layout.contiguous(sizes);
    long elements = Shape.of(arrangement.enclosing()).elements();
    View region = region(name, stored, elements);
    View view = arrangement.of(region);
    placed.put(name, new Placed(region.buffer(), view, elementType));
    write(view, values);
    return view;
  }

  private View region(String name, DType stored, long elements) {
    Conditions.Overlap overlap = conditions.overlap();
    long room = 0;
    if (overlap != null && oracle != null && (name.equals(overlap.written()) || name.equals(overlap.other()))) {
      String partner = name.equals(overlap.written()) ? overlap.other() : overlap.written();
      Placed first = placed.get(partner);
      if (first != null) {
        long shift = first.view().elements() > 1 && elements > 1 ? 1 : 0;
        long start = Math.ceilDiv(first.view().byteOffset(), stored.bytes()) + shift;
        return View.of(first.buffer(), stored, start, Shape.of(elements));
      }
      room = oracle.bytesOf(partner);
    }
    if (conditions.far() != null && oracle != null) {
      long start = Math.ceilDiv(conditions.far().byteSize() - FAR_END + farBytes, stored.bytes());
      farBytes += (elements + GUARD) * stored.bytes();
      return View.of(conditions.far(), stored, start, Shape.of(elements));
    }
    long bytes = (elements + 2 * GUARD) * stored.bytes() + room;
    Buffer buffer = backend.allocate("operand " + name, bytes);
    buffers.add(buffer);
    byte[] guard = new byte[Math.toIntExact(bytes)];
    Arrays.fill(guard, GUARD_BYTE);
    backend.upload(MemorySegment.ofArray(guard), buffer, 0);
    return View.of(buffer, stored, GUARD, Shape.of(elements));
  }

  private long bytesOf(String name) {
    Placed operand = placed.get(name);
    return operand == null ? 0 : operand.buffer().byteSize();
  }

  // What the rules ask for.

  /** Number of floating-point inputs. */
  int inputs() {
    return inputs;
  }

  boolean replacesOperand() {
    return replacesOperand;
  }

  boolean accumulates() {
    return accumulates;
  }

  /** What the kernel is the gradient of, on the oracle. */
  @Nullable Forward forward() {
    return forward;
  }

  /** The name under which the operand was made that lies in this buffer. */
  String nameOf(Buffer buffer) {
    return placed.entrySet().stream().filter(entry -> entry.getValue().buffer() == buffer).map(Map.Entry::getKey)
        .findFirst().orElseThrow(() -> new IllegalStateException("no operand lies in " + buffer));
  }

  List<Buffer> buffers() {
    return List.copyOf(buffers);
  }

  /** All bytes of a buffer. */
  byte[] bytes(Buffer buffer) {
    return bytes(buffer, 0, buffer.byteSize());
  }

  private byte[] bytes(Buffer buffer, long from, long count) {
    byte[] bytes = new byte[Math.toIntExact(count)];
    backend.download(buffer, from, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /** All bytes from the first element of a view to its last. */
  private byte[] span(View view, Positions positions) {
    long first = positions.at(0);
    long last = positions.at(positions.count() - 1);
    return bytes(view.buffer(), first * view.type().bytes(), (last - first + 1) * view.type().bytes());
  }

  /** The elements in row-major order. */
  double[] valuesOf(View view) {
    if (view.elements() == 0) {
      return new double[0];
    }
    Positions positions = Positions.of(view);
    MemorySegment memory = MemorySegment.ofArray(span(view, positions));
    double[] values = new double[positions.count()];
    Arrays.setAll(values, i -> Encoding.load(memory, view.type(), positions.at(i) - positions.at(0)));
    return values;
  }

  private void write(View view, double[] values) {
    if (values.length == 0) {
      return;
    }
    Positions positions = Positions.of(view);
    MemorySegment memory = MemorySegment.ofArray(span(view, positions));
    for (int i = 0; i < values.length; i++) {
      Encoding.store(memory, view.type(), positions.at(i) - positions.at(0), values[i]);
    }
    backend.upload(memory, view.buffer(), positions.at(0) * view.type().bytes());
  }

  /** Sets one element. */
  void set(View view, int element, double value) {
    MemorySegment memory = MemorySegment.ofArray(new byte[view.type().bytes()]);
    Encoding.store(memory, view.type(), 0, value);
    backend.upload(memory, view.buffer(), Positions.of(view).at(element) * view.type().bytes());
  }

  /** Forgets a buffer that a rule has closed. */
  void closed(Buffer buffer) {
    buffers.remove(buffer);
  }

  @Override
  public void close() {
    buffers.forEach(Buffer::close);
    buffers.clear();
  }
}
