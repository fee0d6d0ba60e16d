// Gelu, GeluGradient. Types: OUT and X; DX, D_OUT and X.
//
// One pass over memory, a pack of elements a thread at a time. Any grid serves; see README.md.
#include "numbers.cuh"
#include "gelu.cuh"

typedef ComputedIn<X>::type real;

#ifdef OUT
extern "C" __global__ void gelu(OUT *out, const X *x, int64 form, int64 n) {
  for (int64 i = first_pack(); i < n; i += pack_step()) {
    real v[WIDTH];
    load(x, i, n, v);
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      v[j] = gelu_value(form, v[j]);
    }
    store(out, i, n, v);
  }
}
#endif

#ifdef DX
// dx may be d_out: a thread has read its elements before it writes them.
extern "C" __global__ void gelu_gradient(
    DX *dx, const D_OUT *d_out, const X *x, int64 form, int64 accumulate, int64 n) {
  for (int64 i = first_pack(); i < n; i += pack_step()) {
    real v[WIDTH], d[WIDTH], old[WIDTH] = {};
    load(x, i, n, v);
    load(d_out, i, n, d);
    if (accumulate) {
      load(dx, i, n, old);
    }
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      v[j] = old[j] + d[j] * gelu_slope(form, v[j]);
    }
    store(dx, i, n, v);
  }
}
#endif
