package dev.pantograph.backends.cuda.cudnn;

import dev.pantograph.backends.cuda.binding.HeaderConstant;

/** How engines for a graph are looked for ({@code cudnnBackendHeurMode_t}). */
public enum HeuristicMode implements HeaderConstant {
  /** By a model of the device. */
  A(3),
  /** What works everywhere. */
  FALLBACK(2);

  private final int code;

  HeuristicMode(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }

  @Override
  public String header() {
    return "CUDNN_HEUR_MODE_" + name();
  }
}
