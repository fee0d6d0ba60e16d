package dev.pantograph.core.sparse;

/**
 * What becomes of a model's topology in training.
 *
 * @param schedule when and how it changes
 * @param corrections which density the parameterization's factors follow then
 */
public record SparseTraining(TopologySchedule schedule, DensityReference corrections) {
  /** The topology stays as it is. */
  public static SparseTraining fixed() {
    return new SparseTraining(new TopologySchedule.Static(), DensityReference.INITIAL);
  }
}
