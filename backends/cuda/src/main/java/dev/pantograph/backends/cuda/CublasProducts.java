package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.cublaslt.CublasLt;
import dev.pantograph.backends.cuda.cublaslt.MatmulAlgorithm;
import dev.pantograph.backends.cuda.cublaslt.MatmulPlan;
import dev.pantograph.backends.cuda.cublaslt.Matrix;
import dev.pantograph.backends.cuda.cublaslt.Product;
import dev.pantograph.backends.cuda.driver.Events;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * cuBLASLt on one stream, with a plan for each product that it was asked for. Of the algorithms that the library
 * proposes the first is taken, or the fastest of those that were tried: what is tried may differ from run to run, what
 * was found once is kept.
 */
final class CublasProducts implements AutoCloseable {
  /** What NVIDIA recommends for Hopper. */
  private static final long MOST_WORKSPACE = 32L << 20;
  /** An address of the alignment that all operands have, to be looked at and not read. */
  private static final long SOME_ADDRESS = DeviceMemory.ALIGNMENT;
  private static final int CANDIDATES = 12;
  private static final int TRIALS = 5;

  private final CublasLt library;
  private final @Nullable AlgorithmCache searched;
  private final Events events;
  private final Scratch workspace;
  private final Scratch trialResult;
  private final long stream;
  /** Empty for what the library cannot do. */
  private final Map<Product, Optional<Plan>> plans = new HashMap<>();
  private long handle;

  /** A plan and the algorithms among which there is still to be chosen. */
  private static final class Plan {
    final MatmulPlan plan;
    List<MatmulAlgorithm> candidates;
    MatmulAlgorithm chosen;

    Plan(MatmulPlan plan, List<MatmulAlgorithm> candidates) {
      this.plan = plan;
      this.candidates = candidates;
      this.chosen = candidates.getFirst();
      plan.choose(chosen);
    }

    void choose(MatmulAlgorithm algorithm) {
      chosen = algorithm;
      plan.choose(algorithm);
    }

    void decide(MatmulAlgorithm algorithm) {
      choose(algorithm);
      candidates = List.of();
    }
  }

  /**
   * One product's numbers and addresses.
   *
   * @param bias vector of the epilogue, or 0
   * @param auxiliary matrix of the epilogue, or 0
   */
  record Operands(float alpha, long a, long b, float beta, long c, long out, long bias, long auxiliary) {
    Operands into(long other) {
      return new Operands(alpha, a, b, beta, other, other, bias, auxiliary);
    }
  }

  /** @param searched has the library's proposals tried, and keeps what was found; absent means the first is taken */
  CublasProducts(CublasLt library, @Nullable AlgorithmCache searched, Events events, DeviceMemory memory, long stream) {
    this.library = library;
    this.searched = searched;
    this.events = events;
    this.workspace = new Scratch(memory, "workspace of cuBLASLt");
    this.trialResult = new Scratch(memory, "results of trials");
    this.stream = stream;
  }

  /** Whether the library can do this. */
  boolean has(Product product) {
    return plan(product).isPresent();
  }

  private Optional<Plan> plan(Product product) {
    Optional<Plan> plan = plans.get(product);
    if (plan == null) {
      plan = newPlan(product);
      plans.put(product, plan);
    }
    return plan;
  }

  private Optional<Plan> newPlan(Product product) {
    if (handle == 0) {
      handle = library.create();
    }
    MatmulPlan plan = library.plan(product);
    if (product.epilogue().hasBias()) {
      plan.bias(SOME_ADDRESS);
    }
    if (product.epilogue().hasAuxiliary()) {
      plan.auxiliary(SOME_ADDRESS);
    }
    List<MatmulAlgorithm> candidates =
        plan.algorithms(handle, MOST_WORKSPACE, LibraryProduct.ALIGNMENT, searched == null ? 1 : CANDIDATES);
    if (candidates.isEmpty()) {
      plan.close();
      return Optional.empty();
    }
    Plan chosen = new Plan(plan, candidates);
    Optional<MatmulAlgorithm> known = searched == null ? Optional.of(chosen.chosen) : searched.find(product);
    known.ifPresent(chosen::decide);
    return Optional.of(chosen);
  }

  /** Queues a product that the library {@link #has}. */
  void run(Product product, Operands at) {
    Plan plan = plan(product).orElseThrow();
    if (searched != null && !plan.candidates.isEmpty()) {
      MatmulAlgorithm fastest = fastest(plan, at.into(trialResult.of(bytes(product))));
      plan.decide(fastest);
      searched.keep(product, fastest);
    }
    queue(plan, at);
  }

  /** On the operands themselves, since a device is faster on zeros; the result goes elsewhere. */
  private MatmulAlgorithm fastest(Plan plan, Operands at) {
    long start = events.createTimed();
    long end = events.createTimed();
    MatmulAlgorithm fastest = plan.chosen;
    float least = Float.POSITIVE_INFINITY;
    for (MatmulAlgorithm candidate : plan.candidates) {
      plan.choose(candidate);
      queue(plan, at);
      events.record(start, stream);
      for (int i = 0; i < TRIALS; i++) {
        queue(plan, at);
      }
      events.record(end, stream);
      events.synchronize(end);
      float time = events.milliseconds(start, end);
      if (time < least) {
        least = time;
        fastest = candidate;
      }
    }
    events.destroy(start);
    events.destroy(end);
    return fastest;
  }

  private static long bytes(Product product) {
    Matrix out = product.out();
    long elements = (product.batch() - 1) * out.batchStride() + (out.rows() - 1) * out.stride() + out.columns();
    return elements * Float.BYTES;
  }

  private void queue(Plan plan, Operands at) {
    if (at.bias() != 0) {
      plan.plan.bias(at.bias());
    }
    if (at.auxiliary() != 0) {
      plan.plan.auxiliary(at.auxiliary());
    }
    plan.plan.run(handle, at.alpha(), at.a(), at.b(), at.beta(), at.c(), at.out(),
        workspace.of(plan.chosen.workspaceBytes()), stream);
  }

  @Override
  public void close() {
    plans.values().forEach(plan -> plan.ifPresent(each -> each.plan.close()));
    plans.clear();
    if (handle != 0) {
      library.destroy(handle);
    }
  }
}
