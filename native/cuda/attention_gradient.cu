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

// Block (32, 8). Grid: ceil(time / 16)·batch·heads. Shared: (3·16·dim + 2·32·(dim + 1))·sizeof(real) bytes.
extern "C" __global__ void __launch_bounds__(256) attention_query_gradient(
    DQ *dq, Heads dq_strides, const D_OUT *d_out, Heads d_out_strides, const OUT *out, Heads out_strides,
    const real *log_sum_exp, const Q *q, Heads q_strides, const K *k, Heads k_strides, const V *v, Heads v_strides,
    const real *slopes, double scale, int64 heads, int64 time, int64 head_dim) {
  __shared__ real gradients[WARPS][TILE];
  int dim = (int) head_dim;
  real *queries = (real *) dynamic_shared;     // [ROWS, dim]
  real *d_outs = queries + ROWS * dim;         // [ROWS, dim]
  real *sums = d_outs + ROWS * dim;            // [ROWS, dim]
  real *keys = sums + ROWS * dim;              // [TILE, dim + 1]
  real *values = keys + TILE * (dim + 1);      // [TILE, dim + 1]

  int64 query_tiles = (time + ROWS - 1) / ROWS;
  int64 first_query = blockIdx.x % query_tiles * ROWS;
  int64 batch_head = blockIdx.x / query_tiles;
  int64 batch = batch_head / heads;
  int64 head = batch_head % heads;
  real slope = slopes ? slopes[head] : 0;
  int lane = threadIdx.x;
  int warp = threadIdx.y;

  load_tile(queries, dim, ROWS, head_of(q, q_strides, batch, head), q_strides.time, first_query, time, dim);
  load_tile(
      d_outs, dim, ROWS, head_of(d_out, d_out_strides, batch, head), d_out_strides.time, first_query, time, dim);
  // While the rows of `out` are needed, they lie where the sums will.
  load_tile(sums, dim, ROWS, head_of(out, out_strides, batch, head), out_strides.time, first_query, time, dim);
  __syncthreads();
  real delta[ROWS / WARPS];
#pragma unroll
  for (int r = 0; r < ROWS / WARPS; r++) {
    int row = r * WARPS + warp;
    real part = 0;
    for (int d = lane; d < dim; d += WARP) {
      part += d_outs[row * dim + d] * sums[row * dim + d];
      sums[row * dim + d] = 0;
    }
    delta[r] = warp_reduce<Add>(part);
  }
  int64 last_query = first_query + ROWS - 1 < time ? first_query + ROWS - 1 : time - 1;
  for (int64 first_key = 0; first_key <= last_query; first_key += TILE) {
    __syncthreads();
    load_tile(keys, dim + 1, TILE, head_of(k, k_strides, batch, head), k_strides.time, first_key, time, dim);
    load_tile(values, dim + 1, TILE, head_of(v, v_strides, batch, head), v_strides.time, first_key, time, dim);
    __syncthreads();
#pragma unroll
    for (int r = 0; r < ROWS / WARPS; r++) {
      int row = r * WARPS + warp;
      int64 t = first_query + row;
      int64 s = first_key + lane;
      if (t > last_query || first_key > t) {
        continue;
      }
      real gradient = 0;
      if (s <= t) {
        real logit =
            real(scale) * dot(queries + row * dim, keys + lane * (dim + 1), dim) - slope * (real) (t - s);
        real p = exp(logit - log_sum_exp[batch_head * time + t]);
        gradient = p * (dot(d_outs + row * dim, values + lane * (dim + 1), dim) - delta[r]);
      }
      gradients[warp][lane] = gradient;
      __syncwarp();
      for (int d = lane; d < dim; d += WARP) {
        real sum = sums[row * dim + d];
        for (int key = 0; key < TILE; key++) {
          sum += gradients[warp][key] * keys[key * (dim + 1) + d];
        }
        sums[row * dim + d] = sum;
      }
      __syncwarp();
    }
  }
#pragma unroll
  for (int r = 0; r < ROWS / WARPS; r++) {
    int row = r * WARPS + warp;
    int64 t = first_query + row;
    if (t > last_query) {
      continue;
    }
    DQ *to = head_of(dq, dq_strides, batch, head) + t * dq_strides.time;
    for (int d = lane; d < dim; d += WARP) {
      assign(to[d], real(scale) * sums[row * dim + d]);
    }
  }
}

// Block (32, 8). Grid: ceil(time / 16)·batch·heads. Shared: (4·16·dim + 2·32·(dim + 1))·sizeof(real) bytes.
extern "C" __global__ void __launch_bounds__(256) attention_key_value_gradient(
    DK *dk, Heads dk_strides, DV *dv, Heads dv_strides, const D_OUT *d_out, Heads d_out_strides, const OUT *out,
    Heads out_strides, const real *log_sum_exp, const Q *q, Heads q_strides, const K *k, Heads k_strides, const V *v,
    Heads v_strides, const real *slopes, double scale, int64 heads, int64 time, int64 head_dim) {
  __shared__ real probabilities[WARPS][TILE], gradients[WARPS][TILE];
  __shared__ real deltas[TILE];
  int dim = (int) head_dim;
  real *keys = (real *) dynamic_shared;        // [ROWS, dim]
  real *values = keys + ROWS * dim;            // [ROWS, dim]
  real *key_sums = values + ROWS * dim;        // [ROWS, dim]
  real *value_sums = key_sums + ROWS * dim;    // [ROWS, dim]
  real *queries = value_sums + ROWS * dim;     // [TILE, dim + 1]
  real *d_outs = queries + TILE * (dim + 1);   // [TILE, dim + 1]

  int64 key_tiles = (time + ROWS - 1) / ROWS;
  int64 first_key = blockIdx.x % key_tiles * ROWS;
  int64 batch_head = blockIdx.x / key_tiles;
  int64 batch = batch_head / heads;
  int64 head = batch_head % heads;
  real slope = slopes ? slopes[head] : 0;
  int lane = threadIdx.x;
  int warp = threadIdx.y;

  load_tile(keys, dim, ROWS, head_of(k, k_strides, batch, head), k_strides.time, first_key, time, dim);
  load_tile(values, dim, ROWS, head_of(v, v_strides, batch, head), v_strides.time, first_key, time, dim);
  for (int i = warp * WARP + lane; i < 2 * ROWS * dim; i += WARPS * WARP) {
    key_sums[i] = 0;  // and value_sums, which follow
  }
  const OUT *outs = head_of(out, out_strides, batch, head);
  // Queries before the first key do not see it.
  for (int64 first_query = first_key / TILE * TILE; first_query < time; first_query += TILE) {
    __syncthreads();
    load_tile(queries, dim + 1, TILE, head_of(q, q_strides, batch, head), q_strides.time, first_query, time, dim);
    load_tile(d_outs, dim + 1, TILE, head_of(d_out, d_out_strides, batch, head), d_out_strides.time, first_query,
        time, dim);
    __syncthreads();
    for (int row = warp; row < TILE; row += WARPS) {
      real part = 0;
      for (int d = lane; d < dim && first_query + row < time; d += WARP) {
        part += d_outs[row * (dim + 1) + d] * widen(outs[(first_query + row) * out_strides.time + d]);
      }
      part = warp_reduce<Add>(part);
      if (lane == 0) {
        deltas[row] = part;
      }
    }
    __syncthreads();
#pragma unroll
    for (int r = 0; r < ROWS / WARPS; r++) {
      int row = r * WARPS + warp;
      int64 s = first_key + row;
      int64 t = first_query + lane;
      if (s >= time) {
        continue;
      }
      real p = 0, gradient = 0;
      if (s <= t && t < time) {
        real logit =
            real(scale) * dot(queries + lane * (dim + 1), keys + row * dim, dim) - slope * (real) (t - s);
        p = exp(logit - log_sum_exp[batch_head * time + t]);
        gradient = p * (dot(d_outs + lane * (dim + 1), values + row * dim, dim) - deltas[lane]);
      }
      probabilities[warp][lane] = p;
      gradients[warp][lane] = gradient;
      __syncwarp();
      for (int d = lane; d < dim; d += WARP) {
        real key_sum = key_sums[row * dim + d];
        real value_sum = value_sums[row * dim + d];
        for (int query = 0; query < TILE; query++) {
          key_sum += gradients[warp][query] * queries[query * (dim + 1) + d];
          value_sum += probabilities[warp][query] * d_outs[query * (dim + 1) + d];
        }
        key_sums[row * dim + d] = key_sum;
        value_sums[row * dim + d] = value_sum;
      }
      __syncwarp();
    }
  }
  __syncthreads();
#pragma unroll
  for (int r = 0; r < ROWS / WARPS; r++) {
    int row = r * WARPS + warp;
    int64 s = first_key + row;
    if (s >= time) {
      continue;
    }
    DK *to_key = head_of(dk, dk_strides, batch, head) + s * dk_strides.time;
    DV *to_value = head_of(dv, dv_strides, batch, head) + s * dv_strides.time;
    for (int d = lane; d < dim; d += WARP) {
      assign(to_key[d], real(scale) * key_sums[row * dim + d]);
      assign(to_value[d], value_sums[row * dim + d]);
    }
  }
}
