package dev.pantograph.backends.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pantograph.backends.foreign.LibrarySearch.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibrarySearchTest {
  /** Part of every JDK. */
  private static final String KNOWN =
      Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("zip")).toString();

  @Test
  void theFirstNameThatSuitsIsUsed() {
    assumeTrue(Files.exists(Path.of(KNOWN)), () -> KNOWN + " is where this JDK has no library");
    Result result = search("libnowhere.so", KNOWN).open(null, _ -> Optional.empty());
    assertThat(result).isInstanceOfSatisfying(Result.Found.class,
        found -> assertThat(found.library().name()).isEqualTo(KNOWN));
  }

  @Test
  void oneThatDoesNotSuitIsReportedWithItsReason() {
    assumeTrue(Files.exists(Path.of(KNOWN)), () -> KNOWN + " is where this JDK has no library");
    Result result = search(KNOWN).open(null, _ -> Optional.of("it holds no numbers"));
    assertThat(result).isInstanceOfSatisfying(Result.Missing.class,
        missing -> assertThat(missing.reason()).contains(KNOWN + ": it holds no numbers"));
  }

  @Test
  void whatTheUserNamesIsTriedAlone() {
    Result result = search(KNOWN).open("/nowhere/libnumbers.so", _ -> Optional.empty());
    assertThat(result).isInstanceOfSatisfying(Result.Missing.class, missing -> {
      assertThat(missing.reason()).contains("/nowhere/libnumbers.so", "named by the user");
      assertThat(missing.remedy()).contains("NUMBERS_LIBRARY", "-Dnumbers.library");
    });
  }

  @Test
  void foldersComeAfterTheLoader() {
    assumeTrue(Files.exists(Path.of(KNOWN)), () -> KNOWN + " is where this JDK has no library");
    Path folder = Path.of(System.getProperty("java.home"), "lib");
    String name = System.mapLibraryName("zip");
    LibrarySearch search = new LibrarySearch("numbers", "numbers.library", "NUMBERS_LIBRARY",
        List.of("libnowhere.so", name), List.of(Path.of("/nowhere"), folder), List.of());
    assertThat(search.open(null, _ -> Optional.empty())).isInstanceOf(Result.Found.class);
    assertThat(search("libnowhere.so", name).open(folder.toString(), _ -> Optional.empty()))
        .isInstanceOfSatisfying(Result.Found.class, found -> {
          assertThat(found.library().name()).isEqualTo(KNOWN);
          assertThat(found.library().origin()).contains("named by the user");
        });
  }

  @Test
  void aFolderWithoutItIsNamed(@TempDir Path folder) {
    assertThat(search("libnowhere.so").open(folder.toString(), _ -> Optional.empty()))
        .isInstanceOfSatisfying(Result.Missing.class,
            missing -> assertThat(missing.reason()).contains("libnowhere.so", folder.toString()));
  }

  @Test
  void nothingFoundNamesAllThatWasLookedFor() {
    Result result = search("libnowhere.so", "libneither.so").open(null, _ -> Optional.empty());
    assertThat(result).isInstanceOfSatisfying(Result.Missing.class,
        missing -> assertThat(missing.reason()).contains("no numbers", "libnowhere.so", "libneither.so"));
  }

  private static LibrarySearch search(String... names) {
    return new LibrarySearch("numbers", "numbers.library", "NUMBERS_LIBRARY", List.of(names), List.of());
  }
}
