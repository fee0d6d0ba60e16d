package dev.pantograph.backends.vector;

import java.util.Arrays;

/**
 * The positions of a text sorted by token, those of one token in their own order, and cut into tasks between tokens: all
 * positions of a token belong to one task. Memory is kept for the next text.
 */
final class Occurrences {
  private int[] positions = new int[0];
  /** Where the next position of each token goes. */
  private int[] next = new int[0];
  private int[] starts = new int[1];
  private int tasks;

  /** Sorts positions 0 … count−1, and begins a task once the one before it has at least {@code perTask} of them. */
  void sort(TokenIndices tokens, int count, int vocabulary, int perTask) {
    if (positions.length < count) {
      positions = new int[count];
      starts = new int[count + 1];
    }
    if (next.length < vocabulary) {
      next = new int[vocabulary];
    }
    Arrays.fill(next, 0, vocabulary, 0);
    for (int i = 0; i < count; i++) {
      next[tokens.at(i)]++;
    }
    cut(vocabulary, perTask);
    for (int i = 0; i < count; i++) {
      positions[next[tokens.at(i)]++] = i;
    }
  }

  /** Turns numbers of occurrences into places of the first, and cuts between tokens. */
  private void cut(int vocabulary, int perTask) {
    int begin = 0;
    int place = 0;
    tasks = 0;
    starts[0] = 0;
    for (int token = 0; token < vocabulary; token++) {
      int occurrences = next[token];
      next[token] = place;
      place += occurrences;
      if (place - begin >= perTask) {
        starts[++tasks] = place;
        begin = place;
      }
    }
    if (place > begin) {
      starts[++tasks] = place;
    }
  }

  int tasks() {
    return tasks;
  }

  /** Place of a task's first position; that of the task after the last is the end. */
  int start(int task) {
    return starts[task];
  }

  /** The position at a place. */
  int position(int place) {
    return positions[place];
  }
}
