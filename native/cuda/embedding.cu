// Embedding. Types: OUT, TABLE, POSITIONS. And the check of token indices that comes before every kernel with tokens.
#include "numbers.cuh"

// place = the least i with tokens[i] outside [0, vocabulary), where it was ~0 before; the host makes an error of it.
// The least is the same whichever thread comes first.
extern "C" __global__ void first_outside(uint64 *place, const int *tokens, int64 vocabulary, int64 n) {
  int64 step = (int64) gridDim.x * blockDim.x;
  for (int64 i = (int64) blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) {
    if (tokens[i] < 0 || tokens[i] >= vocabulary) {
      atomicMin(place, (uint64) i);
    }
  }
}

#ifdef OUT
typedef ComputedIn<OUT>::type real;

// out[bt] = scale·(table[tokens[bt]] + positions[bt mod length]). Grid: y strides over bt, x over the packs of a row.
// Without positions (null), the table alone. A token outside reads nothing and gives rows of no number.
extern "C" __global__ void embedding(
    OUT *out, const int *tokens, const TABLE *table, const POSITIONS *positions, double scale, int64 vocabulary,
    int64 rows, int64 length, int64 channels) {
  for (int64 row = blockIdx.y; row < rows; row += gridDim.y) {
    int64 token = tokens[row];
    bool known = token >= 0 && token < vocabulary;
    for (int64 c = first_pack(); c < channels; c += pack_step()) {
      real v[WIDTH], p[WIDTH] = {};
      load(table + (known ? token : 0) * channels, c, known ? channels : 0, v);
      if (positions) {
        load(positions + row % length * channels, c, channels, p);
      }
#pragma unroll
      for (int j = 0; j < WIDTH; j++) {
        v[j] = known ? real(scale) * (v[j] + p[j]) : real(not_a_number());
      }
      store(out + row * channels, c, channels, v);
    }
  }
}
#endif
