package dev.pantograph.lab.replay;

import java.util.List;

/**
 * How closely a replay followed its recording.
 *
 * @param source where the recording came from
 * @param backend that replayed it
 * @param steps replayed
 * @param deviations one for each kind of quantity
 */
public record ReplayResult(String source, String backend, int steps, List<Deviation> deviations) {

  /**
   * The worst relative deviation of one kind of quantity: |ours − recorded| / |recorded|.
   *
   * @param quantity what was compared
   * @param worst the largest deviation
   * @param where step or parameter
   * @param ours our value there
   * @param recorded the recorded value there
   * @param tolerance the largest deviation that passes
   */
  public record Deviation(String quantity, double worst, String where, double ours, double recorded, double tolerance) {
    public boolean passed() {
      return worst <= tolerance;
    }
  }

  /** Whether every quantity stayed within its tolerance. */
  public boolean passed() {
    return deviations.stream().allMatch(Deviation::passed);
  }
}
