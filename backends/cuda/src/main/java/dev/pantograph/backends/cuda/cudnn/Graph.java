package dev.pantograph.backends.cuda.cudnn;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import dev.pantograph.backends.cuda.binding.CudaException;
import dev.pantograph.backends.cuda.cudnn.Tensor.Sizes;
import dev.pantograph.backends.cuda.cudnn.Tensor.Strides;
import java.util.ArrayList;
import java.util.List;

/**
 * Operations that the library is to fuse, written down in order. Tensors that are {@link #stored} lie in memory that is
 * named when a plan runs, in the order in which they are declared; {@link #scalar}s are part of the plan; all others
 * exist within the fused kernel only.
 */
final class Graph implements AutoCloseable {
  /** Of addresses, in bytes: what vector loads need. */
  private static final long ALIGNMENT = 16;

  private static final int MOST_CONFIGURATIONS = 16;

  private final BoundLibrary<CudnnFunction> library;
  private final List<Descriptor> descriptors = new ArrayList<>();
  private final List<Descriptor> operations = new ArrayList<>();
  private final List<Long> stored = new ArrayList<>();
  private final List<CudnnPlan.Scalar> scalars = new ArrayList<>();
  private long nextId = 1;

  Graph(BoundLibrary<CudnnFunction> library) {
    this.library = library;
  }

  /** A tensor in memory. */
  Tensor stored(TensorType type, Sizes sizes, Strides strides) {
    stored.add(nextId);
    return tensor(type, sizes, strides, false, false);
  }

  /** A number, the same for all elements. */
  Tensor scalar(float value) {
    scalars.add(new CudnnPlan.Scalar(nextId, value));
    Sizes one = new Sizes(1, 1, 1, 1);
    return tensor(TensorType.FLOAT, one, one.packed(), false, true);
  }

  private Tensor between(TensorType type, Sizes sizes, Strides strides) {
    return tensor(type, sizes, strides, true, false);
  }

  private Tensor tensor(TensorType type, Sizes sizes, Strides strides, boolean virtual, boolean byValue) {
    Descriptor descriptor = describe(DescriptorType.TENSOR)
        .set(Attribute.TENSOR_BYTE_ALIGNMENT, ALIGNMENT)
        .set(Attribute.TENSOR_DATA_TYPE, AttributeType.DATA_TYPE, type)
        .set(Attribute.TENSOR_DIMENSIONS, sizes.toArray())
        .set(Attribute.TENSOR_STRIDES, strides.toArray())
        .set(Attribute.TENSOR_UNIQUE_ID, nextId++)
        .set(Attribute.TENSOR_IS_VIRTUAL, virtual);
    if (byValue) {
      descriptor.set(Attribute.TENSOR_IS_BY_VALUE, true);
    }
    return new Tensor(descriptor.finish(), type, sizes);
  }

  /** {@code a·b}, summed in float32. */
  Tensor product(Tensor a, Tensor b) {
    Sizes sizes = a.sizes().withColumns(b.sizes().columns());
    Tensor out = between(TensorType.FLOAT, sizes, sizes.packed());
    productInto(out, a, b);
    return out;
  }

  /** {@code a·b}, summed in float32, into a tensor that exists. */
  void productInto(Tensor out, Tensor a, Tensor b) {
    Descriptor how = describe(DescriptorType.MATMUL)
        .set(Attribute.MATMUL_COMP_TYPE, AttributeType.DATA_TYPE, TensorType.FLOAT).finish();
    operation(DescriptorType.OPERATION_MATMUL)
        .set(Attribute.OPERATION_MATMUL_ADESC, a.descriptor())
        .set(Attribute.OPERATION_MATMUL_BDESC, b.descriptor())
        .set(Attribute.OPERATION_MATMUL_CDESC, out.descriptor())
        .set(Attribute.OPERATION_MATMUL_DESC, how).finish();
  }

  /** A function of elements, in float32. */
  Tensor map(PointwiseMode mode, Tensor x) {
    Tensor out = between(TensorType.FLOAT, x.sizes(), x.sizes().packed());
    mapInto(out, mode, x);
    return out;
  }

  /** A function of elements, into a tensor that exists. */
  void mapInto(Tensor out, PointwiseMode mode, Tensor x) {
    operation(DescriptorType.OPERATION_POINTWISE)
        .set(Attribute.OPERATION_POINTWISE_PW_DESCRIPTOR, pointwise(mode, TensorType.FLOAT).finish())
        .set(Attribute.OPERATION_POINTWISE_XDESC, x.descriptor())
        .set(Attribute.OPERATION_POINTWISE_YDESC, out.descriptor()).finish();
  }

  /** A function of two elements at the same place, in float32; the second may be smaller and is then repeated. */
  Tensor map(PointwiseMode mode, Tensor x, Tensor b) {
    return map(mode, x, b, TensorType.FLOAT);
  }

  /** The same, rounded to a type. */
  Tensor map(PointwiseMode mode, Tensor x, Tensor b, TensorType type) {
    Tensor out = between(type, x.sizes(), x.sizes().packed());
    mapInto(out, mode, x, b);
    return out;
  }

  /** The same, into a tensor that exists. */
  void mapInto(Tensor out, PointwiseMode mode, Tensor x, Tensor b) {
    mapInto(out, mode, TensorType.FLOAT, x, b);
  }

  private void mapInto(Tensor out, PointwiseMode mode, TensorType math, Tensor x, Tensor b) {
    operation(DescriptorType.OPERATION_POINTWISE)
        .set(Attribute.OPERATION_POINTWISE_PW_DESCRIPTOR, pointwise(mode, math).finish())
        .set(Attribute.OPERATION_POINTWISE_XDESC, x.descriptor())
        .set(Attribute.OPERATION_POINTWISE_BDESC, b.descriptor())
        .set(Attribute.OPERATION_POINTWISE_YDESC, out.descriptor()).finish();
  }

  /** {@code x} where the column is at most the row, else another number. */
  Tensor lowerTriangle(Tensor x, Tensor otherwise) {
    Tensor allowed = between(TensorType.BOOLEAN, x.sizes(), x.sizes().packed());
    mapInto(allowed, PointwiseMode.CMP_GE, TensorType.BOOLEAN, place(x, 2), place(x, 3));
    Tensor out = between(TensorType.FLOAT, x.sizes(), x.sizes().packed());
    operation(DescriptorType.OPERATION_POINTWISE)
        .set(Attribute.OPERATION_POINTWISE_PW_DESCRIPTOR,
            pointwise(PointwiseMode.BINARY_SELECT, TensorType.FLOAT).finish())
        .set(Attribute.OPERATION_POINTWISE_XDESC, x.descriptor())
        .set(Attribute.OPERATION_POINTWISE_BDESC, otherwise.descriptor())
        .set(Attribute.OPERATION_POINTWISE_TDESC, allowed.descriptor())
        .set(Attribute.OPERATION_POINTWISE_YDESC, out.descriptor()).finish();
    return out;
  }

  private Tensor place(Tensor x, long axis) {
    Tensor out = between(TensorType.INT32, x.sizes(), x.sizes().packed());
    operation(DescriptorType.OPERATION_POINTWISE)
        .set(Attribute.OPERATION_POINTWISE_PW_DESCRIPTOR,
            pointwise(PointwiseMode.GEN_INDEX, TensorType.INT32).set(Attribute.POINTWISE_AXIS, axis).finish())
        .set(Attribute.OPERATION_POINTWISE_XDESC, x.descriptor())
        .set(Attribute.OPERATION_POINTWISE_YDESC, out.descriptor()).finish();
    return out;
  }

  private Descriptor pointwise(PointwiseMode mode, TensorType math) {
    return describe(DescriptorType.POINTWISE)
        .set(Attribute.POINTWISE_MODE, AttributeType.POINTWISE_MODE, mode)
        .set(Attribute.POINTWISE_MATH_PREC, AttributeType.DATA_TYPE, math);
  }

  /** One number for each row, in float32. */
  Tensor reduceColumns(Reduction reduction, Tensor x) {
    Sizes sizes = x.sizes().withColumns(1);
    Tensor out = between(TensorType.FLOAT, sizes, sizes.packed());
    Descriptor how = describe(DescriptorType.REDUCTION)
        .set(Attribute.REDUCTION_OPERATOR, AttributeType.REDUCTION_OPERATOR_TYPE, reduction)
        .set(Attribute.REDUCTION_COMP_TYPE, AttributeType.DATA_TYPE, TensorType.FLOAT).finish();
    operation(DescriptorType.OPERATION_REDUCTION)
        .set(Attribute.OPERATION_REDUCTION_XDESC, x.descriptor())
        .set(Attribute.OPERATION_REDUCTION_YDESC, out.descriptor())
        .set(Attribute.OPERATION_REDUCTION_DESC, how).finish();
    return out;
  }

  /** Rows and columns in each other's place, rounded to a type; {@code strides} are those of {@code x}. */
  Tensor transpose(Tensor x, Strides strides, TensorType type) {
    Sizes sizes = new Sizes(x.sizes().batch(), x.sizes().heads(), x.sizes().columns(), x.sizes().rows());
    Tensor out = between(type, sizes, strides.transposed());
    operation(DescriptorType.OPERATION_RESHAPE)
        .set(Attribute.OPERATION_RESHAPE_XDESC, x.descriptor())
        .set(Attribute.OPERATION_RESHAPE_YDESC, out.descriptor()).finish();
    return out;
  }

  /** A new descriptor that goes with this graph. */
  Descriptor describe(DescriptorType type) {
    Descriptor descriptor = new Descriptor(library, type);
    descriptors.add(descriptor);
    return descriptor;
  }

  private Descriptor operation(DescriptorType type) {
    Descriptor operation = describe(type);
    operations.add(operation);
    return operation;
  }

  /**
   * A plan for what was written down: of the ways that the library proposes the first that it can also compile.
   *
   * @throws UnsupportedGraphException if there is none
   */
  CudnnPlan plan(CudnnTarget target) {
    Descriptor graph = describe(DescriptorType.OPERATIONGRAPH)
        .set(Attribute.OPERATIONGRAPH_OPS, operations.toArray(Descriptor[]::new));
    TargetDescription description = TargetDescription.of(target, this);
    List<String> refusals = new ArrayList<>();
    try {
      description.tellGraph(graph);
      graph.finish();
      for (HeuristicMode mode : HeuristicMode.values()) {
        List<Descriptor> configurations = new ArrayList<>();
        for (int i = 0; i < MOST_CONFIGURATIONS; i++) {
          configurations.add(describe(DescriptorType.ENGINECFG));
        }
        for (Descriptor configuration : configurations.subList(0, propose(description, graph, mode, configurations))) {
          Descriptor plan = new Descriptor(library, DescriptorType.EXECUTION_PLAN);
          try {
            description.tellPlan(plan);
            plan.set(Attribute.EXECUTION_PLAN_ENGINE_CONFIG, configuration).finish();
            CudnnPlan result = new CudnnPlan(library, plan, descriptors, new CudnnPlan.Interface(stored, scalars));
            descriptors.clear();
            return result;
          } catch (CudaException e) {
            plan.close();
            refusals.add(String.valueOf(e.getMessage()));
          }
        }
      }
    } catch (CudaException e) {
      refusals.add(String.valueOf(e.getMessage()));
    }
    throw new UnsupportedGraphException(refusals);
  }

  private int propose(
      TargetDescription target, Descriptor graph, HeuristicMode mode, List<Descriptor> configurations) {
    Descriptor heuristics = describe(DescriptorType.ENGINEHEUR)
        .set(Attribute.ENGINEHEUR_OPERATION_GRAPH, graph)
        .set(Attribute.ENGINEHEUR_MODE, AttributeType.HEUR_MODE, mode);
    target.tellHeuristics(heuristics);
    return heuristics.finish().fill(Attribute.ENGINEHEUR_RESULTS, configurations);
  }

  @Override
  public void close() {
    Descriptor.closeAll(descriptors);
  }
}
