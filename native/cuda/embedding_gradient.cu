// EmbeddingGradient. Type: D_OUT.
//
// Which rows of d_out belong to a token is found first, by a counting sort of the places of all tokens. Its atomic
// operations are on integers: counts do not depend on their order, and the places of one token, which do, are put into
// order afterwards. Then each row of the gradient has one block, which adds its rows of d_out in a fixed order.
//
//   counts = 0                        (by the host)
//   count_tokens(counts, …)           how often each token occurs
//   offsets_of_counts(offsets, …)     where its places begin; counts become 0 again
//   place_tokens(places, counts, …)   places, grouped by token
//   order_places(ordered, places, …)  each group by rising place
//   embedding_gradient(…)             the sums
#include "numbers.cuh"
#include "reduce.cuh"

typedef ComputedIn<D_OUT>::type real;

__device__ inline int64 thread_of_grid() {
  return (int64) blockIdx.x * blockDim.x + threadIdx.x;
}

// One thread a place. Here and below, a token outside the vocabulary is left out.
extern "C" __global__ void count_tokens(int *counts, const int *tokens, int64 vocabulary, int64 n) {
  int64 i = thread_of_grid();
  if (i < n && tokens[i] >= 0 && tokens[i] < vocabulary) {
    atomicAdd(&counts[tokens[i]], 1);
  }
}

// offsets[v] = Σ counts[u], u < v, for v in [0, vocabulary]. One block of 1024: each thread adds up a run of counts,
// and thread 0 the runs.
extern "C" __global__ void __launch_bounds__(1024) offsets_of_counts(int *offsets, int *counts, int64 vocabulary) {
  __shared__ int of_runs[1024];
  int64 run = (vocabulary + blockDim.x - 1) / blockDim.x;
  int64 first = threadIdx.x * run;
  int64 end = first + run < vocabulary ? first + run : vocabulary;
  int sum = 0;
  for (int64 v = first; v < end; v++) {
    sum += counts[v];
  }
  of_runs[threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.x == 0) {
    int before = 0;
    for (int i = 0; i < blockDim.x; i++) {
      int count = of_runs[i];
      of_runs[i] = before;
      before += count;
    }
    offsets[vocabulary] = before;
  }
  __syncthreads();
  sum = of_runs[threadIdx.x];
  for (int64 v = first; v < end; v++) {
    offsets[v] = sum;
    sum += counts[v];
    counts[v] = 0;
  }
}

// One thread a place.
extern "C" __global__ void place_tokens(
    int *places, int *counts, const int *offsets, const int *tokens, int64 vocabulary, int64 n) {
  int64 i = thread_of_grid();
  if (i < n && tokens[i] >= 0 && tokens[i] < vocabulary) {
    places[offsets[tokens[i]] + atomicAdd(&counts[tokens[i]], 1)] = (int) i;
  }
}

// One thread a place: its rank is the number of lesser places of the same token.
extern "C" __global__ void order_places(
    int *ordered, const int *places, const int *offsets, const int *tokens, int64 vocabulary) {
  int64 i = thread_of_grid();
  if (i < offsets[vocabulary]) {
    int place = places[i];
    int first = offsets[tokens[place]];
    int end = offsets[tokens[place] + 1];
    int rank = 0;
    for (int other = first; other < end; other++) {
      rank += places[other] < place;
    }
    ordered[first + rank] = place;
  }
}

constexpr int PLACES_AT_ONCE = 8;

// d_table[v] += scale·Σ d_out[places of v]. Block (32, 8): a lane has a pack of columns, and the 8 warps take every
// 8th place. Grid (vocabulary, ceil(channels / 256)). Blocks of tokens that do not occur end at once.
extern "C" __global__ void embedding_gradient(
    real *d_table, const D_OUT *d_out, const int *ordered, const int *offsets, double scale, int64 channels) {
  __shared__ real of_warps[PLACES_AT_ONCE][WARP * WIDTH];
  int first = offsets[blockIdx.x];
  int end = offsets[blockIdx.x + 1];
  if (first == end) {
    return;
  }
  int64 c = ((int64) blockIdx.y * WARP + threadIdx.x) * WIDTH;
  real sum[WIDTH] = {};
#pragma unroll 4
  for (int i = first + threadIdx.y; i < end; i += PLACES_AT_ONCE) {
    real v[WIDTH];
    load(d_out + ordered[i] * channels, c, channels, v);
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      sum[j] += v[j];
    }
  }
#pragma unroll
  for (int j = 0; j < WIDTH; j++) {
    of_warps[threadIdx.y][j * WARP + threadIdx.x] = sum[j];
  }
  __syncthreads();
  if (threadIdx.y == 0) {
    real old[WIDTH];
    load(d_table + blockIdx.x * channels, c, channels, old);
    for (int warp = 1; warp < PLACES_AT_ONCE; warp++) {
#pragma unroll
      for (int j = 0; j < WIDTH; j++) {
        sum[j] += of_warps[warp][j * WARP + threadIdx.x];
      }
    }
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      sum[j] = old[j] + real(scale) * sum[j];
    }
    store(d_table + blockIdx.x * channels, c, channels, sum);
  }
}

// d_positions[t] += scale·Σ_b d_out[b, t]. One thread a pack of [length, channels] seen as one row.
extern "C" __global__ void position_gradient(
    real *d_positions, const D_OUT *d_out, double scale, int64 batch, int64 length, int64 channels) {
  int64 n = length * channels;
  for (int64 i = first_pack(); i < n; i += pack_step()) {
    real sum[WIDTH] = {}, old[WIDTH];
    for (int64 b = 0; b < batch; b++) {
      real v[WIDTH];
      load(d_out + b * n, i, n, v);
#pragma unroll
      for (int j = 0; j < WIDTH; j++) {
        sum[j] += v[j];
      }
    }
    load(d_positions, i, n, old);
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      sum[j] = old[j] + real(scale) * sum[j];
    }
    store(d_positions, i, n, sum);
  }
}
