package dev.pantograph.tck;

import dev.pantograph.backends.reference.ReferenceBackendProvider;
import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendProvider;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.Kernel;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** The reference backend with one thing wrong. */
class FlawedProvider implements BackendProvider {
  private final BackendProvider reference = new ReferenceBackendProvider();
  private final BiFunction<Backend, BackendOptions, Backend> flaw;

  FlawedProvider(BiFunction<Backend, BackendOptions, Backend> flaw) {
    this.flaw = flaw;
  }

  /** A flaw of the backend itself. */
  static FlawedProvider of(UnaryOperator<Backend> flaw) {
    return new FlawedProvider((backend, _) -> flaw.apply(backend));
  }

  /** A flaw around the submission of kernels of one class; the second argument submits. */
  static <K extends Kernel> FlawedProvider around(Class<K> kernel, BiConsumer<K, Runnable> flaw) {
    return of(backend -> new DelegatingBackend(backend) {
      @Override
      public void submit(Kernel submitted) {
        if (kernel.isInstance(submitted)) {
          flaw.accept(kernel.cast(submitted), () -> super.submit(submitted));
        } else {
          super.submit(submitted);
        }
      }
    });
  }

  @Override
  public String id() {
    return reference.id();
  }

  @Override
  public String description() {
    return reference.description();
  }

  @Override
  public Availability probe() {
    return reference.probe();
  }

  @Override
  public Backend open(BackendOptions options) {
    return flaw.apply(reference.open(options), options);
  }
}
