package dev.pantograph.core.sparse;

/**
 * How the hidden weights of a model are sparse, beside how many of them there are.
 *
 * @param pattern how the places of a layer's weights are drawn
 * @param distribution how many of them a layer gets
 * @param storage how they are held
 * @param emptyRows whether a row may be left with no weight at all, so that its unit computes its bias whatever comes in;
 *     refused unless asked for
 */
public record Sparsity(
    SparsityPattern pattern, DensityDistribution distribution, WeightStorage storage, boolean emptyRows) {

  /** Each weight there by chance, alike in all layers, in the storage that suits the backend, no row empty. */
  public static Sparsity defaults() {
    return new Sparsity(new SparsityPattern.Bernoulli(), DensityDistribution.UNIFORM, WeightStorage.AUTO, false);
  }

  /** The same with places drawn in another way. */
  public Sparsity pattern(SparsityPattern other) {
    return new Sparsity(other, distribution, storage, emptyRows);
  }

  /** The same with another distribution over the layers. */
  public Sparsity distribution(DensityDistribution other) {
    return new Sparsity(pattern, other, storage, emptyRows);
  }

  /** The same in another storage. */
  public Sparsity storage(WeightStorage other) {
    return new Sparsity(pattern, distribution, other, emptyRows);
  }

  /** The same with rows that may be empty or may not. */
  public Sparsity emptyRows(boolean other) {
    return new Sparsity(pattern, distribution, storage, other);
  }
}
