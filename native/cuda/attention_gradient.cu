// AttentionGradient, for heads that the library refuses. Types: DQ, DK, DV, D_OUT, OUT, Q, K and V.
//
// Probabilities are computed again from the logits and log_sum_exp. Two kernels, so that every result is summed by one
// warp and in one order: the first has queries as rows and passes over keys, the second keys and passes over queries.
// Both compute p[t,s] and ds[t,s] = p[t,s]·(d_out[t]·v[s] − d_out[t]·out[t]), one element a lane, and then each lane
// adds up some of the head's dimensions.
#include "numbers.cuh"
#include "reduce.cuh"
#include "attention.cuh"

typedef ComputedIn<Q>::type real;

// p[t,s] and ds[t,s] of one query, row t of the head, and one key, row s.
struct Element {
  real p;
  real gradient;

  __device__ Element(
      const real *query, const real *key, const real *d_out, const real *value, real delta, real log_sum_exp,
      real scale, real slope, int64 distance, int dim)
      : p(exp(scale * dot(query, key, dim) - slope * (real) distance - log_sum_exp)),
        gradient(p * (dot(d_out, value, dim) - delta)) {}

  // Of a masked key: nothing.
  __device__ Element() : p(0), gradient(0) {}
};

// Block (32, 8). Grid: ceil(time / 16)·batch·heads. Shared: (3·16·dim + 2·32·(dim + 1))·sizeof(real) bytes.
extern "C" __global__ void __launch_bounds__(256) attention_query_gradient(
    DQ *dq, Heads dq_strides, const D_OUT *d_out, Heads d_out_strides, const OUT *out, Heads out_strides,
    const real *log_sum_exp, const Q *q, Heads q_strides, const K *k, Heads k_strides, const V *v, Heads v_strides,
    const real *slopes, double scale, int64 heads, int64 time, int64 head_dim) {
  __shared__ real gradients[WARPS][TILE];
  Part part(heads, time);
  int dim = (int) head_dim;
  real *queries = (real *) dynamic_shared;  // [ROWS, dim]
  real *d_outs = queries + ROWS * dim;      // [ROWS, dim]
  real *sums = d_outs + ROWS * dim;         // [ROWS, dim]
  real *keys = sums + ROWS * dim;           // [TILE, dim + 1]
  real *values = keys + TILE * (dim + 1);   // [TILE, dim + 1]
  real slope = slopes ? slopes[part.head] : 0;
  int lane = threadIdx.x;
  int warp = threadIdx.y;

  load_tile(queries, dim, ROWS, part, q, q_strides, part.first, time, dim);
  load_tile(d_outs, dim, ROWS, part, d_out, d_out_strides, part.first, time, dim);
  // While the rows of `out` are needed, they lie where the sums will.
  load_tile(sums, dim, ROWS, part, out, out_strides, part.first, time, dim);
  __syncthreads();
  real delta[EACH];
#pragma unroll
  for (int r = 0; r < EACH; r++) {
    int row = r * WARPS + warp;
    real product = 0;
    for (int d = lane; d < dim; d += WARP) {
      product += d_outs[row * dim + d] * sums[row * dim + d];
      sums[row * dim + d] = 0;
    }
    delta[r] = warp_reduce<Add>(product);
  }
  for (int64 first_key = 0; first_key < part.end; first_key += TILE) {
    __syncthreads();
    load_tile(keys, dim + 1, TILE, part, k, k_strides, first_key, time, dim);
    load_tile(values, dim + 1, TILE, part, v, v_strides, first_key, time, dim);
    __syncthreads();
#pragma unroll
    for (int r = 0; r < EACH; r++) {
      int row = r * WARPS + warp;
      int64 t = part.first + row;
      int64 s = first_key + lane;
      if (t >= part.end || first_key > t) {
        continue;
      }
      Element element = s > t ? Element() : Element(
          queries + row * dim, keys + lane * (dim + 1), d_outs + row * dim, values + lane * (dim + 1), delta[r],
          log_sum_exp[part.first_row_of_head + t], scale, slope, t - s, dim);
      add_weighted(sums + row * dim, real(1), element.gradient, gradients[warp], keys, dim + 1, dim);
    }
  }
#pragma unroll
  for (int r = 0; r < EACH; r++) {
    int row = r * WARPS + warp;
    int64 t = part.first + row;
    if (t < part.end) {
      write_row(part.row(dq, dq_strides, t), real(scale), sums + row * dim, dim);
    }
  }
}

// Block (32, 8). Grid: ceil(time / 16)·batch·heads. Shared: (4·16·dim + 2·32·(dim + 1))·sizeof(real) bytes.
extern "C" __global__ void __launch_bounds__(256) attention_key_value_gradient(
    DK *dk, Heads dk_strides, DV *dv, Heads dv_strides, const D_OUT *d_out, Heads d_out_strides, const OUT *out,
    Heads out_strides, const real *log_sum_exp, const Q *q, Heads q_strides, const K *k, Heads k_strides, const V *v,
    Heads v_strides, const real *slopes, double scale, int64 heads, int64 time, int64 head_dim) {
  __shared__ real weights[WARPS][TILE];
  __shared__ real deltas[TILE];
  Part part(heads, time);
  int dim = (int) head_dim;
  real *keys = (real *) dynamic_shared;       // [ROWS, dim]
  real *values = keys + ROWS * dim;           // [ROWS, dim]
  real *key_sums = values + ROWS * dim;       // [ROWS, dim]
  real *value_sums = key_sums + ROWS * dim;   // [ROWS, dim]
  real *queries = value_sums + ROWS * dim;    // [TILE, dim + 1]
  real *d_outs = queries + TILE * (dim + 1);  // [TILE, dim + 1]
  real slope = slopes ? slopes[part.head] : 0;
  int lane = threadIdx.x;
  int warp = threadIdx.y;

  load_tile(keys, dim, ROWS, part, k, k_strides, part.first, time, dim);
  load_tile(values, dim, ROWS, part, v, v_strides, part.first, time, dim);
  clear(key_sums, 2 * ROWS * dim);  // and value_sums, which follow
  // Queries before the first key do not see it.
  for (int64 first_query = part.first / TILE * TILE; first_query < time; first_query += TILE) {
    __syncthreads();
    load_tile(queries, dim + 1, TILE, part, q, q_strides, first_query, time, dim);
    load_tile(d_outs, dim + 1, TILE, part, d_out, d_out_strides, first_query, time, dim);
    __syncthreads();
    for (int i = warp; i < TILE && first_query + i < time; i += WARPS) {
      real product = 0;
      for (int d = lane; d < dim; d += WARP) {
        product += d_outs[i * (dim + 1) + d] * widen(part.row(out, out_strides, first_query + i)[d]);
      }
      product = warp_reduce<Add>(product);
      if (lane == 0) {
        deltas[i] = product;
      }
    }
    __syncthreads();
#pragma unroll
    for (int r = 0; r < EACH; r++) {
      int row = r * WARPS + warp;
      int64 s = part.first + row;
      int64 t = first_query + lane;
      if (s >= part.end) {
        continue;
      }
      Element element = s > t || t >= time ? Element() : Element(
          queries + lane * (dim + 1), keys + row * dim, d_outs + lane * (dim + 1), values + row * dim, deltas[lane],
          log_sum_exp[part.first_row_of_head + t], scale, slope, t - s, dim);
      add_weighted(key_sums + row * dim, real(1), element.gradient, weights[warp], queries, dim + 1, dim);
      add_weighted(value_sums + row * dim, real(1), element.p, weights[warp], d_outs, dim + 1, dim);
    }
  }
#pragma unroll
  for (int r = 0; r < EACH; r++) {
    int row = r * WARPS + warp;
    int64 s = part.first + row;
    if (s < part.end) {
      write_row(part.row(dk, dk_strides, s), real(scale), key_sums + row * dim, dim);
      write_row(part.row(dv, dv_strides, s), real(1), value_sums + row * dim, dim);
    }
  }
}
