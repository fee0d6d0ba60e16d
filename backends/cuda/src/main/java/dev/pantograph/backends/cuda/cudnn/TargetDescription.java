package dev.pantograph.backends.cuda.cudnn;

import java.util.Optional;

/**
 * What the library is told of a {@link CudnnTarget} while a plan is made.
 *
 * @param handle of the device; of no meaning if there are properties
 * @param properties of a device that need not be there
 */
record TargetDescription(long handle, Optional<Descriptor> properties) {
  static TargetDescription of(CudnnTarget target, Graph graph) {
    return switch (target) {
      case CudnnTarget.Present(long handle) -> new TargetDescription(handle, Optional.empty());
      case CudnnTarget.Described(String json) -> new TargetDescription(0, Optional.of(
          graph.describe(DescriptorType.DEVICEPROP)
              .set(Attribute.DEVICEPROP_JSON_REPRESENTATION, json).finish()));
    };
  }

  void tellGraph(Descriptor graph) {
    if (properties.isEmpty()) {
      graph.set(Attribute.OPERATIONGRAPH_HANDLE, AttributeType.HANDLE, handle);
    }
  }

  void tellHeuristics(Descriptor heuristics) {
    properties.ifPresent(described -> heuristics.set(Attribute.ENGINEHEUR_DEVICEPROP, described));
  }

  void tellPlan(Descriptor plan) {
    properties.ifPresentOrElse(described -> plan.set(Attribute.EXECUTION_PLAN_DEVICEPROP, described),
        () -> plan.set(Attribute.EXECUTION_PLAN_HANDLE, AttributeType.HANDLE, handle));
  }
}
