package dev.pantograph.backends.cuda.cudnn;

import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.BACKEND_CREATE_DESCRIPTOR;
import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.BACKEND_DESTROY_DESCRIPTOR;
import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.BACKEND_FINALIZE;
import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.BACKEND_GET_ATTRIBUTE;
import static dev.pantograph.backends.cuda.cudnn.CudnnFunction.BACKEND_SET_ATTRIBUTE;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import dev.pantograph.backends.cuda.binding.HeaderConstant;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One description, as the library holds it: attributes are set, then it is finished, then others may refer to it. */
final class Descriptor implements AutoCloseable {
  private static final class Handles {
    static final MethodHandle CREATE = BACKEND_CREATE_DESCRIPTOR.handle();
    static final MethodHandle DESTROY = BACKEND_DESTROY_DESCRIPTOR.handle();
    static final MethodHandle SET = BACKEND_SET_ATTRIBUTE.handle();
    static final MethodHandle GET = BACKEND_GET_ATTRIBUTE.handle();
    static final MethodHandle FINISH = BACKEND_FINALIZE.handle();
  }

  private final BoundLibrary<CudnnFunction> library;
  private final DescriptorType type;
  private final long handle;

  Descriptor(BoundLibrary<CudnnFunction> library, DescriptorType type) {
    this.library = library;
    this.type = type;
    int code = type.code();
    this.handle = library.query(BACKEND_CREATE_DESCRIPTOR,
        (function, result) -> (int) Handles.CREATE.invokeExact(function, code, result), "type", type);
  }

  long handle() {
    return handle;
  }

  /** 64-bit integers. */
  Descriptor set(Attribute attribute, long... values) {
    return set(attribute, AttributeType.INT64, values);
  }

  /** Integers, pointers or handles, of 64 bits each. */
  Descriptor set(Attribute attribute, AttributeType valueType, long... values) {
    try (Arena arena = Arena.ofConfined()) {
      return set(attribute, valueType, values.length, arena.allocateFrom(JAVA_LONG, values));
    }
  }

  /** A number that a header gives a name. */
  Descriptor set(Attribute attribute, AttributeType valueType, HeaderConstant value) {
    try (Arena arena = Arena.ofConfined()) {
      return set(attribute, valueType, 1, arena.allocateFrom(JAVA_INT, value.code()));
    }
  }

  Descriptor set(Attribute attribute, boolean value) {
    try (Arena arena = Arena.ofConfined()) {
      return set(attribute, AttributeType.BOOLEAN, 1, arena.allocateFrom(JAVA_BYTE, (byte) (value ? 1 : 0)));
    }
  }

  Descriptor set(Attribute attribute, Descriptor... values) {
    return set(attribute, AttributeType.BACKEND_DESCRIPTOR, handles(List.of(values)));
  }

  Descriptor set(Attribute attribute, String text) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return set(attribute, AttributeType.CHAR, bytes.length, arena.allocateFrom(JAVA_BYTE, bytes));
    }
  }

  private Descriptor set(Attribute attribute, AttributeType valueType, long count, MemorySegment values) {
    int attributeCode = attribute.code();
    int typeCode = valueType.code();
    library.call(BACKEND_SET_ATTRIBUTE,
        function -> (int) Handles.SET.invokeExact(function, handle, attributeCode, typeCode, count, values),
        "of", type, "attribute", attribute);
    return this;
  }

  /** Checks that all is said that must be. */
  Descriptor finish() {
    library.call(BACKEND_FINALIZE, function -> (int) Handles.FINISH.invokeExact(function, handle), "of", type);
    return this;
  }

  long getLong(Attribute attribute) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_LONG);
      get(attribute, AttributeType.INT64, 1, value, arena);
      return value.get(JAVA_LONG, 0);
    }
  }

  String getText(Attribute attribute) {
    try (Arena arena = Arena.ofConfined()) {
      long bytes = get(attribute, AttributeType.CHAR, 0, MemorySegment.NULL, arena);
      MemorySegment text = arena.allocate(bytes);
      get(attribute, AttributeType.CHAR, bytes, text, arena);
      String read = new String(text.toArray(JAVA_BYTE), StandardCharsets.UTF_8);
      return read.endsWith("\0") ? read.substring(0, read.length() - 1) : read;
    }
  }

  /** Lets the library fill descriptors that exist; returns how many it did. */
  int fill(Attribute attribute, List<Descriptor> descriptors) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handles = arena.allocateFrom(JAVA_LONG, handles(descriptors));
      return (int) get(attribute, AttributeType.BACKEND_DESCRIPTOR, descriptors.size(), handles, arena);
    }
  }

  private long get(
      Attribute attribute, AttributeType valueType, long count, MemorySegment values, Arena arena) {
    int attributeCode = attribute.code();
    int typeCode = valueType.code();
    MemorySegment found = arena.allocate(JAVA_LONG);
    library.call(BACKEND_GET_ATTRIBUTE,
        function -> (int) Handles.GET.invokeExact(function, handle, attributeCode, typeCode, count, found, values),
        "of", type, "attribute", attribute);
    return found.get(JAVA_LONG, 0);
  }

  static long[] handles(List<Descriptor> descriptors) {
    return descriptors.stream().mapToLong(Descriptor::handle).toArray();
  }

  /** Gives back all of them, the last first. */
  static void closeAll(List<Descriptor> descriptors) {
    descriptors.reversed().forEach(Descriptor::close);
  }

  @Override
  public void close() {
    library.call(BACKEND_DESTROY_DESCRIPTOR, function -> (int) Handles.DESTROY.invokeExact(function, handle));
  }
}
