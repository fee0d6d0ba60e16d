// Copy. Types: OUT and X, of which both or none are int.
#include "numbers.cuh"

template <class T, class S> struct Longer { typedef float type; };
template <class S> struct Longer<double, S> { typedef double type; };
template <class T> struct Longer<T, double> { typedef double type; };
template <> struct Longer<double, double> { typedef double type; };
template <> struct Longer<int, int> { typedef int type; };

typedef Longer<OUT, X>::type between;

extern "C" __global__ void copy(OUT *out, const X *x, int64 n) {
  for (int64 i = first_pack(); i < n; i += pack_step()) {
    between v[WIDTH];
    load(x, i, n, v);
    store(out, i, n, v);
  }
}

constexpr int MOST_DIMENSIONS = 8;

// Dimensions in the order in which elements are visited, the innermost last. The host has joined those that lie
// without gaps in both operands, and puts innermost the one in which `out` has stride 1: writes cost more than reads.
struct Walk {
  int64 dimensions;
  int64 size[MOST_DIMENSIONS];
  int64 out_stride[MOST_DIMENSIONS];
  int64 x_stride[MOST_DIMENSIONS];
};

extern "C" __global__ void copy_strided(OUT *out, const X *x, Walk walk, int64 n) {
  int64 step = (int64) gridDim.x * blockDim.x;
  for (int64 i = (int64) blockIdx.x * blockDim.x + threadIdx.x; i < n; i += step) {
    int64 rest = i, to = 0, from = 0;
#pragma unroll
    for (int d = MOST_DIMENSIONS - 1; d >= 0; d--) {
      if (d < walk.dimensions) {
        int64 place = rest % walk.size[d];
        rest /= walk.size[d];
        to += place * walk.out_stride[d];
        from += place * walk.x_stride[d];
      }
    }
    assign(out[to], (between) widen(x[from]));
  }
}
