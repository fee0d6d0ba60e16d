package dev.pantograph.tck.rules;

import dev.pantograph.backends.reference.ReferenceBackendProvider;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendProvider;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.Limitation;
import dev.pantograph.tck.kernels.KernelCase;
import dev.pantograph.tck.kernels.KernelCases;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The backend under test: its provider and what it declares it does not do. */
public record Subject(BackendProvider provider, List<Limitation> limitations) {
  private static final int THREADS = 2;

  public Backend open() {
    return open(THREADS);
  }

  public Backend open(int threads) {
    return provider.open(BackendOptions.threads(threads));
  }

  /** The measure: float64, one thread. */
  public static Backend oracle() {
    return new ReferenceBackendProvider().open(BackendOptions.defaults());
  }

  /** The declaration by which a kernel is refused in a type. */
  public Optional<Limitation> refusal(Class<? extends Kernel> kernel, DType type) {
    return limitations.stream().filter(limitation -> limitation.refuses(kernel, type)).findFirst();
  }

  /** The declaration by which a case is refused in a type. */
  public Optional<Limitation> refusal(KernelCase kernel, DType type) {
    return kernel.typesBehind(type).stream().map(each -> refusal(kernel.kernel(), each)).flatMap(Optional::stream)
        .findFirst();
  }

  /** A case and a type the backend serves it in. */
  record Served(KernelCase kernel, DType type) {}

  /** Every case in the first type the backend serves it in. */
  List<Served> served() {
    List<Served> served = new ArrayList<>();
    for (KernelCase kernel : KernelCases.all()) {
      kernel.types().stream().sorted().filter(type -> refusal(kernel, type).isEmpty()).findFirst()
          .ifPresent(type -> served.add(new Served(kernel, type)));
    }
    return served;
  }
}
