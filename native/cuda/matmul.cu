// MatMul, for what the library refuses: strides, alignments, double, the exact form of GELU. Types: OUT, A, B, C and
// PRE_ACTIVATION.
//
// out = f(alpha·(a·b + bias) + beta·c). A block of 16×16 threads computes 64×64 elements from tiles of 64×16 and 16×64
// in shared memory, a thread 4×4 of them in registers: each number read from shared memory serves four multiplications.
#include "numbers.cuh"
#include "reduce.cuh"
#include "gelu.cuh"

typedef ComputedIn<A>::type real;

constexpr int SIDE = 64;    // of the block's part of out
constexpr int DEPTH = 16;   // of the inner dimension, at once
constexpr int ALONG = 16;  // threads along each side
constexpr int EACH = SIDE / ALONG;

// Elements from one matrix of the batch to the next, one row to the next, one column to the next.
struct Strides {
  int64 batch;
  int64 row;
  int64 column;
};

enum Epilogue { NOTHING = 0, ACTIVATION = 1, ACTIVATION_GRADIENT = 2 };

// tile[i][j] = x[row + i, column + j], zero outside [rows, columns]. Neighbouring threads take neighbours in memory.
template <int HEIGHT, int LENGTH, class T> __device__ inline void load_tile(
    real (&tile)[HEIGHT][LENGTH + 1], const T *x, Strides strides, int64 row, int64 column, int64 rows,
    int64 columns) {
  for (int n = threadIdx.y * ALONG + threadIdx.x; n < HEIGHT * LENGTH; n += ALONG * ALONG) {
    int i = strides.column == 1 ? n / LENGTH : n % HEIGHT;
    int j = strides.column == 1 ? n % LENGTH : n / HEIGHT;
    bool inside = row + i < rows && column + j < columns;
    tile[i][j] = inside ? widen(x[(row + i) * strides.row + (column + j) * strides.column]) : real(0);
  }
}

// Block (16, 16). Grid (ceil(n / 64), ceil(m / 64), batch). `bias` and `c` may be null; c may be out.
extern "C" __global__ void __launch_bounds__(256) matmul(
    OUT *out, Strides out_strides, PRE_ACTIVATION *pre_activation, Strides pre_strides, const A *a, Strides a_strides,
    const B *b, Strides b_strides, const real *bias, const C *c, Strides c_strides, double alpha, double beta,
    int64 epilogue, int64 form, int64 m, int64 n, int64 k) {
  __shared__ real a_tile[SIDE][DEPTH + 1], b_tile[DEPTH][SIDE + 1];
  a += blockIdx.z * a_strides.batch;
  b += blockIdx.z * b_strides.batch;
  int64 first_row = (int64) blockIdx.y * SIDE;
  int64 first_column = (int64) blockIdx.x * SIDE;
  real factor = real(alpha), addend_factor = real(beta);
  real sum[EACH][EACH] = {};
  for (int64 inner = 0; inner < k; inner += DEPTH) {
    __syncthreads();  // the last tiles have been used
    load_tile<SIDE, DEPTH>(a_tile, a, a_strides, first_row, inner, m, k);
    load_tile<DEPTH, SIDE>(b_tile, b, b_strides, inner, first_column, k, n);
    __syncthreads();
#pragma unroll
    for (int d = 0; d < DEPTH; d++) {
      real left[EACH], right[EACH];
#pragma unroll
      for (int i = 0; i < EACH; i++) {
        left[i] = a_tile[threadIdx.y + i * ALONG][d];
        right[i] = b_tile[d][threadIdx.x + i * ALONG];
      }
#pragma unroll
      for (int i = 0; i < EACH; i++) {
#pragma unroll
        for (int j = 0; j < EACH; j++) {
          sum[i][j] += left[i] * right[j];
        }
      }
    }
  }
#pragma unroll
  for (int i = 0; i < EACH; i++) {
#pragma unroll
    for (int j = 0; j < EACH; j++) {
      int64 row = first_row + threadIdx.y + i * ALONG;
      int64 column = first_column + threadIdx.x + j * ALONG;
      if (row >= m || column >= n) {
        continue;
      }
      real z = factor * (sum[i][j] + (bias ? bias[column] : real(0)));
      if (c) {
        z += addend_factor * widen(c[blockIdx.z * c_strides.batch + row * c_strides.row + column * c_strides.column]);
      }
      int64 pre = blockIdx.z * pre_strides.batch + row * pre_strides.row + column * pre_strides.column;
      if (epilogue == ACTIVATION) {
        assign(pre_activation[pre], z);
        z = gelu_value(form, z);
      } else if (epilogue == ACTIVATION_GRADIENT) {
        z *= gelu_slope(form, (real) widen(pre_activation[pre]));
      }
      assign(out[blockIdx.z * out_strides.batch + row * out_strides.row + column * out_strides.column], z);
    }
  }
}

// sums[row] = alpha·Σ a[row, column], added to sums if `accumulate`. Block (32, 32) for 32 rows: lanes lie along the
// dimension of stride 1, whichever it is. Grid (ceil(m / 32), 1, batch).
extern "C" __global__ void __launch_bounds__(1024) row_sums(
    real *sums, const A *a, Strides a_strides, double alpha, int64 accumulate, int64 m, int64 k) {
  __shared__ real parts[WARP][WARP + 1];
  a += blockIdx.z * a_strides.batch;
  bool along_row = a_strides.column == 1;
  int i = along_row ? threadIdx.y : threadIdx.x;
  int j = along_row ? threadIdx.x : threadIdx.y;
  int64 row = (int64) blockIdx.x * WARP + i;
  real part = 0;
  for (int64 column = j; column < k && row < m; column += WARP) {
    part += widen(a[row * a_strides.row + column * a_strides.column]);
  }
  parts[i][j] = part;
  __syncthreads();
  // A warp adds the 32 parts of one row.
  real sum = warp_reduce<Add>(parts[threadIdx.y][threadIdx.x]);
  int64 result = (int64) blockIdx.x * WARP + threadIdx.y;
  if (threadIdx.x == 0 && result < m) {
    real *to = sums + blockIdx.z * m + result;
    *to = (accumulate ? *to : real(0)) + real(alpha) * sum;
  }
}
