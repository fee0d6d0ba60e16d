package dev.pantograph.core.sparse;

/**
 * How the hidden weights of a model are sparse, beside how many of them there are.
 *
 * @param storage how they are held
 * @param emptyRows whether a row may be left with no weight at all. Its unit then computes its bias, whatever the input;
 *     refused unless asked for
 */
public record Sparsity(WeightStorage storage, boolean emptyRows) {

  /** Each weight there by chance, in the storage that suits the backend, no row empty. */
  public static Sparsity defaults() {
    return new Sparsity(WeightStorage.AUTO, false);
  }

  /** The same in another storage. */
  public Sparsity storage(WeightStorage other) {
    return new Sparsity(other, emptyRows);
  }

  /** The same with rows that may be empty or may not. */
  public Sparsity emptyRows(boolean other) {
    return new Sparsity(storage, other);
  }
}
