// What attention and its gradient share: tiles of heads in shared memory, and the logits of a warp's row.
#pragma once

constexpr int TILE = WARP;  // rows of the side that a warp's lanes share out: one a lane
constexpr int ROWS = 16;    // rows of the other side: what a block of 8 warps computes
constexpr int WARPS = 8;

extern __shared__ uint4 dynamic_shared[];

// Where [batch, heads, time, dim] lies; stride 1 in dim.
struct Heads {
  int64 batch;
  int64 head;
  int64 time;
};

template <class T> __device__ inline T *head_of(T *p, Heads strides, int64 batch, int64 head) {
  return p + batch * strides.batch + head * strides.head;
}

// tile[row, d] = x[first + row, d], zero beyond `time`. All threads of the block take part.
template <class T, class R> __device__ inline void load_tile(
    R *tile, int tile_stride, int rows, const T *x, int64 stride, int64 first, int64 time, int dim) {
  for (int i = threadIdx.y * WARP + threadIdx.x; i < rows * dim; i += WARPS * WARP) {
    int row = i / dim;
    int d = i % dim;
    tile[row * tile_stride + d] = first + row < time ? widen(x[(first + row) * stride + d]) : R(0);
  }
}

template <class R> __device__ inline R dot(const R *x, const R *y, int dim) {
  R sum = 0;
  for (int d = 0; d < dim; d++) {
    sum += x[d] * y[d];
  }
  return sum;
}
