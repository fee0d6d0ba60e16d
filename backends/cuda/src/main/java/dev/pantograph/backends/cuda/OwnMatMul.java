package dev.pantograph.backends.cuda;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.View;
import org.jspecify.annotations.Nullable;

/** Products by our own kernel: any strides and alignments, any mix of types, every epilogue. */
final class OwnMatMul {
  private static final int SIDE = 64;
  private static final int THREADS = 16;
  private static final int WARP = 32;

  private static final long NOTHING = 0;
  private static final long ACTIVATION = 1;
  private static final long ACTIVATION_GRADIENT = 2;

  private final Launcher launcher;

  OwnMatMul(Launcher launcher) {
    this.launcher = launcher;
  }

  void run(MatMul k) {
    new Batches(k).each(Launcher.MOST_BLOCKS_Y, batch -> {
      multiply(k, batch, 0);
      if (k.epilogue() instanceof MatMul.Epilogue.RowSums(View sums, boolean accumulate)) {
        addRows(k, sums, accumulate, batch);
      }
    });
  }

  /**
   * What follows the product: {@code out = f(sums + α·bias)}.
   *
   * @param sums address of the products with all factors and the addend, in float32 without gaps
   */
  void finish(MatMul k, long sums) {
    new Batches(k).each(Launcher.MOST_BLOCKS_Y, batch -> multiply(k, batch, sums));
  }

  /** Row sums alone. */
  void runRowSums(MatMul k, MatMul.Epilogue.RowSums epilogue) {
    new Batches(k).each(Launcher.MOST_BLOCKS_Y, batch -> addRows(k, epilogue.sums(), epilogue.accumulate(), batch));
  }

  /** @param sums 0, or where the products are already: then the inner dimension is empty, and they are the addend */
  private void multiply(MatMul k, Batches.Run batch, long sums) {
    boolean multiplied = sums != 0;
    View pre = preActivation(k);
    View c = k.c();
    DType out = k.out().type();
    DType addend = multiplied ? out.computed() : c == null ? out : c.type();
    launcher.begin(Source.MATMUL, "matmul", out, k.a().type(), k.b().type(), addend, pre == null ? out : pre.type());
    matrix(k.out(), batch);
    matrix(pre, batch);
    matrix(k.a(), batch);
    matrix(k.b(), batch);
    launcher.view(k.bias());
    if (multiplied) {
      launcher.add(sums + batch.first() * k.m() * k.n() * addend.bytes())
          .beginStructure().add(k.m() * k.n()).add(k.n()).add(1L).endStructure(3 * Long.BYTES);
    } else {
      matrix(c, batch);
    }
    long epilogue = NOTHING;
    long form = 0;
    switch (k.epilogue()) {
      case MatMul.Epilogue.Activation activation -> {
        epilogue = ACTIVATION;
        form = ElementwiseKernels.code(activation.form());
      }
      case MatMul.Epilogue.ActivationGradient gradient -> {
        epilogue = ACTIVATION_GRADIENT;
        form = ElementwiseKernels.code(gradient.form());
      }
      case MatMul.Epilogue.None _, MatMul.Epilogue.RowSums _ -> {}
    }
    launcher.add(k.alpha()).add(multiplied ? 1 : k.beta()).add(epilogue).add(form)
        .add(k.m()).add(k.n()).add(multiplied ? 0 : k.k())
        .grid(Math.ceilDiv(k.n(), SIDE), Math.ceilDiv(k.m(), SIDE), batch.count(), THREADS, THREADS, 0);
  }

  /** What an activation is, or was, applied to. */
  static @Nullable View preActivation(MatMul k) {
    return switch (k.epilogue()) {
      case MatMul.Epilogue.Activation activation -> activation.preActivation();
      case MatMul.Epilogue.ActivationGradient gradient -> gradient.preActivation();
      case MatMul.Epilogue.None _, MatMul.Epilogue.RowSums _ -> null;
    };
  }

  private void matrix(@Nullable View view, Batches.Run batch) {
    launcher.add(view == null ? 0 : batch.address(view)).beginStructure();
    if (view != null) {
      launcher.add(batch.stride(view)).add(view.stride(-2)).add(view.stride(-1));
    }
    launcher.endStructure(3 * Long.BYTES);
  }

  private void addRows(MatMul k, View sums, boolean accumulate, Batches.Run batch) {
    launcher.begin(Source.MATMUL, "row_sums", k.out().type(), k.a().type(), k.a().type(), k.out().type(),
        k.out().type());
    launcher.add(DeviceBuffer.address(sums) + batch.first() * k.m() * sums.type().bytes());
    matrix(k.a(), batch);
    launcher.add(k.alpha()).add(accumulate).add(k.m()).add(k.k())
        .grid(Math.ceilDiv(k.m(), WARP), 1, batch.count(), WARP, WARP, 0);
  }
}
