package dev.pantograph.jmh;

import dev.pantograph.backends.foreign.LibraryJar;
import dev.pantograph.backends.foreign.SharedLibrary;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Shared libraries taken out of jars on the class path.
 *
 * @param folder they are extracted to; what is there already is used again
 */
record NativeLibraries(Path folder) {

  /**
   * Extracts and opens a library.
   *
   * @throws PeerAbsentException if the class path has no such jar, or the system cannot load it
   */
  SharedLibrary open(LibraryJar jar) throws PeerAbsentException {
    try {
      Path library = jar.extract(NativeLibraries.class.getClassLoader(), folder).orElseThrow(
          () -> new PeerAbsentException("the class path holds no %s; its jar comes with the Maven profile `peers`"
              .formatted(jar.files().getFirst())));
      return SharedLibrary.open(library.toAbsolutePath().toString(), jar.artefact());
    } catch (IOException e) {
      throw new PeerAbsentException("%s cannot be extracted: %s".formatted(jar.artefact(), e.getMessage()), e);
    } catch (IllegalArgumentException e) {
      throw new PeerAbsentException("%s cannot be loaded: %s".formatted(jar.artefact(), e.getMessage()), e);
    }
  }
}
