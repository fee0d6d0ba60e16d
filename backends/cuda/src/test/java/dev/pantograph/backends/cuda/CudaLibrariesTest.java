package dev.pantograph.backends.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.backends.cuda.CudaLibraries.Result;
import dev.pantograph.backends.cuda.binding.CudaException;
import dev.pantograph.backends.cuda.cublaslt.CublasLtFunction;
import dev.pantograph.backends.cuda.cudnn.CudnnFunction;
import dev.pantograph.backends.cuda.driver.Driver;
import dev.pantograph.backends.cuda.driver.DriverFunction;
import dev.pantograph.backends.cuda.nvrtc.NvrtcFunction;
import dev.pantograph.backends.foreign.SharedLibrary;
import dev.pantograph.spi.Availability.Available;
import dev.pantograph.spi.Availability.Unavailable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of machines that lack something, each put together from small libraries in a folder. */
class CudaLibrariesTest {
  @TempDir private Path folder;

  @Test
  void noDriver() {
    Unavailable why = missing("/nowhere/libcuda.so.1");
    assertThat(why.reason()).contains("/nowhere/libcuda.so.1", "No such file");
    assertThat(why.remedy()).contains("Install NVIDIA's driver", "580", "PANTOGRAPH_CUDA_DRIVER");
  }

  @Test
  void aDriverThatIsTheStub() {
    Unavailable why = missing(driver(13000, 34, 0));
    assertThat(why.reason()).contains("libcuda.so.1 is the stub");
    assertThat(why.remedy()).contains("stubs");
  }

  @Test
  void aDriverThatSeesNoDevice() {
    Unavailable why = missing(driver(13000, 100, 0));
    assertThat(why.reason()).contains("libcuda.so.1, CUDA 13.0) sees no device");
    assertThat(why.remedy()).contains("nvidia-smi", "CUDA_VISIBLE_DEVICES");
    assertThat(missing(driver(13000, 0, 0)).reason()).contains("sees no device");
  }

  @Test
  void aDriverThatIsTooOld() {
    Unavailable why = missing(driver(12040, 0, 1));
    assertThat(why.reason()).contains("supports CUDA up to 12.4, and CUDA 13 is needed");
    assertThat(why.remedy()).contains("580");
  }

  @Test
  void aDeviceThatIsTooOld() {
    assertThat(missing(driver(13000, 0, 1, 7)).reason())
        .contains("Small Device is of compute capability 7.0, and 8.0 is needed");
  }

  @Test
  void aDriverOfAnotherVersionThanTheKernels() {
    assertThat(missing(driver(13000, 803, 0)).reason()).contains("does not belong to the driver", "status 803");
  }

  @Test
  void aDriverThatDoesNotStart() {
    assertThat(missing(driver(13000, 999, 0)).reason()).contains("cuInit", "error 999", "status 999");
  }

  @Test
  void aDriverWithoutLibraries() {
    Unavailable why = missing(driver(13000, 0, 1));
    assertThat(why.reason()).contains("the driver and a device are there", "no cuBLASLt", "libcublasLt.so.13",
        "no NVRTC", "libnvrtc.so.13", folder.toString());
    assertThat(why.remedy()).contains("pip install nvidia-cublas nvidia-cuda-nvrtc", "PANTOGRAPH_CUDA");
  }

  @Test
  void librariesOfAnotherMajorVersion() {
    cublasLt("libcublasLt.so.12", 120_900, 12_090);
    nvrtc(13, 0);
    assertThat(missing(driver(13000, 0, 1)).reason()).contains("no cuBLASLt")
        .contains("libcublasLt.so.12 is of another version than the 13 that is needed");
  }

  @Test
  void librariesOfDifferentVersions() {
    cublasLt("libcublasLt.so.13", 120_900, 12_090);
    nvrtc(13, 0);
    assertThat(missing(driver(13000, 0, 1)).reason()).contains("different versions", "cuBLASLt 12", "NVRTC 13");
  }

  @Test
  void aCudnnThatIsBuiltForAnother() {
    cublasLt("libcublasLt.so.13", 130_101, 13_000);
    nvrtc(13, 0);
    cudnn(91_900, 12_090);
    assertThat(missing(driver(13000, 0, 1)).reason()).contains("cuDNN", "is built for CUDA 12.9", "for 13.0");
  }

  @Test
  void librariesOfALaterMajorThanTheDriver() {
    cublasLt("libcublasLt.so.13", 130_101, 14_000);
    nvrtc(13, 0);
    assertThat(missing(driver(13000, 0, 1)).reason()).contains("of CUDA 14.0", "supports up to 13.0");
  }

  @Test
  void aLibraryThatLacksAFunction() throws IOException {
    cublasLt("libcublasLt.so.13", 130_101, 13_000);
    Path nvrtc = nvrtc(13, 0);
    Files.move(nvrtc, folder.resolve("whole"));
    new SmallLibrary("libnvrtc.so.13", CublasLtFunction.class, "").in(folder);
    assertThat(missing(driver(13000, 0, 1)).reason()).contains("libnvrtc.so.13: it has no", "nvrtcCompileProgram");
  }

  @Test
  void allThatIsNeeded() {
    cublasLt("libcublasLt.so.13", 130_101, 13_000);
    nvrtc(13, 0);
    CudaLibraries found = found(driver(13000, 0, 1));
    assertThat(found.cudnn()).isEmpty();
    assertThat(found.withoutCudnn()).contains("no cuDNN", "libcudnn.so.9");
    assertThat(found.summary()).contains("driver: CUDA 13.0", "cuBLASLt 13.1.1", "NVRTC 13.0", folder.toString());
    CudaPlaces places = CudaPlaces.of(folder.toString(), driver(13000, 0, 1));
    assertThat(CudaAvailability.advice(places)).singleElement().asString().contains("nvidia-cudnn-cu13");
    cudnn(92_400, 13_000);
    assertThat(found(driver(13000, 0, 2)).summary()).contains("cuDNN 9.24.0");
    assertThat(CudaAvailability.advice(places)).isEmpty();
    assertThat(CudaAvailability.of(places, List.of())).isInstanceOfSatisfying(Available.class, available -> {
      assertThat(available.facts()).containsEntry(
          "device", "Small Device, 1.5 GiB, 4 multiprocessors, compute capability 9.0");
      assertThat(available.facts().get("driver")).contains("CUDA 13.0", "libcuda.so.1");
      assertThat(available.facts().get("cuDNN")).contains("9.24.0");
    });
  }

  /** The one place that makes exceptions of statuses, by the driver's own texts. */
  @Test
  void aFailureNamesAllThatIsKnown() {
    Driver driver = Driver.of(SharedLibrary.open(driver(13000, 0, 1), "for a test")).on("device 0");
    assertThatThrownBy(() -> driver.memory().allocate(1 << 20)).isInstanceOfSatisfying(CudaException.class, e -> {
      assertThat(e).hasMessage(
          "cuMemAlloc_v2(bytes 1048576) on device 0: error 2, text of 2 (status 2)");
      assertThat(e.code()).isEqualTo(2);
      assertThat(e.fatal()).isFalse();
    });
    assertThatThrownBy(() -> driver.contexts().synchronize())
        .isInstanceOfSatisfying(CudaException.class, e -> assertThat(e.fatal()).isTrue())
        .hasMessageContaining("start it again");
    // A process that ends may find the driver gone: nothing is left to give back.
    driver.memory().free(1);
  }

  private Unavailable missing(String driver) {
    return CudaLibraries.find(CudaPlaces.of(folder.toString(), driver)) instanceof Result.Missing(Unavailable why)
        ? why : fail();
  }

  private CudaLibraries found(String driver) {
    return CudaLibraries.find(CudaPlaces.of(folder.toString(), driver)) instanceof Result.Found(CudaLibraries libraries)
        ? libraries : fail();
  }

  private static <T> T fail() {
    throw new AssertionError("the other result");
  }

  private String driver(int version, int init, int devices) {
    return driver(version, init, devices, 9);
  }

  private String driver(int version, int init, int devices, int capability) {
    return new SmallLibrary("libcuda.so.1", DriverFunction.class, """
        int cuInit(unsigned) { return %d; }
        int cuDriverGetVersion(int* v) { *v = %d; return 0; }
        int cuDeviceGetCount(int* n) { *n = %d; return 0; }
        int cuDeviceGetName(char* name, int, int) { __builtin_strcpy(name, "Small Device"); return 0; }
        int cuDeviceTotalMem_v2(unsigned long* bytes, int) { *bytes = 3ul << 29; return 0; }
        int cuDeviceGetAttribute(int* v, int a, int) { *v = a == 75 ? %d : a == 76 ? 0 : 4; return 0; }
        static char text[64];
        static int write(const char* what, int e, const char** s) {
          __builtin_snprintf(text, sizeof text, "%%s %%d", what, e); *s = text; return 0;
        }
        int cuGetErrorName(int e, const char** s) { return write("error", e, s); }
        int cuGetErrorString(int e, const char** s) { return write("text of", e, s); }
        int cuMemAlloc_v2(void*, unsigned long) { return 2; }
        int cuMemFree_v2(unsigned long long) { return 4; }
        int cuCtxSynchronize() { return 700; }
        """.formatted(init, version, devices, capability))
        .in(folder(version, init, devices, capability)).toString();
  }

  /** A library is opened once for each file: another machine needs another. */
  private Path folder(int... facts) {
    try {
      return Files.createDirectories(folder.resolve("driver" + Arrays.hashCode(facts)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void cublasLt(String name, long version, long cuda) {
    new SmallLibrary(name, CublasLtFunction.class, """
        unsigned long cublasLtGetVersion() { return %d; }
        unsigned long cublasLtGetCudartVersion() { return %d; }
        """.formatted(version, cuda)).in(folder);
  }

  private Path nvrtc(int major, int minor) {
    return new SmallLibrary("libnvrtc.so.13", NvrtcFunction.class, """
        int nvrtcVersion(int* major, int* minor) { *major = %d; *minor = %d; return 0; }
        """.formatted(major, minor)).in(folder);
  }

  private void cudnn(long version, long cuda) {
    new SmallLibrary("libcudnn.so.9", CudnnFunction.class, """
        unsigned long cudnnGetVersion() { return %d; }
        unsigned long cudnnGetCudartVersion() { return %d; }
        """.formatted(version, cuda)).in(folder);
  }
}
