// What attention and its gradient share: which rows a block has, and tiles of heads in shared memory.
#pragma once

constexpr int TILE = WARP;  // rows that the lanes of a warp share out, one a lane
constexpr int WARPS = 8;
constexpr int EACH = 2;              // rows of the other side that a warp computes, one after another
constexpr int ROWS = WARPS * EACH;   // and that a block does

extern __shared__ uint4 dynamic_shared[];

// Where [batch, heads, time, dim] lies; stride 1 in dim.
struct Heads {
  int64 batch;
  int64 head;
  int64 time;
};

// A head, and the rows [first, end) of it that a block computes: blocks go through the rows of one head, then the next.
struct Part {
  int64 batch;
  int64 head;
  int64 first_row_of_head;  // among the rows of all heads, as [batch, heads, time] lies
  int64 first;
  int64 end;

  __device__ Part(int64 heads, int64 time) {
    int64 parts = (time + ROWS - 1) / ROWS;
    int64 batch_head = blockIdx.x / parts;
    batch = batch_head / heads;
    head = batch_head % heads;
    first_row_of_head = batch_head * time;
    first = blockIdx.x % parts * ROWS;
    end = first + ROWS < time ? first + ROWS : time;
  }

  template <class T> __device__ T *row(T *p, Heads strides, int64 t) const {
    return p + batch * strides.batch + head * strides.head + t * strides.time;
  }
};

// tile[i, d] = x[t + i, d] of the head, zero from `time` on; rows of the tile lie `stride` apart. Takes all threads.
template <class T, class R> __device__ inline void load_tile(
    R *tile, int stride, int rows, const Part &part, const T *x, Heads strides, int64 t, int64 time, int dim) {
  for (int n = threadIdx.y * WARP + threadIdx.x; n < rows * dim; n += WARPS * WARP) {
    int i = n / dim;
    int d = n % dim;
    tile[i * stride + d] = t + i < time ? widen(part.row(x, strides, t + i)[d]) : R(0);
  }
}

template <class R> __device__ inline void clear(R *p, int n) {
  for (int i = threadIdx.y * WARP + threadIdx.x; i < n; i += WARPS * WARP) {
    p[i] = 0;
  }
}

template <class R> __device__ inline R dot(const R *x, const R *y, int dim) {
  R sum = 0;
  for (int d = 0; d < dim; d++) {
    sum += x[d] * y[d];
  }
  return sum;
}

// sums[d] = factor·sums[d] + Σ_i weight of lane i·tile[i, d]. Lanes change roles: each had one row of the tile, and now
// has some of the dimensions; `weights` is where the warp exchanges.
template <class R> __device__ inline void add_weighted(
    R *sums, R factor, R weight, R (&weights)[TILE], const R *tile, int stride, int dim) {
  weights[threadIdx.x] = weight;
  __syncwarp();
  for (int d = threadIdx.x; d < dim; d += WARP) {
    R sum = factor * sums[d];
    for (int i = 0; i < TILE; i++) {
      sum += weights[i] * tile[i * stride + d];
    }
    sums[d] = sum;
  }
  __syncwarp();
}

template <class T, class R> __device__ inline void write_row(T *to, R factor, const R *row, int dim) {
  for (int d = threadIdx.x; d < dim; d += WARP) {
    assign(to[d], factor * row[d]);
  }
}
