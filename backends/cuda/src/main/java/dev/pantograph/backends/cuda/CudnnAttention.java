package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.cudnn.AttentionBackward;
import dev.pantograph.backends.cuda.cudnn.AttentionForward;
import dev.pantograph.backends.cuda.cudnn.AttentionShape;
import dev.pantograph.backends.cuda.cudnn.AttentionShape.Strides;
import dev.pantograph.backends.cuda.cudnn.BoundPlan;
import dev.pantograph.backends.cuda.cudnn.Cudnn;
import dev.pantograph.backends.cuda.cudnn.CudnnTarget;
import dev.pantograph.backends.cuda.cudnn.TensorType;
import dev.pantograph.backends.cuda.cudnn.UnsupportedGraphException;
import dev.pantograph.spi.Attention;
import dev.pantograph.spi.AttentionGradient;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.View;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Attention by cuDNN on one stream: a plan for each shape, which takes the library about a second to make, and for each
 * set of addresses a binding.
 */
final class CudnnAttention implements AutoCloseable {
  private static final int ALIGNMENT = 16;
  private static final int HEAD_DIM_STEP = 8;
  /** Beyond this the library's kernels are not what they were tested for here. */
  private static final int MOST_HEAD_DIM = 128;
  private static final int MOST_BINDINGS = 256;

  private final Cudnn library;
  private final AttentionBackward.Order order;
  private final Scratch workspace;
  private final long stream;
  private final Map<Forward, Made<AttentionForward>> forwards = new HashMap<>();
  private final Map<Backward, Made<AttentionBackward>> backwards = new HashMap<>();
  /** By the plan and the addresses, the least used first. */
  private final Map<List<Object>, BoundPlan> bindings = new LinkedHashMap<>(16, 0.75f, true);
  private long handle;

  private record Forward(AttentionShape shape, Strides q, Strides k, Strides v, Strides out) {}

  private record Backward(AttentionShape shape, AttentionBackward.Layout layout) {}

  /** A plan, or why the library has none. */
  private record Made<P>(@Nullable P plan, String refusal) {}

  CudnnAttention(Cudnn library, boolean anyOrder, DeviceMemory memory, long stream) {
    this.library = library;
    this.order = anyOrder ? AttentionBackward.Order.ANY : AttentionBackward.Order.FIXED;
    this.workspace = new Scratch(memory, "workspace of cuDNN");
    this.stream = stream;
  }

  /** Why attention is left to our own kernel; empty if it is not. */
  String refusal(Attention k) {
    String refusal = unsuitable(k.slopes(), k.out(), k.q(), k.k(), k.v());
    return refusal.isEmpty() ? plan(forward(k)).refusal() : refusal;
  }

  /** Why a gradient is left to our own kernel; empty if it is not. */
  String refusal(AttentionGradient k) {
    String refusal = unsuitable(k.slopes(), k.dq(), k.dk(), k.dv(), k.dOut(), k.out(), k.q(), k.k(), k.v());
    if (refusal.isEmpty() && !strides(k.out()).equals(strides(k.dOut()))) {
      return "the result and its gradient lie in different ways";
    }
    return refusal.isEmpty() ? plan(backward(k)).refusal() : refusal;
  }

  /** What keeps these operands from the library whatever kernels it has; empty if nothing does. */
  static String unsuitable(@Nullable View slopes, View... operands) {
    long headDim = operands[0].size(3);
    if (slopes != null) {
      return "slopes";
    }
    if (operands[0].elements() == 0) {
      return "an operand is empty";
    }
    if (headDim % HEAD_DIM_STEP != 0 || headDim > MOST_HEAD_DIM) {
      return "head dim %d, neither a multiple of %d nor at most %d".formatted(headDim, HEAD_DIM_STEP, MOST_HEAD_DIM);
    }
    for (View operand : operands) {
      if (operand.type() != DType.BF16) {
        return "an operand in " + operand.type();
      }
      if (!aligned(operand)) {
        return "an operand is not aligned to %d bytes".formatted(ALIGNMENT);
      }
    }
    return "";
  }

  private static boolean aligned(View view) {
    long bytes = view.type().bytes();
    Strides strides = strides(view);
    return DeviceBuffer.address(view) % ALIGNMENT == 0 && strides.batch() * bytes % ALIGNMENT == 0
        && strides.head() * bytes % ALIGNMENT == 0 && strides.time() * bytes % ALIGNMENT == 0;
  }

  private static Strides strides(View view) {
    return new Strides(view.stride(0), view.stride(1), view.stride(2));
  }

  private static AttentionShape shape(View out, double scale) {
    return new AttentionShape(TensorType.BFLOAT16, Math.toIntExact(out.size(0)), Math.toIntExact(out.size(1)),
        Math.toIntExact(out.size(2)), Math.toIntExact(out.size(3)), (float) scale);
  }

  private static Forward forward(Attention k) {
    return new Forward(shape(k.out(), k.scale()), strides(k.q()), strides(k.k()), strides(k.v()), strides(k.out()));
  }

  private static Backward backward(AttentionGradient k) {
    return new Backward(shape(k.dq(), k.scale()), new AttentionBackward.Layout(strides(k.q()), strides(k.k()),
        strides(k.v()), strides(k.out()), strides(k.dq()), strides(k.dk()), strides(k.dv())));
  }

  private Made<AttentionForward> plan(Forward key) {
    Made<AttentionForward> made = forwards.get(key);
    if (made == null) {
      try {
        made = new Made<>(
            library.attention(target(), key.shape(), key.q(), key.k(), key.v(), key.out()), "");
      } catch (UnsupportedGraphException e) {
        made = new Made<>(null, String.valueOf(e.getMessage()));
      }
      forwards.put(key, made);
    }
    return made;
  }

  private Made<AttentionBackward> plan(Backward key) {
    Made<AttentionBackward> made = backwards.get(key);
    if (made == null) {
      try {
        made = new Made<>(library.attentionGradient(target(), key.shape(), key.layout(), order), "");
      } catch (UnsupportedGraphException e) {
        made = new Made<>(null, String.valueOf(e.getMessage()));
      }
      backwards.put(key, made);
    }
    return made;
  }

  private CudnnTarget target() {
    if (handle == 0) {
      handle = library.create();
      library.setStream(handle, stream);
    }
    return new CudnnTarget.Present(handle);
  }

  /** Runs what is not {@link #refusal refused}. */
  void run(Attention k) {
    AttentionForward plan = required(plan(forward(k)));
    long space = workspace.of(plan.plan().workspaceBytes());
    List<Object> key = key(plan, space, k.out(), k.logSumExp(), k.q(), k.k(), k.v());
    BoundPlan bound = bindings.get(key);
    if (bound == null) {
      bound = plan.bind(at(k.out()), at(k.logSumExp()), at(k.q()), at(k.k()), at(k.v()), space);
      keep(key, bound);
    }
    bound.run(handle);
  }

  /** Runs what is not {@link #refusal refused}. */
  void run(AttentionGradient k) {
    AttentionBackward plan = required(plan(backward(k)));
    long beside = Math.ceilDiv(plan.scratchBytes(), DeviceMemory.ALIGNMENT) * DeviceMemory.ALIGNMENT;
    long space = workspace.of(beside + plan.plan().workspaceBytes());
    List<Object> key =
        key(plan, space, k.dq(), k.dk(), k.dv(), k.dOut(), k.out(), k.logSumExp(), k.q(), k.k(), k.v());
    BoundPlan bound = bindings.get(key);
    if (bound == null) {
      bound = plan.bind(new AttentionBackward.Operands(at(k.dq()), at(k.dk()), at(k.dv()), at(k.dOut()), at(k.out()),
          at(k.logSumExp()), at(k.q()), at(k.k()), at(k.v()), space, space + beside));
      keep(key, bound);
    }
    bound.run(handle);
  }

  private static <P> P required(Made<P> made) {
    P plan = made.plan();
    if (plan == null) {
      throw new IllegalStateException("cuDNN was asked for attention that it refused: " + made.refusal());
    }
    return plan;
  }

  private static long at(View view) {
    return DeviceBuffer.address(view);
  }

  private static List<Object> key(Object plan, long workspace, View... operands) {
    Object[] key = new Object[operands.length + 2];
    key[0] = plan;
    key[1] = workspace;
    for (int i = 0; i < operands.length; i++) {
      key[i + 2] = at(operands[i]);
    }
    return List.of(key);
  }

  private void keep(List<Object> key, BoundPlan bound) {
    bindings.put(key, bound);
    if (bindings.size() > MOST_BINDINGS) {
      Iterator<BoundPlan> eldest = bindings.values().iterator();
      eldest.next().close();
      eldest.remove();
    }
  }

  @Override
  public void close() {
    bindings.values().forEach(BoundPlan::close);
    bindings.clear();
    for (Made<AttentionForward> made : forwards.values()) {
      if (made.plan() != null) {
        made.plan().close();
      }
    }
    for (Made<AttentionBackward> made : backwards.values()) {
      if (made.plan() != null) {
        made.plan().close();
      }
    }
    if (handle != 0) {
      library.destroy(handle);
    }
  }
}
