// Sums and maxima over the threads of a warp or a block, always combined in the same order.
#pragma once

constexpr int WARP = 32;
constexpr uint32 ALL_LANES = 0xffffffff;

struct Add {
  template <class R> __device__ static R combine(R x, R y) { return x + y; }
};

// A NaN does not count: it shows in the sum that follows every maximum here.
struct Max {
  template <class R> __device__ static R combine(R x, R y) { return x > y || y != y ? x : y; }
};

// Every lane gets the same bits: both partners of an exchange compute the same, since both operations commute.
template <class Operation, class R> __device__ inline R warp_reduce(R x) {
#pragma unroll
  for (int distance = WARP / 2; distance > 0; distance /= 2) {
    x = Operation::combine(x, __shfl_xor_sync(ALL_LANES, x, distance));
  }
  return x;
}

// Reduces N values at once over a one-dimensional block of whole warps; `neutral` is what missing warps contribute.
template <class Operation, class R, int N> __device__ inline void block_reduce(R (&x)[N], R neutral) {
  __shared__ R of_warps[N][WARP];
  int lane = threadIdx.x % WARP;
  int warp = threadIdx.x / WARP;
#pragma unroll
  for (int i = 0; i < N; i++) {
    x[i] = warp_reduce<Operation>(x[i]);
  }
  if (blockDim.x == WARP) {
    return;
  }
  __syncthreads();  // an earlier call's results have been read
#pragma unroll
  for (int i = 0; i < N; i++) {
    if (lane == 0) {
      of_warps[i][warp] = x[i];
    }
  }
  __syncthreads();
#pragma unroll
  for (int i = 0; i < N; i++) {
    x[i] = warp_reduce<Operation>(lane < blockDim.x / WARP ? of_warps[i][lane] : neutral);
  }
}

template <class R> __device__ inline R block_sum(R x) {
  R sums[1] = {x};
  block_reduce<Add>(sums, R(0));
  return sums[0];
}

template <class R> __device__ inline R block_max(R x, R least) {
  R maxima[1] = {x};
  block_reduce<Max>(maxima, least);
  return maxima[0];
}
