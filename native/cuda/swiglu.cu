// SwiGlu, SwiGluGradient. Types: OUT, GATE and UP; D_GATE, D_UP, D_OUT, GATE and UP.
//
// Operands are rows [rows, columns] any distance apart: the y dimension of the grid strides over rows, the x dimension
// over the packs of a row.
#include "numbers.cuh"

typedef ComputedIn<GATE>::type real;

__device__ inline real logistic(real x) {
  return real(1) / (real(1) + exp(-x));
}

#ifdef OUT
extern "C" __global__ void swiglu(
    OUT *out, int64 out_stride, const GATE *gate, int64 gate_stride, const UP *up, int64 up_stride, int64 rows,
    int64 columns) {
  for (int64 row = blockIdx.y; row < rows; row += gridDim.y) {
    for (int64 c = first_pack(); c < columns; c += pack_step()) {
      real g[WIDTH], u[WIDTH];
      load(gate + row * gate_stride, c, columns, g);
      load(up + row * up_stride, c, columns, u);
#pragma unroll
      for (int j = 0; j < WIDTH; j++) {
        g[j] = g[j] * logistic(g[j]) * u[j];
      }
      store(out + row * out_stride, c, columns, g);
    }
  }
}
#endif

#ifdef D_GATE
extern "C" __global__ void swiglu_gradient(
    D_GATE *d_gate, int64 d_gate_stride, D_UP *d_up, int64 d_up_stride, const D_OUT *d_out, int64 d_out_stride,
    const GATE *gate, int64 gate_stride, const UP *up, int64 up_stride, int64 accumulate, int64 rows, int64 columns) {
  for (int64 row = blockIdx.y; row < rows; row += gridDim.y) {
    for (int64 c = first_pack(); c < columns; c += pack_step()) {
      real d[WIDTH], g[WIDTH], u[WIDTH], old_gate[WIDTH] = {}, old_up[WIDTH] = {};
      load(d_out + row * d_out_stride, c, columns, d);
      load(gate + row * gate_stride, c, columns, g);
      load(up + row * up_stride, c, columns, u);
      if (accumulate) {
        load(d_gate + row * d_gate_stride, c, columns, old_gate);
        load(d_up + row * d_up_stride, c, columns, old_up);
      }
#pragma unroll
      for (int j = 0; j < WIDTH; j++) {
        real s = logistic(g[j]);
        real slope = s * (real(1) + g[j] * (real(1) - s));
        u[j] = old_gate[j] + d[j] * u[j] * slope;
        g[j] = old_up[j] + d[j] * g[j] * s;
      }
      store(d_gate + row * d_gate_stride, c, columns, u);
      store(d_up + row * d_up_stride, c, columns, g);
    }
  }
}
#endif
