package dev.pantograph.tck;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Attention;
import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendProvider;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Copy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.Embedding;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.HostBuffer;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.Limitation;
import dev.pantograph.spi.LinearCombination;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.NormGradient;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.Readback;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The kit itself is checked: each broken backend is caught by the rule meant for its flaw. */
class BrokenBackendsTest {
  /** The rule that watches the process's memory. */
  private static final String MEMORY = "R22";

  /** Shared by all backends with the race. */
  private static volatile float[] shared = new float[0];

  private static final List<HostBuffer> LEAKED = new ArrayList<>();

  /**
   * A backend with one flaw.
   *
   * @param kernel the kernel whose checks are run, or the backend as a whole
   * @param rule the rule that must catch it
   * @param alone whether no other rule does
   */
  record Broken(String flaw, String kernel, String rule, boolean alone, BackendProvider provider) {
    @Override
    public String toString() {
      return rule + " catches: " + flaw;
    }
  }

  private static Broken onlyBy(String rule, String kernel, String flaw, BackendProvider provider) {
    return new Broken(flaw, kernel, rule, true, provider);
  }

  private static Broken by(String rule, String kernel, String flaw, BackendProvider provider) {
    return new Broken(flaw, kernel, rule, false, provider);
  }

  static List<Broken> ofResults() {
    return List.of(
        by("R01", "MatMul", "one wrong element", FlawedProvider.around(MatMul.class, (kernel, submit) -> {
          submit.run();
          if (kernel.out().elements() > 17) {
            Floats.set(kernel.out(), 17, Floats.get(kernel.out(), 17) + 1e-2f);
          }
        })),
        by("R01", "Attention with slopes", "slopes are ignored",
            FlawedProvider.of(backend -> new DelegatingBackend(backend) {
              @Override
              public void submit(Kernel kernel) {
                super.submit(kernel instanceof Attention k
                    ? new Attention(k.out(), k.logSumExp(), k.q(), k.k(), k.v(), k.scale())
                    : kernel);
              }
            })),
        onlyBy("R02", "MatMul", "an empty sum leaves the result as it was",
            FlawedProvider.around(MatMul.class, (kernel, submit) -> {
              if (kernel.k() > 0) {
                submit.run();
              }
            })),
        by("R03", "MatMul", "wrong for a single row", FlawedProvider.around(MatMul.class, (kernel, submit) -> {
          submit.run();
          if (kernel.m() == 1 && kernel.n() > 0) {
            Floats.set(kernel.out(), 0, Floats.get(kernel.out(), 0) + 1e-2f);
          }
        })),
        by("R04", "LinearCombination", "a prime number of columns loses the last",
            FlawedProvider.around(LinearCombination.class, (kernel, submit) -> {
              submit.run();
              int columns = (int) kernel.out().size(-1);
              if (kernel.out().elements() > 0 && columns > 3 && columns % 2 != 0 && columns % 3 != 0) {
                Floats.set(kernel.out(), columns - 1, 0);
              }
            })),
        onlyBy("R05", "Gelu", "what is beyond a tile stays undone",
            FlawedProvider.around(Gelu.class, (kernel, submit) -> {
              submit.run();
              if (kernel.out().elements() > 1 << 14) {
                Floats.set(kernel.out(), 1 << 14, 5);
              }
            })),
        onlyBy("R07", "Copy", "strides are ignored", FlawedProvider.around(Copy.class, (kernel, submit) -> {
          submit.run();
          View x = kernel.x();
          if (x.type() == DType.F32 && !x.isContiguous()) {
            View blind = View.of(x.buffer(), x.type(), x.offset(), x.shape());
            Floats.setAll(kernel.out(), Floats.all(blind));
          }
        })),
        onlyBy("R08", "Product", "runs what it declares it refuses", new FlawedProvider((backend, _) -> backend) {
          @Override
          public Availability probe() {
            return new Availability.Available(0, Map.of(), List.of(
                new Limitation.NoKernel(Product.class, Set.of(DType.F32), "for the test")));
          }
        }),
        by("R08", "Gelu", "refuses what it does not declare", FlawedProvider.around(Gelu.class, (kernel, submit) -> {
          if (kernel.form() == Gelu.Form.TANH) {
            throw KernelException.unsupportedType("reference", kernel, kernel.out());
          }
          submit.run();
        })),
        onlyBy("R09", "Product", "swallows NaN", FlawedProvider.around(Product.class, (kernel, submit) -> {
          submit.run();
          for (int i = 0; i < kernel.out().elements(); i++) {
            if (Float.isNaN(Floats.get(kernel.out(), i))) {
              Floats.set(kernel.out(), i, 0);
            }
          }
        })),
        onlyBy("R10", "Gelu", "clears the result before it reads the operand",
            FlawedProvider.around(Gelu.class, (kernel, submit) -> {
              Floats.setAll(kernel.out(), new float[(int) kernel.out().elements()]);
              submit.run();
            })),
        onlyBy("R11", "Product", "buffers share memory", FlawedProvider.of(SharingBackend::new)),
        onlyBy("R12", "Product", "writes one element too many",
            FlawedProvider.around(Product.class, (kernel, submit) -> {
              submit.run();
              View out = kernel.out();
              Floats.set(View.of(out.buffer(), DType.F32, out.offset() + out.elements(), Shape.of(1)), 0, 1);
            })),
        onlyBy("R13", "LinearCombination", "adds zero times what was there",
            FlawedProvider.around(LinearCombination.class, (kernel, submit) -> {
              float[] before = Floats.all(kernel.out());
              boolean apart = !kernel.out().sameElementsAs(kernel.x());
              submit.run();
              for (int i = 0; i < before.length && apart; i++) {
                Floats.set(kernel.out(), i, Floats.get(kernel.out(), i) + 0 * before[i]);
              }
            })),
        by("R14", "NormGradient", "forgets the gradient of the bias",
            FlawedProvider.around(NormGradient.class, (kernel, submit) -> {
              View dBias = kernel.dBias();
              float[] before = dBias == null ? new float[0] : Floats.all(dBias);
              submit.run();
              if (dBias != null) {
                Floats.setAll(dBias, before);
              }
            })),
        onlyBy("R15", "Product", "ignores accumulate", FlawedProvider.around(Product.class, (kernel, submit) -> {
          if (kernel.accumulate()) {
            Floats.setAll(kernel.out(), new float[(int) kernel.out().elements()]);
          }
          submit.run();
        })),
        onlyBy("R15", "MatMul with row sums", "row sums replace what was there",
            FlawedProvider.around(MatMul.class, (kernel, submit) -> {
              if (kernel.epilogue() instanceof MatMul.Epilogue.RowSums(View sums, boolean accumulate) && accumulate) {
                Floats.setAll(sums, new float[(int) sums.elements()]);
              }
              submit.run();
            })),
        by("R16", "Product", "every second result has another last bit",
            FlawedProvider.of(BlurringBackend::new)),
        onlyBy("R17", "Product", "the last bit depends on the number of threads",
            new FlawedProvider((backend, options) -> options.threads() == 5
                ? FlawedProvider.around(Product.class, (kernel, submit) -> {
                  submit.run();
                  Floats.blur(kernel.out());
                }).open(options)
                : backend)),
        onlyBy("R18", "Product", "scratch memory of larger kernels shows",
            FlawedProvider.of(StaleScratchBackend::new)),
        onlyBy("R19", "Product", "overlooks closed buffers", FlawedProvider.around(Product.class, (_, submit) -> {
          try {
            submit.run();
          } catch (IllegalStateException _) {
            // The flaw.
          }
        })),
        onlyBy("R20", "Embedding", "an error says nothing", FlawedProvider.around(Embedding.class, (_, submit) -> {
          try {
            submit.run();
          } catch (KernelException _) {
            throw new KernelException("bad token");
          }
        })),
        onlyBy("R20", "Embedding", "writes before it refuses",
            FlawedProvider.around(Embedding.class, (kernel, submit) -> {
              try {
                submit.run();
              } catch (KernelException e) {
                Floats.set(kernel.out(), 0, 1);
                throw e;
              }
            })),
        by("R30", "AdamW", "an infinite norm changes a moment",
            FlawedProvider.around(AdamW.class, (kernel, submit) -> {
              View norm = kernel.squaredGradientNorm();
              submit.run();
              if (norm != null && Double.isInfinite(HostBuffer.segmentOf(norm).get(JAVA_DOUBLE, norm.byteOffset()))) {
                Floats.set(kernel.slots().getLast().firstMoment(), 0, 0);
              }
            })),
        onlyBy("R21", "Product", "all backends share one scratch memory",
            FlawedProvider.around(Product.class, (kernel, submit) -> {
              submit.run();
              shared = Floats.all(kernel.out());
              LockSupport.parkNanos(2_000_000);
              float[] found = shared;
              for (int i = 0; i < Math.min(found.length, kernel.out().elements()); i++) {
                Floats.set(kernel.out(), i, found[i]);
              }
            })));
  }

  static List<Broken> asAWhole() {
    return List.of(
        onlyBy("R22", "backend", "memory is not given back",
            FlawedProvider.of(backend -> new DelegatingBackend(backend) {
              @Override
              public Buffer allocate(String name, long byteSize) {
                LEAKED.add(new HostBuffer(name, byteSize));
                return super.allocate(name, byteSize);
              }
            })),
        onlyBy("R22", "backend", "every kernel is remembered", FlawedProvider.of(RememberingBackend::new)),
        onlyBy("R23", "backend", "a closed backend goes on",
            FlawedProvider.of(backend -> new DelegatingBackend(backend) {
              @Override
              public void close() {}
            })),
        by("R24", "backend", "work is done late", FlawedProvider.of(LateBackend::new)),
        onlyBy("R24", "backend", "a thread is left behind", FlawedProvider.of(backend -> {
          Thread.ofPlatform().daemon().start(LockSupport::park);
          return backend;
        })),
        onlyBy("R25", "backend", "the probe answers differently each time",
            new FlawedProvider((backend, _) -> backend) {
              private final AtomicInteger probes = new AtomicInteger();

              @Override
              public Availability probe() {
                return new Availability.Available(probes.incrementAndGet(), Map.of(), List.of(
                    new Limitation.NoType(DType.BF16, Set.of(), "for the test")));
              }
            }),
        onlyBy("R25", "backend", "the probe sets a system property", new FlawedProvider((backend, _) -> backend) {
          private final AtomicInteger probes = new AtomicInteger();

          @Override
          public Availability probe() {
            System.setProperty("pantograph.tck.test", Integer.toString(probes.incrementAndGet()));
            return super.probe();
          }
        }),
        onlyBy("R26", "backend", "settings are ignored", new FlawedProvider((backend, _) -> backend) {
          @Override
          public Backend open(BackendOptions options) {
            return super.open(BackendOptions.threads(options.threads()));
          }
        }),
        onlyBy("R27", "backend", "a transfer that does not fit is ignored",
            FlawedProvider.of(backend -> new DelegatingBackend(backend) {
              @Override
              public void upload(MemorySegment source, Buffer target, long targetOffset) {
                if (targetOffset >= 0 && source.byteSize() <= target.byteSize() - targetOffset) {
                  super.upload(source, target, targetOffset);
                }
              }
            })),
        onlyBy("R28", "backend", "another backend's buffer is a crash",
            FlawedProvider.of(backend -> new DelegatingBackend(backend) {
              @Override
              public void submit(Kernel kernel) {
                for (Kernel.Operand operand : kernel.operands()) {
                  requireOpen((HostBuffer) operand.view().buffer());
                }
                super.submit(kernel);
              }
            })),
        onlyBy("R29", "backend", "a read-back looks when it is awaited", FlawedProvider.of(LateReadbacks::new)));
  }

  private static void requireOpen(HostBuffer buffer) {
    assertThat(buffer.segment().byteSize()).isNotNegative();
  }

  @ParameterizedTest
  @MethodSource
  void ofResults(Broken broken) {
    check(broken, broken.kernel() + " F32");
  }

  @ParameterizedTest
  @MethodSource
  void asAWhole(Broken broken) {
    check(broken, "backend");
  }

  /**
   * Runs all checks about a kernel or the backend as a whole, and sees which fail. The memory of the process is looked
   * at only where it is meant to show: that takes longer than all else together, and a flaw of another kind takes none.
   */
  private static void check(Broken broken, String about) {
    Set<String> caughtBy = new TreeSet<>();
    List<String> findings = new ArrayList<>();
    for (Check check : Conformance.of(broken.provider()).checks()) {
      boolean looked = check.about().equals(about) && (!check.rule().equals(MEMORY) || broken.rule().equals(MEMORY));
      if (looked && check.run() instanceof Outcome.Failed failed) {
        caughtBy.add(check.rule());
        findings.add(check + ": " + failed.finding());
      }
    }
    LEAKED.forEach(HostBuffer::close);
    LEAKED.clear();

    assertThat(caughtBy).as("%s", findings).contains(broken.rule());
    if (broken.alone()) {
      assertThat(caughtBy).as("%s", findings).containsExactly(broken.rule());
    }
  }

  /** What is uploaded to a buffer also lands in the guard of the one allocated before. */
  private static final class SharingBackend extends DelegatingBackend {
    private final List<Buffer> buffers = new ArrayList<>();

    SharingBackend(Backend backend) {
      super(backend);
    }

    @Override
    public Buffer allocate(String name, long byteSize) {
      Buffer buffer = super.allocate(name, byteSize);
      buffers.add(buffer);
      return buffer;
    }

    @Override
    public void upload(MemorySegment source, Buffer target, long targetOffset) {
      super.upload(source, target, targetOffset);
      int before = buffers.indexOf(target) - 1;
      if (before >= 0 && targetOffset == 0 && source.byteSize() > 0 && isOpen(buffers.get(before))) {
        super.upload(source.asSlice(0, 1), buffers.get(before), 0);
      }
    }

    private static boolean isOpen(Buffer buffer) {
      try {
        return HostBuffer.of(buffer).segment().byteSize() > 0;
      } catch (IllegalStateException _) {
        return false;
      }
    }
  }

  private static final class BlurringBackend extends DelegatingBackend {
    private boolean second;

    BlurringBackend(Backend backend) {
      super(backend);
    }

    @Override
    public void submit(Kernel kernel) {
      super.submit(kernel);
      if (second && kernel instanceof Product product) {
        Floats.blur(product.out());
      }
      second = !second;
    }
  }

  private static final class StaleScratchBackend extends DelegatingBackend {
    private float[] scratch = new float[0];

    StaleScratchBackend(Backend backend) {
      super(backend);
    }

    @Override
    public void submit(Kernel kernel) {
      super.submit(kernel);
      if (kernel instanceof Product product && product.out().type() == DType.F32) {
        float[] results = Floats.all(product.out());
        if (results.length > 0 && scratch.length > results.length) {
          float stale = 0;
          for (float value : scratch) {
            stale += 0 * value;
          }
          Floats.set(product.out(), 0, results[0] + stale);
        }
        scratch = results;
      }
    }
  }

  private static final class RememberingBackend extends DelegatingBackend {
    private final List<Kernel> kernels = new ArrayList<>();

    RememberingBackend(Backend backend) {
      super(backend);
    }

    @Override
    public void submit(Kernel kernel) {
      kernels.add(kernel);
      super.submit(kernel);
    }
  }

  /** Downloads what was asked for when it is awaited, while the buffer is still there. */
  private static final class LateReadbacks extends DelegatingBackend {
    LateReadbacks(Backend backend) {
      super(backend);
    }

    @Override
    public Readback readBack(Buffer source, long sourceOffset, MemorySegment target) {
      super.readBack(source, sourceOffset, MemorySegment.ofArray(new byte[(int) target.byteSize()]));
      return new Readback() {
        private boolean done;

        @Override
        public boolean isDone() {
          return done;
        }

        @Override
        public void await() {
          if (!done) {
            download(source, sourceOffset, target);
            done = true;
          }
        }
      };
    }
  }

  /** Runs kernels when somebody looks at memory. */
  private static final class LateBackend extends DelegatingBackend {
    private final List<Kernel> pending = new ArrayList<>();

    LateBackend(Backend backend) {
      super(backend);
    }

    @Override
    public void submit(Kernel kernel) {
      pending.add(kernel);
    }

    private void catchUp() {
      List<Kernel> due = List.copyOf(pending);
      pending.clear();
      due.forEach(super::submit);
    }

    @Override
    public void upload(MemorySegment source, Buffer target, long targetOffset) {
      catchUp();
      super.upload(source, target, targetOffset);
    }

    @Override
    public void download(Buffer source, long sourceOffset, MemorySegment target) {
      catchUp();
      super.download(source, sourceOffset, target);
    }

    @Override
    public void close() {
      catchUp();
      super.close();
    }
  }
}
