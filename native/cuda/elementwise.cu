// Fill, LinearCombination, Product: one operation on each element. Types: OUT; and X; and Y.
#include "numbers.cuh"

extern "C" __global__ void fill(OUT *out, double value, int64 n) {
  double v[WIDTH];
#pragma unroll
  for (int j = 0; j < WIDTH; j++) {
    v[j] = value;
  }
  for (int64 i = first_pack(); i < n; i += pack_step()) {
    store(out, i, n, v);
  }
}

#ifdef X
typedef ComputedIn<OUT>::type real;

// out = alpha·x + beta·y; without y (null), alpha·x.
extern "C" __global__ void linear_combination(
    OUT *out, double alpha, const X *x, double beta, const Y *y, int64 n) {
  for (int64 i = first_pack(); i < n; i += pack_step()) {
    real v[WIDTH], w[WIDTH];
    load(x, i, n, v);
    if (y) {
      load(y, i, n, w);
    }
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      v[j] = real(alpha) * v[j] + (y ? real(beta) * w[j] : real(0));
    }
    store(out, i, n, v);
  }
}

// out = x·y, added to out if `accumulate`: masked weights and their gradients.
extern "C" __global__ void product(OUT *out, const X *x, const Y *y, int64 accumulate, int64 n) {
  for (int64 i = first_pack(); i < n; i += pack_step()) {
    real v[WIDTH], w[WIDTH], old[WIDTH] = {};
    load(x, i, n, v);
    load(y, i, n, w);
    if (accumulate) {
      load(out, i, n, old);
    }
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      v[j] = old[j] + v[j] * w[j];
    }
    store(out, i, n, v);
  }
}
#endif
