package dev.pantograph.backends.cuda;

import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import java.util.Optional;

/** Attention by cuDNN where it is there and can, else by our own kernels. */
final class AttentionKernels implements AutoCloseable {
  private final OwnAttention own;
  private final Optional<CudnnAttention> library;
  private final String withoutLibrary;

  /** @param withoutLibrary why there is no library, if there is none */
  AttentionKernels(OwnAttention own, Optional<CudnnAttention> library, String withoutLibrary) {
    this.own = own;
    this.library = library;
    this.withoutLibrary = withoutLibrary;
  }

  void run(Attention k) {
    if (refusal(k).isEmpty()) {
      library.orElseThrow().run(k);
    } else {
      own.run(k);
    }
  }

  void run(AttentionGradient k) {
    if (refusal(k).isEmpty()) {
      library.orElseThrow().run(k);
    } else {
      own.run(k);
    }
  }

  String explain(Attention k) {
    return explain(refusal(k));
  }

  String explain(AttentionGradient k) {
    return explain(refusal(k));
  }

  private static String explain(String refusal) {
    return refusal.isEmpty() ? "cuDNN" : "a kernel of our own: " + refusal;
  }

  private String refusal(Attention k) {
    return library.map(cudnn -> cudnn.refusal(k)).orElse(withoutLibrary);
  }

  private String refusal(AttentionGradient k) {
    return library.map(cudnn -> cudnn.refusal(k)).orElse(withoutLibrary);
  }

  @Override
  public void close() {
    library.ifPresent(CudnnAttention::close);
  }
}
