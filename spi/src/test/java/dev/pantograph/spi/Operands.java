package dev.pantograph.spi;

/** Operands with a shape and a buffer of their own, but no memory: enough for kernels that are never run. */
final class Operands {
  private Operands() {}

  private static final class NoMemory implements Buffer {
    private final String name;
    private final long byteSize;

    NoMemory(String name, long byteSize) {
      this.name = name;
      this.byteSize = byteSize;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long byteSize() {
      return byteSize;
    }

    @Override
    public void close() {}
  }

  static View f32(String name, long... sizes) {
    return of(DType.F32, name, sizes);
  }

  static View f64(String name, long... sizes) {
    return of(DType.F64, name, sizes);
  }

  static View bf16(String name, long... sizes) {
    return of(DType.BF16, name, sizes);
  }

  static View i32(String name, long... sizes) {
    return of(DType.I32, name, sizes);
  }

  /** An F32 operand in the memory of another one, from its beginning on. */
  static View f32Inside(View other, long... sizes) {
    return View.of(other.buffer(), DType.F32, 0, Shape.of(sizes));
  }

  /** An I32 operand in the memory of another one, from its beginning on. */
  static View i32Inside(View other, long... sizes) {
    return View.of(other.buffer(), DType.I32, 0, Shape.of(sizes));
  }

  private static View of(DType type, String name, long... sizes) {
    Shape shape = Shape.of(sizes);
    return View.of(new NoMemory(name, shape.elements() * type.bytes()), type, 0, shape);
  }
}
