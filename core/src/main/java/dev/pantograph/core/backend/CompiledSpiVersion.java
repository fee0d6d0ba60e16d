package dev.pantograph.core.backend;

import dev.pantograph.spi.SpiVersion;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.module.ModuleReader;
import java.util.OptionalInt;

/**
 * Reads {@link SpiVersion} from a class file. The class is not loaded: with the wrong version, loading is what may
 * fail.
 */
final class CompiledSpiVersion {
  private static final String ANNOTATION = SpiVersion.class.descriptorString();

  private CompiledSpiVersion() {}

  /**
   * The version the class was compiled against; empty if it does not say, or there is no such class.
   *
   * @throws IllegalArgumentException if the file is no class file, or one of a later Java
   */
  static OptionalInt of(String className, ModuleReader reader) throws IOException {
    String file = className.replace('.', '/') + ".class";
    try (InputStream in = reader.open(file).orElseGet(InputStream::nullInputStream)) {
      byte[] bytes = in.readAllBytes();
      return bytes.length == 0 ? OptionalInt.empty() : of(bytes);
    }
  }

  private static OptionalInt of(byte[] classFile) {
    return ClassFile.of().parse(classFile).findAttribute(Attributes.runtimeInvisibleAnnotations()).stream()
        .flatMap(attribute -> attribute.annotations().stream())
        .filter(annotation -> annotation.className().equalsString(ANNOTATION))
        .flatMap(annotation -> annotation.elements().stream())
        .map(element -> element.value())
        .filter(AnnotationValue.OfInt.class::isInstance)
        .mapToInt(value -> ((AnnotationValue.OfInt) value).intValue())
        .findFirst();
  }
}
