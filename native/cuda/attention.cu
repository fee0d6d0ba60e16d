// Attention, for heads that the library refuses. Types: OUT, Q, K and V.
//
// Causal attention without the T×T matrix (Dao et al. 2022, arXiv 2205.14135). A block has 16 queries in shared memory
// and passes over the keys and values in tiles of 32. A warp takes one query at a time: each lane computes the logit of
// one key, the warp their softmax, and then each lane adds up some of the head's dimensions. Sums of a query begun with
// one maximum are rescaled when a later tile has a greater one.
#include "numbers.cuh"
#include "reduce.cuh"
#include "attention.cuh"

typedef ComputedIn<Q>::type real;

// Block (32, 8). Grid: ceil(time / 16)·batch·heads. Shared: (2·16·dim + 32·(dim + 1) + 32·dim)·sizeof(real) bytes.
// `slopes` null: zero.
extern "C" __global__ void __launch_bounds__(256) attention(
    OUT *out, Heads out_strides, real *log_sum_exp, const Q *q, Heads q_strides, const K *k, Heads k_strides,
    const V *v, Heads v_strides, const real *slopes, double scale, int64 heads, int64 time, int64 head_dim) {
  __shared__ real weights[WARPS][TILE];
  Part part(heads, time);
  int dim = (int) head_dim;
  real *queries = (real *) dynamic_shared;  // [ROWS, dim]
  real *sums = queries + ROWS * dim;        // [ROWS, dim]
  real *keys = sums + ROWS * dim;           // [TILE, dim + 1]: lanes read down a column, no bank twice
  real *values = keys + TILE * (dim + 1);   // [TILE, dim]
  real slope = slopes ? slopes[part.head] : 0;
  int lane = threadIdx.x;
  int warp = threadIdx.y;

  load_tile(queries, dim, ROWS, part, q, q_strides, part.first, time, dim);
  clear(sums, ROWS * dim);
  real greatest[EACH], total[EACH] = {};
#pragma unroll
  for (int r = 0; r < EACH; r++) {
    greatest[r] = -infinity();
  }
  for (int64 first_key = 0; first_key < part.end; first_key += TILE) {
    __syncthreads();  // the last tile has been used
    load_tile(keys, dim + 1, TILE, part, k, k_strides, first_key, time, dim);
    load_tile(values, dim, TILE, part, v, v_strides, first_key, time, dim);
    __syncthreads();
#pragma unroll
    for (int r = 0; r < EACH; r++) {
      int row = r * WARPS + warp;
      int64 t = part.first + row;
      int64 s = first_key + lane;
      if (t >= part.end || first_key > t) {
        continue;
      }
      real logit = s <= t
          ? real(scale) * dot(queries + row * dim, keys + lane * (dim + 1), dim) - slope * (real) (t - s)
          : real(-infinity());
      real maximum = Max::combine(greatest[r], warp_reduce<Max>(logit));
      // Logits of −∞ alone have weight 0 so far: no maximum to subtract.
      real subtracted = maximum == real(-infinity()) ? real(0) : maximum;
      real weight = s <= t ? exp(logit - subtracted) : real(0);
      real correction = exp(greatest[r] - subtracted);
      greatest[r] = maximum;
      total[r] = total[r] * correction + warp_reduce<Add>(weight);
      add_weighted(sums + row * dim, correction, weight, weights[warp], values, dim, dim);
    }
  }
#pragma unroll
  for (int r = 0; r < EACH; r++) {
    int row = r * WARPS + warp;
    int64 t = part.first + row;
    if (t < part.end) {
      write_row(part.row(out, out_strides, t), real(1) / total[r], sums + row * dim, dim);
      if (lane == 0) {
        log_sum_exp[part.first_row_of_head + t] =
            total[r] == 0 ? real(not_a_number()) : greatest[r] + log(total[r]);
      }
    }
  }
}
