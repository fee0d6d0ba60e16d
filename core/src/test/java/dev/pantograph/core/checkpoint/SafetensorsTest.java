package dev.pantograph.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  /** The format's smallest interesting file: tensor a = F32 [1, 2]. */
  private static final String ONE_TENSOR = "3800000000000000"
      + "7b2261223a7b226474797065223a22463332222c227368617065223a5b325d2c"
      + "22646174615f6f666673657473223a5b302c385d7d7d20200000803f00000040";

  @TempDir Path folder;

  @Test
  void writtenTensorsAreReadBack() {
    Path file = folder.resolve("model.safetensors");
    SequencedMap<String, SafetensorsSource> tensors = new LinkedHashMap<>();
    tensors.put("weight", source(SafetensorsType.F32, Shape.of(2, 2), floats(1, -2, 3.5f, 1e-40f)));
    tensors.put("π \"quoted\"", source(SafetensorsType.I32, Shape.of(1), new byte[] {1, 2, 3, 4}));
    tensors.put("scalar", source(SafetensorsType.F64, Shape.scalar(), doubles(0.1)));
    tensors.put("empty", source(SafetensorsType.F32, Shape.of(3, 0), new byte[0]));
    tensors.put("tokens", source(SafetensorsType.U16, Shape.of(3), new byte[] {1, 0, 2, 0, 3, 0}));

    SafetensorsWriter.write(file, tensors, Map.of("step", "7"));

    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.metadata()).containsExactly(Map.entry("step", "7"));
      assertThat(read.tensors().keySet()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
      tensors.forEach((name, written) -> {
        SafetensorsTensor tensor = read.tensor(name);
        assertThat(tensor.type()).isEqualTo(written.type());
        assertThat(tensor.shape()).isEqualTo(written.shape());
        assertThat(tensor.data().mismatch(written.data().get())).isEqualTo(-1);
      });
      assertThat(read.floats("weight")).containsExactly(1, -2, 3.5f, 1e-40f);
    }
  }

  @Test
  void theBytesOfAFileAreThoseTheFormatPrescribes() throws IOException {
    Path file = folder.resolve("one.safetensors");
    SequencedMap<String, SafetensorsSource> tensors = new LinkedHashMap<>();
    tensors.put("a", source(SafetensorsType.F32, Shape.of(2), floats(1, 2)));

    SafetensorsWriter.write(file, tensors, Map.of());

    assertThat(HexFormat.of().formatHex(Files.readAllBytes(file))).isEqualTo(ONE_TENSOR);
  }

  @Test
  void aForeignFileIsRead() throws IOException {
    Path file = Files.write(folder.resolve("one.safetensors"), HexFormat.of().parseHex(ONE_TENSOR));

    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.tensors()).containsOnlyKeys("a");
      assertThat(read.metadata()).isEmpty();
      assertThat(read.floats("a")).containsExactly(1, 2);
    }
  }

  @Test
  void everyTensorIsAlignedToItsElements() throws IOException {
    Path file = folder.resolve("aligned.safetensors");
    SequencedMap<String, SafetensorsSource> tensors = new LinkedHashMap<>();
    tensors.put("byte", source(SafetensorsType.U8, Shape.of(1), new byte[1]));
    tensors.put("short", source(SafetensorsType.U16, Shape.of(1), new byte[2]));
    tensors.put("float", source(SafetensorsType.F32, Shape.of(1), floats(1)));
    tensors.put("double", source(SafetensorsType.F64, Shape.of(1), doubles(1)));

    SafetensorsWriter.write(file, tensors, Map.of("any", "length"));

    assertThat(ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8).isZero();
    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.tensors().values())
          .allSatisfy(tensor -> assertThat(tensor.data().address() * 8 % tensor.type().bits()).isZero());
    }
  }

  @Test
  void fourTypesAreReadAsFloat32() {
    Path file = folder.resolve("floats.safetensors");
    SequencedMap<String, SafetensorsSource> tensors = new LinkedHashMap<>();
    tensors.put("f32", source(SafetensorsType.F32, Shape.of(2), floats(1.5f, Float.NEGATIVE_INFINITY)));
    tensors.put("f64", source(SafetensorsType.F64, Shape.of(2), doubles(0.1, -2)));
    tensors.put("f16", source(SafetensorsType.F16, Shape.of(2), shorts(0x3E00, 0xC000)));
    tensors.put("bf16", source(SafetensorsType.BF16, Shape.of(2), shorts(0x3FC0, 0xC000)));
    SafetensorsWriter.write(file, tensors, Map.of());

    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.floats("f32")).containsExactly(1.5f, Float.NEGATIVE_INFINITY);
      assertThat(read.floats("f64")).containsExactly(0.1f, -2);
      assertThat(read.floats("f16")).containsExactly(1.5f, -2);
      assertThat(read.floats("bf16")).containsExactly(1.5f, -2);
    }
  }

  @Test
  void integersAreNotReadAsFloat32() {
    Path file = folder.resolve("tokens.safetensors");
    SequencedMap<String, SafetensorsSource> tensors = new LinkedHashMap<>();
    tensors.put("tokens", source(SafetensorsType.I32, Shape.of(1), new byte[4]));
    SafetensorsWriter.write(file, tensors, Map.of());

    try (Safetensors read = Safetensors.open(file)) {
      assertThatThrownBy(() -> read.floats("tokens"))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageContainingAll(
              "tokens.safetensors: tensor 'tokens'", "found dtype I32", "needed F32, F64, F16 or BF16");
    }
  }

  @Test
  void aDestinationOfTheWrongSizeIsRefused() throws IOException {
    Path file = Files.write(folder.resolve("one.safetensors"), HexFormat.of().parseHex(ONE_TENSOR));

    try (Safetensors read = Safetensors.open(file)) {
      assertThatThrownBy(() -> read.copyFloats("a", MemorySegment.ofArray(new float[3])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("tensor 'a'", "12 bytes", "2 elements of 4 bytes");
    }
  }

  @Test
  void aTensorThatIsNotThereIsNamedTogetherWithThoseThatAre() throws IOException {
    Path file = Files.write(folder.resolve("one.safetensors"), HexFormat.of().parseHex(ONE_TENSOR));

    try (Safetensors read = Safetensors.open(file)) {
      assertThatThrownBy(() -> read.tensor("b"))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageContainingAll("one.safetensors: tensor 'b'", "no tensor of this name among 1", "one of 'a'");
    }
  }

  @Test
  void theMemoryOfAClosedFileIsOutOfReach() throws IOException {
    Path file = Files.write(folder.resolve("one.safetensors"), HexFormat.of().parseHex(ONE_TENSOR));
    Safetensors read = Safetensors.open(file);
    SafetensorsTensor tensor = read.tensor("a");

    read.close();

    assertThatThrownBy(() -> tensor.data().toArray(ValueLayout.JAVA_BYTE))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aBackendsTypesHaveCounterparts() {
    assertThat(DType.values()).allSatisfy(type -> {
      assertThat(SafetensorsType.of(type).name()).isEqualTo(type.name());
      assertThat(SafetensorsType.of(type).bits()).isEqualTo(8 * type.bytes());
    });
  }

  @Test
  void recordedInitialWeightsAreRead() {
    Path shared = Path.of(System.getProperty("pantograph.shared", "../../shared"));
    Path file = shared.resolve("golden", "sp", "init.safetensors");
    assumeTrue(Files.exists(file), "recorded runs are not at hand");

    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.tensor("transformer.wte.weight").shape()).isEqualTo(Shape.of(65, 64));
      assertThat(read.tensors().values())
          .allSatisfy(tensor -> assertThat(tensor.type()).isEqualTo(SafetensorsType.F32));
      assertThat(read.floats("transformer.ln_f.weight")).hasSize(64);
      assertThat(read.floats("transformer.ln_f.weight")[0]).isEqualTo(1.0072762f);
    }
  }

  @Test
  void aWriteThatFailsLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = Files.writeString(folder.resolve("model.safetensors"), "old", StandardCharsets.UTF_8);
    SequencedMap<String, SafetensorsSource> tensors = new LinkedHashMap<>();
    tensors.put("first", source(SafetensorsType.F32, Shape.of(2), floats(1, 2)));
    tensors.put("second", new SafetensorsSource(SafetensorsType.F32, Shape.of(2), () -> {
      throw new IllegalStateException("the device is gone");
    }));

    assertThatThrownBy(() -> SafetensorsWriter.write(file, tensors, Map.of())).hasMessage("the device is gone");

    assertThat(file).hasContent("old");
    assertThat(folder.toFile().list()).containsExactly("model.safetensors");
  }

  @Test
  void dataOfTheWrongSizeIsRefusedAndLeavesTheOldFile() throws IOException {
    Path file = Files.writeString(folder.resolve("model.safetensors"), "old", StandardCharsets.UTF_8);
    SequencedMap<String, SafetensorsSource> tensors = new LinkedHashMap<>();
    tensors.put("w", new SafetensorsSource(SafetensorsType.F32, Shape.of(2), () -> MemorySegment.ofArray(new byte[7])));

    assertThatThrownBy(() -> SafetensorsWriter.write(file, tensors, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("model.safetensors: tensor 'w'", "found 7 bytes", "needed 8 for F32[2]");

    assertThat(file).hasContent("old");
    assertThat(folder.toFile().list()).containsExactly("model.safetensors");
  }

  @Test
  void aNewFileTakesTheOldOnesPlace() throws IOException {
    Path file = Files.writeString(folder.resolve("model.safetensors"), "old", StandardCharsets.UTF_8);

    SafetensorsWriter.write(file, new LinkedHashMap<>(), Map.of());

    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.tensors()).isEmpty();
    }
    assertThat(folder.toFile().list()).containsExactly("model.safetensors");
  }

  @Test
  void aFolderThatIsMissingIsReportedWithTheSpaceNeeded() {
    Path file = folder.resolve("missing", "model.safetensors");
    SequencedMap<String, SafetensorsSource> tensors = new LinkedHashMap<>();
    tensors.put("a", source(SafetensorsType.F32, Shape.of(2), floats(1, 2)));

    assertThatThrownBy(() -> SafetensorsWriter.write(file, tensors, Map.of()))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContainingAll(file.toString(), "writing fails", "needed 72 bytes in an existing, writable folder");
  }

  @Test
  void theReservedNameIsRefused() {
    SequencedMap<String, SafetensorsSource> tensors = new LinkedHashMap<>();
    tensors.put("__metadata__", source(SafetensorsType.F32, Shape.of(1), floats(1)));

    assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("x"), tensors, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a tensor named __metadata__, which the format reserves");
  }

  private static SafetensorsSource source(SafetensorsType type, Shape shape, byte[] data) {
    return SafetensorsSource.of(new SafetensorsTensor(type, shape, MemorySegment.ofArray(data)));
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  private static byte[] doubles(double... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      bytes.putDouble(value);
    }
    return bytes.array();
  }

  private static byte[] shorts(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.putShort((short) value);
    }
    return bytes.array();
  }
}
