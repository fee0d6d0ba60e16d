package dev.pantograph.tck.kernels;

/** Which sizes of dimensions a rule wants to see. */
public enum Sizes {
  /** None of the special ones below. */
  ORDINARY(4, 6, 8, 9, 12, 15, 16, 20, 24, 33, 36),
  /** At least one dimension of size 0 among those that may be empty. */
  EMPTY(0, 1, 4, 9),
  /** At least one dimension of size 1. */
  ONE(1, 4, 9, 16),
  /** All dimensions prime. */
  PRIME(2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43),
  /** Small enough to look at every element. */
  SMALL(1, 2, 3, 4),
  /** One dimension beyond every tile and block the rest could hide in; see {@link Dice#sizes}. */
  LARGE(2, 3, 5, 12, 20, 33, 40, 64, 97, 131);

  private final int[] values;

  Sizes(int... values) {
    this.values = values;
  }

  int count() {
    return values.length;
  }

  int value(int index) {
    return values[index];
  }

  /** The size at least one dimension must have, or −1. */
  int mandatory() {
    return this == EMPTY ? 0 : this == ONE ? 1 : -1;
  }
}
