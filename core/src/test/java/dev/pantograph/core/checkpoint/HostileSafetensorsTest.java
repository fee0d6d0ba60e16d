package dev.pantograph.core.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileSafetensorsTest {
  @TempDir Path folder;

  @Test
  void aMissingFile() {
    assertThatThrownBy(() -> Safetensors.open(folder.resolve("none.safetensors")))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContainingAll("none.safetensors", "found no such file", "check the path");
  }

  @Test
  void aFolderInPlaceOfAFile() {
    assertRefused(folder, "found");
  }

  @Test
  void aFileTooShortForItsLength() throws IOException {
    assertRefused(file(new byte[7]), "a file of 7 bytes", "at least the 8 bytes of the header's length");
  }

  @Test
  void aHeaderBeyondTheFile() throws IOException {
    assertRefused(file(100, "{}", 0), "a header length of 100 bytes in a file of 10 bytes", "cut short");
  }

  @Test
  void aHeaderBeyondTheLimit() throws IOException {
    assertRefused(file(100_000_001, "{}", 0), "a header length of 100000001 bytes", "at most 100000000");
  }

  @Test
  void aHeaderLengthWithTheTopBitSet() throws IOException {
    assertRefused(file(-1, "{}", 0), "a header length of 18446744073709551615 bytes", "at most 100000000");
  }

  @Test
  void anEmptyHeader() throws IOException {
    assertRefused(file("", 0), "a header that begins with ''", "begins with '{'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "null", "\"a\"", "1", " {}", "\u0000{}"})
  void aHeaderThatIsNotAnObject(String header) throws IOException {
    assertRefused(file(header, 0), "a header that begins with", "a JSON object that begins with '{'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "{\"a\":}", "{\"a\" 1}", "{'a':1}", "{\"a\":{\"dtype\":\"F32\"", "{//\n}"})
  void aHeaderThatIsNotJson(String header) throws IOException {
    assertRefused(file(header, 0), "a header that is not valid JSON", "needed one JSON object");
  }

  @Test
  void aHeaderThatIsNotUtf8() throws IOException {
    byte[] bytes = {3, 0, 0, 0, 0, 0, 0, 0, '{', (byte) 0xC0, '}'};
    assertRefused(file(bytes), "a header that is not UTF-8");
  }

  @Test
  void aTensorThatOccursTwice() throws IOException {
    String entry = tensor("a", "F32", "[1]", "[0,4]");
    assertRefused(file("{" + entry + "," + entry + "}", 4), "not valid JSON", "Duplicate", "a");
  }

  @Test
  void aFieldThatOccursTwice() throws IOException {
    String header = "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    assertRefused(file(header, 4), "not valid JSON", "Duplicate", "dtype");
  }

  @Test
  void textAfterTheHeader() throws IOException {
    assertRefused(file("{} {}", 0), "text after the header's JSON object");
    assertRefused(file("{} x", 0), "not valid JSON");
  }

  @Test
  void nestingWithoutEnd() throws IOException {
    assertRefused(file("{\"a\":" + "[".repeat(1_000_000), 0), "found an entry that is START_ARRAY");
    assertRefused(file("{\"a\":{\"shape\":" + "[".repeat(1_000_000), 0), "tensor 'a'", "found shape with '['");
  }

  @Test
  void anUnknownType() throws IOException {
    assertRefused(file("{" + tensor("a", "F12", "[1]", "[0,4]") + "}", 4),
        "tensor 'a'", "found dtype 'F12'", "needed one of [BOOL, F4,");
  }

  @Test
  void aTypeThatIsNotText() throws IOException {
    String header = "{\"a\":{\"dtype\":5,\"shape\":[1],\"data_offsets\":[0,4]}}";
    assertRefused(file(header, 4), "tensor 'a'", "found dtype that is VALUE_NUMBER_INT");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "9223372036854775808", "1e400", "1.0", "true", "null", "\"1\"", "{}"})
  void aDimensionThatIsNoCount(String dimension) throws IOException {
    assertRefused(file("{" + tensor("a", "F32", "[" + dimension + "]", "[0,4]") + "}", 4),
        "tensor 'a'", "found shape with", "needed integers from 0 to 2^63-1");
  }

  @Test
  void aShapeWhoseProductOverflows() throws IOException {
    assertRefused(file("{" + tensor("a", "F32", "[4294967296,4294967296]", "[0,4]") + "}", 4),
        "tensor 'a'", "found F32 of shape [4294967296, 4294967296]", "below 2^60");
  }

  @Test
  void aSizeThatOverflowsOnlyInBits() throws IOException {
    assertRefused(file("{" + tensor("a", "F64", "[1152921504606846976]", "[0,4]") + "}", 4),
        "tensor 'a'", "found F64 of shape [1152921504606846976]");
  }

  @Test
  void aTensorOfAFractionOfAByte() throws IOException {
    assertRefused(file("{" + tensor("a", "F4", "[3]", "[0,2]") + "}", 2), "tensor 'a'", "a whole number of bytes");
  }

  @Test
  void offsetsInReverse() throws IOException {
    assertRefused(file("{" + tensor("a", "F32", "[1]", "[4,0]") + "}", 4),
        "tensor 'a'", "found data_offsets [4, 0]", "begin at most end");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "[0]", "[0,4,4]"})
  void offsetsThatAreNotTwo(String offsets) throws IOException {
    assertRefused(file("{" + tensor("a", "F32", "[1]", offsets) + "}", 4), "tensor 'a'", "needed [begin, end]");
  }

  @Test
  void offsetsBeyondTheFile() throws IOException {
    assertRefused(file("{" + tensor("a", "F32", "[2]", "[0,8]") + "}", 4),
        "tensor 'a'", "found data_offsets [0, 8]", "within the 4 bytes of data", "cut short");
  }

  @Test
  void offsetsOfTheWrongSize() throws IOException {
    assertRefused(file("{" + tensor("a", "F32", "[2]", "[0,4]") + "}", 4),
        "tensor 'a'", "found data_offsets [0, 4] of 4 bytes", "needed 8 bytes for F32[2]");
  }

  @Test
  void tensorsThatOverlap() throws IOException {
    String header = "{" + tensor("a", "F32", "[2]", "[0,8]") + "," + tensor("b", "F32", "[1]", "[4,8]") + "}";
    assertRefused(file(header, 8), "tensor 'b'", "overlap the tensor before", "needed begin 8");
  }

  @Test
  void tensorsWithAGapBetween() throws IOException {
    String header = "{" + tensor("a", "F32", "[1]", "[0,4]") + "," + tensor("b", "F32", "[1]", "[8,12]") + "}";
    assertRefused(file(header, 12), "tensor 'b'", "leave a gap after the tensor before", "needed begin 4");
  }

  @Test
  void aGapBeforeTheFirstTensor() throws IOException {
    assertRefused(file("{" + tensor("a", "F32", "[1]", "[4,8]") + "}", 8), "tensor 'a'", "needed begin 0");
  }

  @Test
  void dataThatNoTensorCovers() throws IOException {
    assertRefused(file("{" + tensor("a", "F32", "[1]", "[0,4]") + "}", 5),
        "found 5 bytes of data", "exactly the 4 bytes its tensors cover");
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "{\"a\":5}",
      "{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}",
      "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"more\":1}}"})
  void anEntryOfAnotherForm(String header) throws IOException {
    assertRefused(file(header, 4), "tensor 'a'", "needed an entry {\"dtype\": string");
  }

  @Test
  void metadataThatIsNotText() throws IOException {
    assertRefused(file("{\"__metadata__\":[]}", 0), "__metadata__ that is START_ARRAY", "an object of strings");
    assertRefused(file("{\"__metadata__\":{\"k\":1}}", 0), "__metadata__ 'k' that is VALUE_NUMBER_INT", "a string");
  }

  @Test
  void aNameThatWouldSteerTheTerminal() throws IOException {
    Path file = file("{\"\\u001b[2J" + "x".repeat(10_000) + "\":5}", 0);

    assertThatThrownBy(() -> Safetensors.open(file))
        .hasMessageContaining("tensor '\\u{1b}[2Jxxx")
        .message().hasSizeLessThan(1000).doesNotContain("\u001b");
  }

  @Test
  void aRefusedFileCanBeDeletedAtOnce() throws IOException {
    Path file = file("{} x", 0);
    assertRefused(file, "not valid JSON");

    Files.delete(file);

    assertThat(file).doesNotExist();
  }

  private static void assertRefused(Path file, String... message) {
    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContainingAll(message);
  }

  private static String tensor(String name, String type, String shape, String offsets) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}".formatted(name, type, shape, offsets);
  }

  private Path file(String header, int dataBytes) throws IOException {
    return file(header.getBytes(StandardCharsets.UTF_8).length, header, dataBytes);
  }

  private Path file(long length, String header, int dataBytes) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return file(ByteBuffer.allocate(Long.BYTES + json.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN).putLong(length).put(json).array());
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("hostile.safetensors"), bytes);
  }
}
