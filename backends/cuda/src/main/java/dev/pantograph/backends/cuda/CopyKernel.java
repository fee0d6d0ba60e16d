package dev.pantograph.backends.cuda;

import dev.pantograph.spi.Copy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.View;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Copies: by the driver where nothing is converted or moved apart, else by a kernel that walks over both operands. */
final class CopyKernel {
  /** Dimensions that the kernel's walk has room for. */
  private static final int MOST_DIMENSIONS = 8;
  private static final int WALK_BYTES = (1 + 3 * MOST_DIMENSIONS) * Long.BYTES;

  /** One dimension of the walk. */
  private record Step(long size, long outStride, long xStride) {
    /** Whether one step here is as far as all of the steps inside. */
    boolean continues(Step inner) {
      return outStride == inner.size * inner.outStride && xStride == inner.size * inner.xStride;
    }

    Step joined(Step inner) {
      return new Step(size * inner.size, inner.outStride, inner.xStride);
    }
  }

  private final Launcher launcher;

  CopyKernel(Launcher launcher) {
    this.launcher = launcher;
  }

  void run(Copy k) {
    if (k.out().isContiguous()) {
      pack(DeviceBuffer.address(k.out()), k.out().type(), k.x());
    } else if (k.out().elements() > 0) {
      walk(DeviceBuffer.address(k.out()), k.out().type(), k.x(), steps(k.x(), k.out().strides()));
    }
  }

  /** Copies to elements without gaps from an address on. */
  void pack(long to, DType type, View x) {
    if (x.elements() == 0) {
      return;
    }
    if (!x.isContiguous()) {
      walk(to, type, x, steps(x, rowMajor(x)));
    } else if (type == x.type()) {
      launcher.copy(to, DeviceBuffer.address(x), x.bytes());
    } else {
      launcher.begin(Source.COPY, "copy", type, x.type()).add(to).view(x).add(x.elements()).overElements(x.elements());
    }
  }

  private void walk(long to, DType type, View x, List<Step> steps) {
    if (steps.size() > MOST_DIMENSIONS) {
      throw new KernelException(("Copy: x is %s: needed at most %d dimensions that cannot be seen as fewer on backend "
          + "'%s'; copy in parts").formatted(x, MOST_DIMENSIONS, CudaBackendProvider.ID));
    }
    launcher.begin(Source.COPY, "copy_strided", type, x.type())
        .add(to).view(x).beginStructure().add((long) steps.size());
    for (int part = 0; part < 3; part++) {
      for (int d = 0; d < MOST_DIMENSIONS; d++) {
        Step step = d < steps.size() ? steps.get(d) : new Step(1, 0, 0);
        launcher.add(part == 0 ? step.size() : part == 1 ? step.outStride() : step.xStride());
      }
    }
    launcher.endStructure(WALK_BYTES).add(x.elements()).overThreads(x.elements());
  }

  /** The dimensions by falling stride of the result, those joined that lie without gaps in both operands. */
  private static List<Step> steps(View x, long[] outStrides) {
    List<Step> all = new ArrayList<>();
    for (int d = 0; d < x.rank(); d++) {
      if (x.size(d) > 1) {
        all.add(new Step(x.size(d), outStrides[d], x.stride(d)));
      }
    }
    all.sort(Comparator.comparingLong(Step::outStride).reversed());
    List<Step> joined = new ArrayList<>();
    for (Step step : all) {
      if (!joined.isEmpty() && joined.getLast().continues(step)) {
        joined.set(joined.size() - 1, joined.getLast().joined(step));
      } else {
        joined.add(step);
      }
    }
    return joined;
  }

  private static long[] rowMajor(View x) {
    long[] strides = new long[x.rank()];
    long stride = 1;
    for (int d = x.rank() - 1; d >= 0; d--) {
      strides[d] = stride;
      stride *= x.size(d);
    }
    return strides;
  }
}
