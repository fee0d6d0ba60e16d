// SparseMatMul, SampledMatMul. Type: V.
//
// Each result is one thread's sum over the non-zeros of a row or a column, in order: no atomics. Threads of a block
// share a token, whose row of x stays in the L1 cache.
#include "numbers.cuh"

// out[t, j] = alpha·(Σ x[t, indices[p]]·values[number of p] + bias[j]) + beta·c[t, j] over the run p of j. By rows (the
// weight transposed) runs are rows, and a non-zero's number is p itself: positions is null. By columns positions has
// the numbers. Block 256; grid (ceil(columns / 256), tokens, at most 65535, which y strides over).
extern "C" __global__ void sparse_matmul(
    V *out, int64 out_stride, const V *x, int64 x_stride, const V *values, const int *offsets, const int *indices,
    const int *positions, double alpha, const V *bias, double beta, const V *c, int64 c_stride, int64 tokens,
    int64 columns) {
  int64 j = (int64) blockIdx.x * blockDim.x + threadIdx.x;
  if (j >= columns) {
    return;
  }
  for (int64 t = blockIdx.y; t < tokens; t += gridDim.y) {
    V sum = 0;
    for (int p = offsets[j]; p < offsets[j + 1]; p++) {
      sum += x[t * x_stride + indices[p]] * values[positions ? positions[p] : p];
    }
    V z = V(alpha) * (sum + (bias ? bias[j] : V(0)));
    out[t * out_stride + j] = z + (c ? V(beta) * c[t * c_stride + j] : V(0));
  }
}

// out[i] = alpha·Σₜ dy[t, rowᵢ]·x[t, columnᵢ], added to out if `accumulate`. Block 256, one thread a non-zero; the row
// of a non-zero is found by bisection of the offsets.
extern "C" __global__ void sampled_matmul(
    V *out, const V *dy, int64 dy_stride, const V *x, int64 x_stride, const int *row_offsets,
    const int *column_indices, double alpha, int64 accumulate, int64 tokens, int64 rows, int64 non_zeros) {
  int64 i = (int64) blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= non_zeros) {
    return;
  }
  int64 row = 0, beyond = rows;
  while (beyond - row > 1) {
    int64 middle = (row + beyond) / 2;
    if (row_offsets[middle] <= i) {
      row = middle;
    } else {
      beyond = middle;
    }
  }
  V sum = 0;
  for (int64 t = 0; t < tokens; t++) {
    sum += dy[t * dy_stride + row] * x[t * x_stride + column_indices[i]];
  }
  out[i] = (accumulate ? out[i] : V(0)) + V(alpha) * sum;
}
