package dev.pantograph.backends.foreign;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where a shared library is looked for: what the user named, and nothing else then; the system's loader, by the names
 * that distributions give it; folders; jars on the class or module path that carry it.
 *
 * @param subject what is looked for, for people
 * @param property system property in which a user names it
 * @param environment variable of the environment in which a user names it
 * @param names what it is called on this system, the preferred first
 * @param folders where else it may lie, the preferred first
 * @param jars which published jars carry it
 */
public record LibrarySearch(
    String subject, String property, String environment, List<String> names, List<Path> folders,
    List<LibraryJar> jars) {
  /** Names {@link #cache}, into which libraries are taken out of jars; else it is among the user's caches. */
  public static final String CACHE_PROPERTY = "pantograph.library.cache";

  /** What a search ends with. */
  public sealed interface Result {
    /** The library is open. */
    record Found(SharedLibrary library) implements Result {}

    /** There is none that can be used. */
    record Missing(String reason, String remedy) implements Result {}
  }

  public LibrarySearch {
    names = List.copyOf(names);
    folders = List.copyOf(folders);
    jars = List.copyOf(jars);
  }

  /** A library that the loader or a jar has. */
  public LibrarySearch(
      String subject, String property, String environment, List<String> names, List<LibraryJar> jars) {
    this(subject, property, environment, names, List.of(), jars);
  }

  /**
   * Looks for the library and opens it.
   *
   * @param setting what the user named, before all else: a file, folders that hold it (parted as in {@code PATH}), a
   *     jar, or a name for the system's loader; or absent
   * @param suits why a library that was found cannot be used; empty if it can
   */
  public Result open(@Nullable String setting, Function<SharedLibrary, Optional<String>> suits) {
    String named = setting != null ? setting : System.getProperty(property, System.getenv(environment));
    if (named != null) {
      return openNamed(named, suits);
    }
    List<String> tried = new ArrayList<>();
    for (String name : names) {
      Optional<SharedLibrary> library = openIfThere(name, "the system's", suits, tried);
      if (library.isPresent()) {
        return new Result.Found(library.get());
      }
    }
    Optional<SharedLibrary> inFolder = openIn(folders, "in a folder of such libraries", suits, tried);
    if (inFolder.isPresent()) {
      return new Result.Found(inFolder.get());
    }
    for (LibraryJar jar : jars) {
      try {
        Optional<Path> file = jar.extract(ClassLoader.getSystemClassLoader(), cache());
        if (file.isPresent()) {
          SharedLibrary library = SharedLibrary.open(file.get().toString(), "taken out of " + jar.artefact());
          Optional<String> unsuitable = suits.apply(library);
          if (unsuitable.isEmpty()) {
            return new Result.Found(library);
          }
          tried.add(library.name() + ": " + unsuitable.get());
        }
      } catch (IOException | IllegalArgumentException e) {
        tried.add("%s, from its jar, cannot be loaded: %s".formatted(jar.artefact(), e.getMessage()));
      }
    }
    return new Result.Missing(
        "no %s: the system's loader knows none of %s%s%s".formatted(subject, String.join(", ", names),
            folders.isEmpty() ? "" : ", nor is one in %d folders".formatted(folders.size()),
            tried.isEmpty() ? "" : "; " + String.join("; ", tried)),
        remedy());
  }

  private Optional<SharedLibrary> openIn(List<Path> places, String origin,
      Function<SharedLibrary, Optional<String>> suits, List<String> tried) {
    for (Path place : places) {
      for (String name : names) {
        Path file = place.resolve(name);
        if (Files.exists(file)) {
          try {
            SharedLibrary library = SharedLibrary.open(file.toString(), origin);
            Optional<String> unsuitable = suits.apply(library);
            if (unsuitable.isEmpty()) {
              return Optional.of(library);
            }
            tried.add(file + ": " + unsuitable.get());
          } catch (IllegalArgumentException e) {
            tried.add("%s cannot be loaded: %s".formatted(file, e.getMessage()));
          }
        }
      }
    }
    return Optional.empty();
  }

  private Result openNamed(String named, Function<SharedLibrary, Optional<String>> suits) {
    List<Path> places = Arrays.stream(named.split(File.pathSeparator)).map(Path::of).toList();
    if (places.stream().allMatch(Files::isDirectory)) {
      List<String> tried = new ArrayList<>();
      return openIn(places, "in a folder named by the user", suits, tried).<Result>map(Result.Found::new)
          .orElseGet(() -> new Result.Missing(tried.isEmpty()
              ? "no %s: none of %s is in %s, named by the user".formatted(subject, String.join(", ", names), named)
              : String.join("; ", tried), remedy()));
    }
    try {
      String file = named.endsWith(".jar") ? inJar(Path.of(named)) : named;
      SharedLibrary library = SharedLibrary.open(file, "named by the user");
      Optional<String> unsuitable = suits.apply(library);
      return unsuitable.<Result>map(why -> new Result.Missing("%s: %s".formatted(named, why), remedy()))
          .orElseGet(() -> new Result.Found(library));
    } catch (IOException | IllegalArgumentException e) {
      return new Result.Missing("%s, named by the user, cannot be loaded: %s".formatted(named, e.getMessage()),
          remedy());
    }
  }

  private String inJar(Path jar) throws IOException {
    if (!Files.isReadable(jar)) {
      throw new IOException("there is no such file");
    }
    for (LibraryJar known : jars) {
      Optional<Path> file = known.extract(jar, cache());
      if (file.isPresent()) {
        return file.get().toString();
      }
    }
    throw new IOException("it holds none of " + jars.stream().map(known -> known.files().getFirst()).toList());
  }

  /** A name that the system's loader does not know is the normal case; a library that does not suit is not. */
  private static Optional<SharedLibrary> openIfThere(
      String name, String origin, Function<SharedLibrary, Optional<String>> suits, List<String> tried) {
    return SharedLibrary.openIfThere(name, origin).filter(library -> {
      Optional<String> unsuitable = suits.apply(library);
      unsuitable.ifPresent(why -> tried.add(name + ": " + why));
      return unsuitable.isEmpty();
    });
  }

  private String remedy() {
    String carried = jars.isEmpty() ? ""
        : ", or a jar of %s".formatted(String.join(" or ", jars.stream().map(LibraryJar::artefact).toList()));
    return "Install one by the system's packages, or name its file%s in %s or -D%s"
        .formatted(carried, environment, property);
  }

  /** The folder for what is made once for a machine, and can be made again; it need not be there yet. */
  public static Path cache() {
    String named = System.getProperty(CACHE_PROPERTY);
    if (named != null) {
      return Path.of(named);
    }
    String base = System.getenv(Platform.current() == Platform.WINDOWS ? "LOCALAPPDATA" : "XDG_CACHE_HOME");
    Path caches = base != null && !base.isEmpty() ? Path.of(base) : Path.of(System.getProperty("user.home"), ".cache");
    return caches.resolve("pantograph");
  }
}
