package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.cublaslt.MatmulAlgorithm;
import dev.pantograph.backends.cuda.cublaslt.Product;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The algorithms that a search found the fastest, in a file for each kind of device and version of the library. A file
 * that cannot be read or written costs the search, and nothing else.
 */
final class AlgorithmCache {
  private static final Logger LOG = System.getLogger(AlgorithmCache.class.getName());
  private static final String COLUMNS = "\t";
  private static final int COLUMN_COUNT = 4;

  private final Path file;
  private final Map<String, MatmulAlgorithm> found;

  /**
   * @param folder holds the files; need not exist
   * @param device the kind of device
   * @param version of the library
   */
  AlgorithmCache(Path folder, String device, long version) {
    this.file = folder.resolve("products-%s-%d.tsv".formatted(device.replaceAll("[^A-Za-z0-9]+", "-"), version));
    this.found = read(file);
  }

  Optional<MatmulAlgorithm> find(Product product) {
    return Optional.ofNullable(found.get(product.toString()));
  }

  void keep(Product product, MatmulAlgorithm algorithm) {
    found.put(product.toString(), algorithm);
    List<String> lines = new ArrayList<>();
    found.forEach((key, each) -> lines.add(String.join(COLUMNS, key, each.code(),
        Long.toString(each.workspaceBytes()), Float.toString(each.waves()))));
    try {
      Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
      // Under another name until it is whole: another process may be looking.
      Path part = Files.createTempFile(folder, "part", ".tmp");
      Files.write(part, lines);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.log(Level.WARNING, () -> "%s cannot be kept, and will be searched for again: %s".formatted(file, e));
    }
  }

  private static Map<String, MatmulAlgorithm> read(Path file) {
    Map<String, MatmulAlgorithm> found = new LinkedHashMap<>();
    if (Files.exists(file)) {
      try {
        for (String line : Files.readAllLines(file)) {
          String[] columns = line.split(COLUMNS, -1);
          if (columns.length == COLUMN_COUNT) {
            found.put(columns[0],
                new MatmulAlgorithm(columns[1], Long.parseLong(columns[2]), Float.parseFloat(columns[3])));
          }
        }
      } catch (IOException | IllegalArgumentException e) {
        LOG.log(Level.WARNING, () -> "%s cannot be read, and is made again: %s".formatted(file, e));
      }
    }
    return found;
  }
}
