package dev.pantograph.backends.cuda.nvrtc;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Compiled code kept in a folder, a file for each source, options and version of the compiler: one tenth of a second
 * saved for each at every start. A folder that cannot be written costs that time and nothing else.
 *
 * @param compiler what compiles that is not there yet
 * @param folder holds the files; need not exist
 */
public record CubinCache(Nvrtc compiler, Path folder) {
  private static final Logger LOG = System.getLogger(CubinCache.class.getName());

  /**
   * The machine code of a source.
   *
   * @throws CudaCompileException if it does not compile
   */
  public byte[] cubin(CudaSource source, List<String> options) {
    Path file = folder.resolve(key(source, options) + ".cubin");
    return read(file).orElseGet(() -> {
      byte[] cubin = compiler.compile(source, options).cubin();
      write(file, cubin);
      return cubin;
    });
  }

  private static Optional<byte[]> read(Path file) {
    try {
      return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    } catch (IOException e) {
      LOG.log(Level.WARNING, () -> "%s cannot be read, and is compiled again: %s".formatted(file, e));
      return Optional.empty();
    }
  }

  private void write(Path file, byte[] cubin) {
    try {
      Files.createDirectories(folder);
      // Under another name until it is whole: another process may be looking.
      Path part = Files.createTempFile(folder, "part", ".tmp");
      Files.write(part, cubin);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.log(Level.WARNING, () -> "%s cannot be kept, and will be compiled again: %s".formatted(file, e));
    }
  }

  private String key(CudaSource source, List<String> options) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      add(digest, Long.toString(compiler.version()));
      add(digest, source.name());
      add(digest, source.text());
      source.headers().forEach((name, text) -> {
        add(digest, name);
        add(digest, text);
      });
      options.forEach(option -> add(digest, option));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A zero ends each text, so that no two lists of texts are the same bytes. */
  private static void add(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }
}
