package dev.pantograph.backends.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import dev.pantograph.backends.cuda.binding.ForeignFunction;
import dev.pantograph.backends.cuda.cublaslt.CublasLtFunction;
import dev.pantograph.backends.cuda.cudnn.CudnnFunction;
import dev.pantograph.backends.cuda.driver.DriverFunction;
import dev.pantograph.backends.cuda.nccl.NcclFunction;
import dev.pantograph.backends.cuda.nvrtc.NvrtcFunction;
import dev.pantograph.backends.foreign.LibrarySearch;
import dev.pantograph.backends.foreign.LibrarySearch.Result;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every function of every table is exported by the library itself, where that is installed. */
class SymbolsTest {
  @Test
  void driver() {
    check("libcuda.so.1", DriverFunction.class, Requirement.PLACES.driver(), Requirement.PLACES.drivers());
  }

  @Test
  void cublasLt() {
    check("libcublasLt.so.13", CublasLtFunction.class);
  }

  @Test
  void nvrtc() {
    check("libnvrtc.so.13", NvrtcFunction.class);
  }

  @Test
  void cudnn() {
    check("libcudnn.so.9", CudnnFunction.class);
  }

  @Test
  void nccl() {
    check("libnccl.so.2", NcclFunction.class);
  }

  private static <F extends Enum<F> & ForeignFunction> void check(String name, Class<F> table) {
    check(name, table, Requirement.PLACES.setting(), Requirement.PLACES.libraries());
  }

  private static <F extends Enum<F> & ForeignFunction> void check(
      String name, Class<F> table, @Nullable String setting, List<Path> folders) {
    LibrarySearch search =
        new LibrarySearch(name, "pantograph.test.none", "PANTOGRAPH_TEST_NONE", List.of(name), folders, List.of());
    switch (search.open(setting, _ -> Optional.empty())) {
      case Result.Missing(String reason, String _) -> Requirement.of(false, reason);
      case Result.Found found -> assertThat(BoundLibrary.refusal(found.library(), table)).isEmpty();
    }
  }
}
