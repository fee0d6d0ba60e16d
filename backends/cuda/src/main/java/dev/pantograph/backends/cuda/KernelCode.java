package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.driver.Modules;
import dev.pantograph.backends.cuda.nvrtc.CubinCache;
import dev.pantograph.backends.cuda.nvrtc.CudaSource;
import dev.pantograph.spi.DType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Our kernels on a device: a source is compiled for the element types that it is needed for when it first is. */
final class KernelCode implements AutoCloseable {
  private static final String FOLDER = "/cuda/";
  private static final List<String> HEADERS = List.of("attention.cuh", "gelu.cuh", "numbers.cuh", "reduce.cuh");

  /**
   * A source for certain element types.
   *
   * @param threads of a block, where the source must know; else 0
   * @param packs that a thread keeps in registers, where the source must know; else 0
   */
  record Variant(Source source, List<DType> types, int threads, int packs) {
    static Variant of(Source source, DType... types) {
      return new Variant(source, List.of(types), 0, 0);
    }

    Variant inRegisters(int newThreads, int newPacks) {
      return new Variant(source, types, newThreads, newPacks);
    }

    List<String> options(int architecture) {
      List<String> options = new ArrayList<>(
          List.of("--gpu-architecture=sm_" + architecture, "--std=c++17"));
      options.addAll(source.options(types));
      if (threads > 0) {
        options.add("-DTHREADS=" + threads);
        options.add("-DPACKS=" + packs);
      }
      return options;
    }
  }

  private record Entry(Variant variant, String name) {}

  private final CubinCache compiler;
  private final Modules modules;
  private final int architecture;
  private final Map<Variant, Long> loaded = new HashMap<>();
  private final Map<Entry, Long> kernels = new HashMap<>();

  KernelCode(Device device, CubinCache compiler) {
    this.compiler = compiler;
    this.modules = device.driver().modules();
    this.architecture = device.architecture();
  }

  /** A kernel by its name, ready to be launched. */
  long kernel(Variant variant, String name) {
    Entry entry = new Entry(variant, name);
    Long kernel = kernels.get(entry);
    if (kernel == null) {
      kernel = modules.kernel(module(variant), name);
      kernels.put(entry, kernel);
    }
    return kernel;
  }

  private long module(Variant variant) {
    Long module = loaded.get(variant);
    if (module == null) {
      module = modules.load(compiler.cubin(source(variant.source()), variant.options(architecture)));
      loaded.put(variant, module);
    }
    return module;
  }

  private static CudaSource source(Source source) {
    SortedMap<String, String> headers = new TreeMap<>();
    HEADERS.forEach(name -> headers.put(name, text(name)));
    return new CudaSource(source.file(), text(source.file()), headers);
  }

  private static String text(String file) {
    try (InputStream in = KernelCode.class.getResourceAsStream(FOLDER + file)) {
      if (in == null) {
        throw new IllegalStateException("%s%s is not among the resources of %s: the build is incomplete"
            .formatted(FOLDER, file, KernelCode.class.getModule()));
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Unloads all code. */
  @Override
  public void close() {
    loaded.values().forEach(modules::unload);
    loaded.clear();
    kernels.clear();
  }
}
