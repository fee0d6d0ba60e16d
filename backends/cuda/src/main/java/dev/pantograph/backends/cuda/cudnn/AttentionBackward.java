package dev.pantograph.backends.cuda.cudnn;

import dev.pantograph.backends.cuda.cudnn.AttentionShape.Strides;

/** The gradient of {@link AttentionForward}, compiled. */
public final class AttentionBackward implements AutoCloseable {
  /** Whether the gradient of the queries is summed in the same order at every run. */
  public enum Order {
    /** It is; the logits' gradient is then in memory as a whole, {@code batch·heads·time²} elements. */
    FIXED,
    /** It is not: blocks add to a sum in float32 as they finish. */
    ANY
  }

  /**
   * How the tensors lie.
   *
   * @param out of the result and its gradient
   */
  public record Layout(Strides q, Strides k, Strides v, Strides out, Strides dq, Strides dk, Strides dv) {}

  private final CudnnPlan plan;
  private final AttentionShape shape;
  private final Order order;

  private AttentionBackward(CudnnPlan plan, AttentionShape shape, Order order) {
    this.plan = plan;
    this.shape = shape;
    this.order = order;
  }

  /**
   * Asks the library for a plan, which takes it about a second.
   *
   * @param masked what stands for the logits of later positions
   * @throws UnsupportedGraphException if it has none
   */
  static AttentionBackward plan(
      Graph graph, CudnnTarget target, AttentionShape shape, Layout layout, Order order, float masked) {
    TensorType type = shape.type();
    Tensor q = graph.stored(type, shape.perChannel(), layout.q().rows());
    Tensor k = graph.stored(type, shape.transposed(), layout.k().rows().transposed());
    Tensor v = graph.stored(type, shape.transposed(), layout.v().rows().transposed());
    Tensor out = graph.stored(type, shape.perChannel(), layout.out().rows());
    Tensor dOut = graph.stored(type, shape.perChannel(), layout.out().rows());
    Tensor logSumExp = graph.stored(TensorType.FLOAT, shape.perPosition(), shape.perPosition().packed());
    Tensor delta = graph.stored(TensorType.FLOAT, shape.perPosition(), shape.perPosition().packed());
    Tensor dq = graph.stored(type, shape.perChannel(), layout.dq().rows());
    Tensor dk = graph.stored(type, shape.perChannel(), layout.dk().rows());
    Tensor dv = graph.stored(type, shape.perChannel(), layout.dv().rows());
    Tensor scale = graph.scalar(shape.scale());

    Tensor inner = graph.reduceColumns(Reduction.ADD, graph.map(PointwiseMode.MUL, dOut, out));
    graph.mapInto(delta, PointwiseMode.MUL, inner, graph.scalar(1));
    Tensor logits = graph.map(PointwiseMode.MUL, graph.product(q, k), scale);
    Tensor shifted = graph.map(PointwiseMode.SUB, logits, logSumExp);
    Tensor probabilities = graph.map(PointwiseMode.EXP, graph.lowerTriangle(shifted, graph.scalar(masked)));
    graph.productInto(dv, graph.transpose(probabilities, probabilities.sizes().packed(), type), dOut);
    Tensor centred = graph.map(PointwiseMode.SUB, graph.product(dOut, v), delta);
    Tensor dLogits = graph.map(PointwiseMode.MUL, graph.map(PointwiseMode.MUL, centred, probabilities), scale, type);
    graph.productInto(dk, graph.transpose(dLogits, dLogits.sizes().packed(), type), q);
    Tensor keyRows = graph.transpose(k, layout.k().rows().transposed(), type);
    if (order == Order.FIXED) {
      graph.productInto(dq, dLogits, keyRows);
    } else {
      Tensor sum = graph.stored(TensorType.FLOAT, shape.perChannel(), shape.perChannel().packed());
      graph.productInto(sum, dLogits, keyRows);
      graph.mapInto(dq, PointwiseMode.IDENTITY, sum);
    }
    return new AttentionBackward(graph.plan(target), shape, order);
  }

  /** What was compiled. */
  public CudnnPlan plan() {
    return plan;
  }

  /** Memory of the device that it needs beside the tensors and the plan's own workspace. */
  public long scratchBytes() {
    long positions = (long) shape.batch() * shape.heads() * shape.time();
    return Float.BYTES * positions * (order == Order.FIXED ? 1 : 1 + shape.headDim());
  }

  /**
   * Addresses of what is read and written.
   *
   * @param logSumExp of the forward plan
   * @param scratch {@link #scratchBytes} bytes
   * @param workspace as many bytes as the plan needs
   */
  public record Operands(long dq, long dk, long dv, long dOut, long out, long logSumExp, long q, long k, long v,
      long scratch, long workspace) {}

  /** The gradient of tensors at these addresses. */
  public BoundPlan bind(Operands at) {
    long delta = at.scratch();
    long sum = delta + Float.BYTES * (long) shape.batch() * shape.heads() * shape.time();
    return order == Order.FIXED
        ? plan.bind(at.workspace(), at.q(), at.k(), at.v(), at.out(), at.dOut(), at.logSumExp(), delta, at.dq(),
            at.dk(), at.dv())
        : plan.bind(at.workspace(), at.q(), at.k(), at.v(), at.out(), at.dOut(), at.logSumExp(), delta, at.dq(),
            at.dk(), at.dv(), sum);
  }

  @Override
  public void close() {
    plan.close();
  }
}
