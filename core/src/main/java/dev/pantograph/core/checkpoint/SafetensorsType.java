package dev.pantograph.core.checkpoint;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Shape;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The element types a safetensors file can name. A constant's name is the type's name in the file.
 *
 * @see <a href="https://github.com/huggingface/safetensors">the format's home</a>
 */
public enum SafetensorsType {
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  I16(16),
  U16(16),
  F16(16),
  BF16(16),
  I32(32),
  U32(32),
  F32(32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private static final Map<String, SafetensorsType> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(SafetensorsType::name, Function.identity()));

  private final int bits;

  SafetensorsType(int bits) {
    this.bits = bits;
  }

  /** Size of one element in bits; not always a whole number of bytes. */
  public int bits() {
    return bits;
  }

  /**
   * Size in bytes of a tensor of this type.
   *
   * @throws ArithmeticException if the size exceeds 2⁶³−1 bits or is not a whole number of bytes
   */
  public long bytes(Shape shape) {
    long total = Math.multiplyExact(shape.elements(), (long) bits);
    if (total % Byte.SIZE != 0) {
      throw new ArithmeticException("%s%s takes %d bits, not a whole number of bytes".formatted(name(), shape, total));
    }
    return total / Byte.SIZE;
  }

  /** The type as which a backend's elements are stored; same bits, little-endian. */
  public static SafetensorsType of(DType type) {
    return switch (type) {
      case F32 -> F32;
      case F64 -> F64;
      case BF16 -> BF16;
      case I32 -> I32;
    };
  }

  /** The type of this name, or empty if the format has none. */
  static Optional<SafetensorsType> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }
}
