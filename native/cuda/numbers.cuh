// Element types, and how eight neighbouring elements move between memory and registers.
#pragma once

typedef long long int64;
typedef unsigned int uint32;
typedef unsigned long long uint64;

// The upper half of a float: a way to store what is computed in float.
struct bf16 {
  unsigned short bits;
};

// The type that elements are computed in.
template <class T> struct ComputedIn { typedef T type; };
template <> struct ComputedIn<bf16> { typedef float type; };

template <class T> __device__ inline T widen(T x) { return x; }
__device__ inline float widen(bf16 x) { return __uint_as_float((uint32) x.bits << 16); }

template <class T, class R> __device__ inline void assign(T &to, R x) { to = (T) x; }

// To nearest, ties to even.
__device__ inline void assign(bf16 &to, float x) {
#ifdef __CUDA_ARCH__
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(to.bits) : "f"(x));
#else
  uint32 bits = __float_as_uint(x);
  bool is_nan = (bits & 0x7fffffff) > 0x7f800000;
  to.bits = (unsigned short) (is_nan ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16);
#endif
}

// Rounded once: what float cuts off stays visible in its last bit, which breaks ties.
__device__ inline void assign(bf16 &to, double x) {
  float shorter = __double2float_rz(x);
  if ((double) shorter != x) {
    shorter = __uint_as_float(__float_as_uint(shorter) | 1);
  }
  assign(to, shorter);
}

__device__ inline float infinity() { return __uint_as_float(0x7f800000); }
__device__ inline float not_a_number() { return __uint_as_float(0x7fffffff); }

// Elements a thread takes at a time: a 128-bit access of bf16, two of float.
constexpr int WIDTH = 8;

// WIDTH elements as memory accesses see them.
template <class T> struct Pack {
  uint4 words[WIDTH * sizeof(T) / sizeof(uint4)];
};

template <class T> __device__ inline bool is_aligned(const T *p) {
  return ((uint64) p & (sizeof(uint4) - 1)) == 0;
}

// Position, in (-WIDTH, 0], from which on whole packs lie aligned in a row that begins anywhere.
template <class T> __device__ inline int64 first_aligned(const T *row) {
  return -(int64) ((uint64) row / sizeof(T) % WIDTH);
}

// p[i, i + WIDTH), zero where that is outside [0, n). Wide accesses wherever they are possible.
template <class T> __device__ inline Pack<T> load_pack(const T *p, int64 i, int64 n) {
  if (i >= 0 && i + WIDTH <= n && is_aligned(p + i)) {
    return *(const Pack<T> *) (p + i);
  }
  Pack<T> pack;
#pragma unroll
  for (int j = 0; j < WIDTH; j++) {
    ((T *) &pack)[j] = i + j >= 0 && i + j < n ? p[i + j] : T{};
  }
  return pack;
}

template <class T, class R> __device__ inline void widen(const Pack<T> &pack, R (&x)[WIDTH]) {
#pragma unroll
  for (int j = 0; j < WIDTH; j++) {
    x[j] = (R) widen(((const T *) &pack)[j]);
  }
}

// x = p[i, i + WIDTH), likewise.
template <class T, class R> __device__ inline void load(const T *p, int64 i, int64 n, R (&x)[WIDTH]) {
  widen(load_pack(p, i, n), x);
}

// p[i, i + WIDTH) = x, as far as that is inside [0, n).
template <class T, class R> __device__ inline void store(T *p, int64 i, int64 n, const R (&x)[WIDTH]) {
  if (i >= 0 && i + WIDTH <= n && is_aligned(p + i)) {
    Pack<T> pack;
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      assign(((T *) &pack)[j], x[j]);
    }
#pragma unroll
    for (int word = 0; word < sizeof pack / sizeof(uint4); word++) {
      // Said explicitly: plain assignments of a pack are sometimes taken apart.
      __stwb((uint4 *) (p + i) + word, pack.words[word]);
    }
  } else {
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      if (i + j >= 0 && i + j < n) {
        assign(p[i + j], x[j]);
      }
    }
  }
}

// A loop in which thread i of the grid takes pack i, i + all threads, …: neighbours read neighbours.
__device__ inline int64 first_pack() {
  return ((int64) blockIdx.x * blockDim.x + threadIdx.x) * WIDTH;
}

__device__ inline int64 pack_step() {
  return (int64) gridDim.x * blockDim.x * WIDTH;
}
