package dev.pantograph.backends.cuda.cudnn;

import java.util.List;

/** cuDNN has no kernel for what was asked. The message holds its reasons, one for each way it tried. */
public final class UnsupportedGraphException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UnsupportedGraphException(List<String> refusals) {
    super(refusals.isEmpty() ? "cuDNN proposes no kernel for this graph"
        : "cuDNN has no kernel for this graph: " + String.join("; ", refusals));
  }
}
