package dev.pantograph.backends.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaPlacesTest {
  @TempDir private Path root;

  @Test
  void aToolkitComesBeforePythonsPackages() throws IOException {
    Path home = folder("toolkit/lib64");
    Path standard = folder("cuda/targets/x86_64-linux/lib");
    Path virtual = folder("venv/lib/python3.12/site-packages/nvidia/cu13/lib");
    Path cudnn = folder("venv/lib/python3.12/site-packages/nvidia/cudnn/lib");
    Path user = folder("me/.local/lib/python3.11/site-packages/nvidia/cu13/lib");
    Path called = folder("python/lib/python3.13/dist-packages/nvidia/cublas/lib");
    Files.createFile(folder("python/bin").resolve("python3"));
    Map<String, String> environment = Map.of("CUDA_HOME", root.resolve("toolkit").toString(),
        "VIRTUAL_ENV", root.resolve("venv").toString(), "HOME", root.resolve("me").toString(),
        "PATH", root.resolve("nowhere") + File.pathSeparator + root.resolve("python/bin"));
    assertThat(CudaPlaces.installed(environment::get, root.resolve("cuda")))
        .containsSubsequence(home, standard, virtual, cudnn, user, called);
  }

  @Test
  void anEmptyMachineHasNoPlaces() {
    assertThat(CudaPlaces.installed(_ -> null, root.resolve("cuda"))).isEmpty();
  }

  @Test
  void aNamedFolderMayHoldPythonsPackages() throws IOException {
    Path libraries = folder("site-packages/nvidia/cu13/lib");
    Path headers = folder("site-packages/nvidia/cu13/include");
    CudaPlaces places = CudaPlaces.of(root.resolve("site-packages").toString(), null);
    assertThat(places.named()).contains(libraries);
    assertThat(places.setting()).contains(libraries.toString());
    assertThat(places.headers()).containsExactly(headers);
    assertThat(places.drivers()).isEmpty();
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(root.resolve(name));
  }
}
