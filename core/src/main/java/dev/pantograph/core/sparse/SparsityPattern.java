package dev.pantograph.core.sparse;

import dev.pantograph.spi.Philox;
import dev.pantograph.spi.Randomize.Distribution;
import dev.pantograph.spi.SparseIndices;
import java.util.Arrays;
import java.util.BitSet;

/**
 * How the places of a layer's first weights are drawn, with addressed randomness: functions of seed, stream and size,
 * the same on every machine.
 */
public sealed interface SparsityPattern {
  /**
   * Each weight is there with probability ρ, independently, as in Dey et al., "SµPar", arXiv 2405.15743: where {@link
   * Distribution.Bernoulli} gives 1. The number of weights is ρ times all in expectation only.
   */
  record Bernoulli() implements SparsityPattern {
    @Override
    public String label() {
      return "bernoulli";
    }

    @Override
    public SparseIndices draw(String weight, int rows, int columns, double density, long seed, long stream) {
      Distribution.Bernoulli mask = new Distribution.Bernoulli(density);
      double[] row = new double[columns];
      int[] offsets = new int[rows + 1];
      int[] indices = new int[columns];
      int count = 0;
      for (int r = 0; r < rows; r++) {
        mask.samples(seed, stream, (long) r * columns, row, columns);
        if (indices.length - count < columns) {
          // Room for what is expected in all, and a quarter more, by the end of the first row.
          indices = Arrays.copyOf(indices,
              Math.toIntExact(count + columns + Math.round(1.25 * density * (rows - r) * columns)));
        }
        for (int c = 0; c < columns; c++) {
          indices[count] = c;
          count += (int) row[c];
        }
        offsets[r + 1] = count;
      }
      return SparseIndices.of(rows, columns, offsets, Arrays.copyOf(indices, count));
    }
  }

  /** Exactly round(ρ·all) weights, each choice equally likely. */
  record Exact() implements SparsityPattern {
    @Override
    public String label() {
      return "exact";
    }

    @Override
    public SparseIndices draw(String weight, int rows, int columns, double density, long seed, long stream) {
      int size = Math.multiplyExact(rows, columns);
      BitSet chosen = LargestKeys.of(size, Places.share(density, size), i -> (int) Philox.word(seed, stream, i));
      return Places.of(rows, columns, chosen);
    }
  }

  /** Exactly round(ρ·columns) weights in each row: no unit has more inputs than another, and none has no input. */
  record FanIn() implements SparsityPattern {
    @Override
    public String label() {
      return "fan-in";
    }

    @Override
    public SparseIndices draw(String weight, int rows, int columns, double density, long seed, long stream) {
      return Places.inGroups(rows, columns, Places.share(density, columns), columns, seed, stream);
    }
  }

  /**
   * N of every M neighbours in a row, such as 2 of 4, which some hardware multiplies faster.
   *
   * @param kept N
   * @param of M, which must divide the columns
   */
  record Groups(int kept, int of) implements SparsityPattern {
    public Groups {
      if (kept < 1 || kept > of) {
        throw new IllegalArgumentException("sparsity pattern %d:%d (expected: from 1 to %d of every %d); give N:M with "
            .formatted(kept, of, of, of) + "N at most M");
      }
    }

    @Override
    public String label() {
      return kept + ":" + of;
    }

    @Override
    public SparseIndices draw(String weight, int rows, int columns, double density, long seed, long stream) {
      if (columns % of != 0) {
        throw new IllegalArgumentException("weight '%s': %d columns (expected: a multiple of %d for the pattern %s); "
            .formatted(weight, columns, of, label()) + "choose another width or pattern");
      }
      double own = (double) kept / of;
      if (Math.abs(density - own) > 1e-9) {
        throw new IllegalArgumentException("weight '%s': density %s (expected: %s, which is the pattern %s); set it so "
            .formatted(weight, density, own, label()) + "for every layer, or choose another pattern");
      }
      return Places.inGroups(rows, columns, kept, of, seed, stream);
    }
  }

  /**
   * Square blocks of weights, exactly round(ρ·blocks) of them, that are there or not as a whole.
   *
   * @param size rows and columns of a block, which must divide those of the weight
   */
  record Blocks(int size) implements SparsityPattern {
    public Blocks {
      if (size < 1) {
        throw new IllegalArgumentException(
            "sparsity pattern block-%d (expected: at least 1); give the rows of a block".formatted(size));
      }
    }

    @Override
    public String label() {
      return "block-" + size;
    }

    @Override
    public SparseIndices draw(String weight, int rows, int columns, double density, long seed, long stream) {
      if (rows % size != 0 || columns % size != 0) {
        throw new IllegalArgumentException(
            "weight '%s': [%d, %d] (expected: multiples of %d for the pattern %s); choose another width or block"
                .formatted(weight, rows, columns, size, label()));
      }
      int across = columns / size;
      int blocks = rows / size * across;
      BitSet chosen = LargestKeys.of(blocks, Places.share(density, blocks), i -> (int) Philox.word(seed, stream, i));
      return SparseIndices.of(rows, columns, (row, column) -> chosen.get(row / size * across + column / size));
    }
  }

  /** The name in configurations. */
  String label();

  /** Whether any set of places has this pattern, so that a topology may change one by one. */
  default boolean isUnstructured() {
    return this instanceof Bernoulli || this instanceof Exact;
  }

  /**
   * Draws the places of one weight.
   *
   * @param weight its name, for errors
   * @throws IllegalArgumentException if the pattern does not fit its size or density
   */
  SparseIndices draw(String weight, int rows, int columns, double density, long seed, long stream);

  /**
   * The pattern of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static SparsityPattern named(String name) {
    if (name.matches("\\d{1,6}:\\d{1,6}")) {
      int colon = name.indexOf(':');
      return new Groups(Integer.parseInt(name.substring(0, colon)), Integer.parseInt(name.substring(colon + 1)));
    }
    if (name.matches("block-\\d{1,6}")) {
      return new Blocks(Integer.parseInt(name.substring(name.indexOf('-') + 1)));
    }
    return switch (name) {
      case "bernoulli" -> new Bernoulli();
      case "exact" -> new Exact();
      case "fan-in" -> new FanIn();
      default -> throw new IllegalArgumentException("no sparsity pattern is named '%s'; there are bernoulli, exact, "
          .formatted(name) + "fan-in, N:M such as 2:4, and block-N such as block-16");
    };
  }
}
