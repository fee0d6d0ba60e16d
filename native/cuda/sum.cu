// Sum, and the second stage of everything that is summed in two. Type: X.
//
// Sums over many rows are cut into slabs by the shape alone. A block adds up a slab and leaves one row of partial sums;
// a second kernel adds those rows in order. So bits depend neither on timing nor on the device.
#include "numbers.cuh"
#include "reduce.cuh"

typedef ComputedIn<X>::type real;

constexpr int ROWS_AT_ONCE = 8;

// partials[slab, c] = Σ x[row, c] over the slab's rows. Block (32, 8): a lane has a pack of columns, and the 8 warps
// take every 8th row. Grid (ceil(columns / 256), slabs).
extern "C" __global__ void column_sums(
    real *partials, const X *x, int64 rows, int64 columns, int64 rows_per_slab) {
  __shared__ real of_warps[ROWS_AT_ONCE][WARP * WIDTH];
  int64 c = ((int64) blockIdx.x * WARP + threadIdx.x) * WIDTH;
  int64 first = blockIdx.y * rows_per_slab;
  int64 end = first + rows_per_slab < rows ? first + rows_per_slab : rows;
  real sum[WIDTH] = {};
#pragma unroll 4
  for (int64 row = first + threadIdx.y; row < end; row += ROWS_AT_ONCE) {
    real v[WIDTH];
    load(x + row * columns, c, columns, v);
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      sum[j] += v[j];
    }
  }
#pragma unroll
  for (int j = 0; j < WIDTH; j++) {
    of_warps[threadIdx.y][j * WARP + threadIdx.x] = sum[j];  // lanes side by side: no bank twice
  }
  __syncthreads();
  if (threadIdx.y == 0) {
    for (int warp = 1; warp < ROWS_AT_ONCE; warp++) {
#pragma unroll
      for (int j = 0; j < WIDTH; j++) {
        sum[j] += of_warps[warp][j * WARP + threadIdx.x];
      }
    }
    store(partials + blockIdx.y * columns, c, columns, sum);
  }
}

// partials[b] = Σ of the b-th run of `run` elements: the first stage of a sum over everything. Block 256.
extern "C" __global__ void run_sums(real *partials, const X *x, int64 n, int64 run) {
  int64 first = blockIdx.x * run;
  int64 end = first + run < n ? first + run : n;
  real sum = 0;
  for (int64 i = first + threadIdx.x * WIDTH; i < end; i += blockDim.x * WIDTH) {
    real v[WIDTH];
    load(x, i, end, v);
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      sum += v[j];
    }
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) {
    partials[blockIdx.x] = sum;
  }
}

// out[c] = scale·Σ partials[slab, c], added to out if `accumulate`. Block (32, 32): a warp takes every 32nd slab, and
// the warps' sums are added in their order. Grid ceil(columns / 32).
extern "C" __global__ void __launch_bounds__(1024) fold_columns(
    real *out, const real *partials, double scale, int64 accumulate, int64 slabs, int64 columns) {
  __shared__ real of_warps[WARP][WARP];
  int64 c = (int64) blockIdx.x * WARP + threadIdx.x;
  real sum = 0;
  if (c < columns) {
#pragma unroll 4
    for (int64 slab = threadIdx.y; slab < slabs; slab += WARP) {
      sum += partials[slab * columns + c];
    }
  }
  of_warps[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y == 0 && c < columns) {
    for (int warp = 1; warp < WARP; warp++) {
      sum += of_warps[warp][threadIdx.x];
    }
    out[c] = (accumulate ? out[c] : 0) + real(scale) * sum;
  }
}
