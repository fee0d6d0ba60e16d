package dev.pantograph.backends.cuda.cudnn;

import dev.pantograph.backends.cuda.cudnn.AttentionShape.Strides;

/** Causal attention of one shape, compiled: result, and for each query the logarithm of the sum of its exponentials. */
public final class AttentionForward implements AutoCloseable {
  private final CudnnPlan plan;

  private AttentionForward(CudnnPlan plan) {
    this.plan = plan;
  }

  /**
   * Asks the library for a plan, which takes it about a second.
   *
   * @param masked what stands for the logits of later positions
   * @throws UnsupportedGraphException if it has none
   */
  static AttentionForward plan(
      Graph graph, CudnnTarget target, AttentionShape shape, Strides q, Strides k, Strides v, Strides out,
      float masked) {
    Tensor queries = graph.stored(shape.type(), shape.perChannel(), q.rows());
    Tensor keys = graph.stored(shape.type(), shape.transposed(), k.rows().transposed());
    Tensor values = graph.stored(shape.type(), shape.perChannel(), v.rows());
    Tensor result = graph.stored(shape.type(), shape.perChannel(), out.rows());
    Tensor logSumExp = graph.stored(TensorType.FLOAT, shape.perPosition(), shape.perPosition().packed());

    Tensor logits = graph.map(PointwiseMode.MUL, graph.product(queries, keys), graph.scalar(shape.scale()));
    Tensor allowed = graph.lowerTriangle(logits, graph.scalar(masked));
    Tensor max = graph.reduceColumns(Reduction.MAX, allowed);
    Tensor exponentials = graph.map(PointwiseMode.EXP, graph.map(PointwiseMode.SUB, allowed, max));
    Tensor sum = graph.reduceColumns(Reduction.ADD, exponentials);
    graph.mapInto(logSumExp, PointwiseMode.ADD, max, graph.map(PointwiseMode.LOG, sum));
    Tensor probabilities = graph.map(PointwiseMode.DIV, exponentials, sum, shape.type());
    graph.productInto(result, probabilities, values);
    return new AttentionForward(graph.plan(target));
  }

  /** What was compiled. */
  public CudnnPlan plan() {
    return plan;
  }

  /**
   * Attention of tensors at these addresses.
   *
   * @param logSumExp float32, {@code [batch, heads, time]}
   * @param workspace as many bytes as the plan needs
   */
  public BoundPlan bind(long out, long logSumExp, long q, long k, long v, long workspace) {
    return plan.bind(workspace, q, k, v, out, logSumExp);
  }

  @Override
  public void close() {
    plan.close();
  }
}
