package dev.pantograph.backends.cuda;

import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.View;

/** Attention by our own kernels, for what cuDNN is not asked for or refuses. */
final class OwnAttention {
  private static final int WARP = 32;
  private static final int WARPS = 8;
  /** Rows that a block computes, and rows of the other side that it has at once. */
  private static final int ROWS = 16;
  private static final int TILE = 32;

  private final Launcher launcher;

  OwnAttention(Launcher launcher) {
    this.launcher = launcher;
  }

  void run(Attention k) {
    long dim = k.out().size(3);
    int shared = shared(k, k.out(), 2 * ROWS * dim + TILE * (dim + 1) + TILE * dim);
    launcher.begin(Source.ATTENTION, "attention", k.out().type(), k.q().type(), k.k().type(), k.v().type());
    heads(k.out());
    launcher.view(k.logSumExp());
    heads(k.q());
    heads(k.k());
    heads(k.v());
    launcher.view(k.slopes()).add(k.scale());
    sizes(k.out(), shared);
  }

  void run(AttentionGradient k) {
    long dim = k.dq().size(3);
    int queryShared = shared(k, k.dq(), 3 * ROWS * dim + 2 * TILE * (dim + 1));
    int keyShared = shared(k, k.dq(), 4 * ROWS * dim + 2 * TILE * (dim + 1));
    begin(k, "attention_query_gradient");
    heads(k.dq());
    operands(k);
    sizes(k.dq(), queryShared);
    begin(k, "attention_key_value_gradient");
    heads(k.dk());
    heads(k.dv());
    operands(k);
    sizes(k.dq(), keyShared);
  }

  private void begin(AttentionGradient k, String name) {
    launcher.begin(Source.ATTENTION_GRADIENT, name, k.dq().type(), k.dk().type(), k.dv().type(), k.dOut().type(),
        k.out().type(), k.q().type(), k.k().type(), k.v().type());
  }

  private void operands(AttentionGradient k) {
    heads(k.dOut());
    heads(k.out());
    launcher.view(k.logSumExp());
    heads(k.q());
    heads(k.k());
    heads(k.v());
    launcher.view(k.slopes()).add(k.scale());
  }

  private void heads(View view) {
    launcher.view(view).beginStructure().add(view.stride(0)).add(view.stride(1)).add(view.stride(2))
        .endStructure(3 * Long.BYTES);
  }

  private void sizes(View of, int shared) {
    long time = of.size(2);
    launcher.add(of.size(1)).add(time).add(of.size(3))
        .grid(Math.ceilDiv(time, ROWS) * of.size(0) * of.size(1), 1, 1, WARP, WARPS, shared);
  }

  private int shared(Kernel kernel, View result, long numbers) {
    long bytes = numbers * result.type().computed().bytes();
    if (bytes > launcher.device().sharedBytes()) {
      throw new KernelException(("%s: %s has head dim %d, whose tiles take %d bytes of shared memory on backend '%s'; "
          + "the device has %d a block: use smaller heads").formatted(kernel.name(), result, result.size(3), bytes,
              CudaBackendProvider.ID, launcher.device().sharedBytes()));
    }
    return (int) bytes;
  }
}
