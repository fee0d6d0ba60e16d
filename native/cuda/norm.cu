// Norm, NormGradient. Types: OUT and X; DX, D_OUT and X. THREADS of a block; PACKS of a row that a thread keeps.
//
// A block takes whole rows; thread i has the packs i, i + THREADS, … of each, in registers, so every row is read once
// and written once. PACKS is 1 up to 4096 channels, which are 512 threads with 128 registers each, and THREADS the
// fewest whole warps with THREADS·WIDTH·PACKS >= channels.
#include "numbers.cuh"
#include "reduce.cuh"

typedef ComputedIn<X>::type real;

__device__ inline int64 column(int pack) {
  return ((int64) pack * THREADS + threadIdx.x) * WIDTH;
}

__device__ inline void load_or_ones(const real *gain, int64 c, int64 channels, real (&g)[WIDTH]) {
  if (gain) {
    load(gain, c, channels, g);
  } else {
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      g[j] = 1;
    }
  }
}

#ifdef OUT
// Rows blockIdx.x, + gridDim.x, …. Without `mean` (null), RMSNorm.
extern "C" __global__ void __launch_bounds__(THREADS) normalize(
    OUT *out, real *mean, real *inverse_std, const X *x, const real *gain, const real *bias, double epsilon,
    int64 rows, int64 channels) {
  real g[PACKS][WIDTH], b[PACKS][WIDTH] = {};
#pragma unroll
  for (int p = 0; p < PACKS; p++) {
    load_or_ones(gain, column(p), channels, g[p]);
    if (bias) {
      load(bias, column(p), channels, b[p]);
    }
  }
  for (int64 row = blockIdx.x; row < rows; row += gridDim.x) {
    real v[PACKS][WIDTH];
    real sum = 0;
#pragma unroll
    for (int p = 0; p < PACKS; p++) {
      load(x + row * channels, column(p), channels, v[p]);
#pragma unroll
      for (int j = 0; j < WIDTH; j++) {
        sum += v[p][j];
      }
    }
    real mu = mean ? block_sum(sum) / channels : 0;
    real squares = 0;
#pragma unroll
    for (int p = 0; p < PACKS; p++) {
#pragma unroll
      for (int j = 0; j < WIDTH; j++) {
        v[p][j] = column(p) + j < channels ? v[p][j] - mu : 0;
        squares += v[p][j] * v[p][j];
      }
    }
    real rho = real(1) / sqrt(block_sum(squares) / channels + real(epsilon));
#pragma unroll
    for (int p = 0; p < PACKS; p++) {
#pragma unroll
      for (int j = 0; j < WIDTH; j++) {
        v[p][j] = g[p][j] * v[p][j] * rho + b[p][j];
      }
      store(out + row * channels, column(p), channels, v[p]);
    }
    if (threadIdx.x == 0) {
      inverse_std[row] = rho;
      if (mean) {
        mean[row] = mu;
      }
    }
  }
}
#endif

#ifdef DX
// Block s takes the rows [s, s + 1)·rows_per_slab and leaves its sums for dGain and dBias in row s of two matrices
// [slabs, channels], which `fold_columns` adds up: no atomics, and the bits depend on the shape alone. Slabs that end
// where examples end make these sums per example. dx may be d_out: a thread has read its elements before it writes
// them.
extern "C" __global__ void __launch_bounds__(THREADS) normalize_gradient(
    DX *dx, real *gain_sums, real *bias_sums, const D_OUT *d_out, const X *x, const real *mean,
    const real *inverse_std, const real *gain, int64 accumulate, int64 rows, int64 channels, int64 rows_per_slab) {
  real g[PACKS][WIDTH], gain_sum[PACKS][WIDTH] = {}, bias_sum[PACKS][WIDTH] = {};
#pragma unroll
  for (int p = 0; p < PACKS; p++) {
    load_or_ones(gain, column(p), channels, g[p]);
  }
  int64 first = blockIdx.x * rows_per_slab;
  int64 end = first + rows_per_slab < rows ? first + rows_per_slab : rows;
  for (int64 row = first; row < end; row++) {
    real mu = mean ? mean[row] : 0;
    real rho = inverse_std[row];
    real d[PACKS][WIDTH], v[PACKS][WIDTH];
    real sums[2] = {0, 0};  // of g and of g·x̂
#pragma unroll
    for (int p = 0; p < PACKS; p++) {
      load(d_out + row * channels, column(p), channels, d[p]);
      load(x + row * channels, column(p), channels, v[p]);
#pragma unroll
      for (int j = 0; j < WIDTH; j++) {
        v[p][j] = column(p) + j < channels ? (v[p][j] - mu) * rho : 0;
        gain_sum[p][j] += d[p][j] * v[p][j];
        bias_sum[p][j] += d[p][j];
        d[p][j] *= g[p][j];
        sums[0] += d[p][j];
        sums[1] += d[p][j] * v[p][j];
      }
    }
    block_reduce<Add>(sums, real(0));
    real mean_g = mean ? sums[0] / channels : 0;
    real mean_gx = sums[1] / channels;
#pragma unroll
    for (int p = 0; p < PACKS; p++) {
      real old[WIDTH] = {};
      if (accumulate) {
        load(dx + row * channels, column(p), channels, old);
      }
#pragma unroll
      for (int j = 0; j < WIDTH; j++) {
        d[p][j] = old[j] + rho * (d[p][j] - mean_g - v[p][j] * mean_gx);
      }
      store(dx + row * channels, column(p), channels, d[p]);
    }
  }
#pragma unroll
  for (int p = 0; p < PACKS; p++) {
    if (gain_sums) {
      store(gain_sums + blockIdx.x * channels, column(p), channels, gain_sum[p]);
    }
    if (bias_sums) {
      store(bias_sums + blockIdx.x * channels, column(p), channels, bias_sum[p]);
    }
  }
}
#endif
