// What a kernel's source sees in place of the CUDA compiler's own declarations, so that g++ compiles it for the CPU.
// Threads of a block are fibers of one CPU thread, and change places where they wait for each other; see threads.cpp.
#pragma once

#include <utility>  // and no more: this is read for every source and every choice of types

#define __global__
#define __device__
#define __constant__ static
// One block runs at a time. Also what `extern __shared__` needs: a declaration that may stand for another definition.
#define __shared__ thread_local
#define __grid_constant__
#define __launch_bounds__(...)

struct alignas(16) uint4 {
  unsigned x, y, z, w;
};

constexpr std::size_t FAKE_DYNAMIC_SHARED_BYTES = 227 * 1024;
thread_local uint4 dynamic_shared[FAKE_DYNAMIC_SHARED_BYTES / sizeof(uint4)];

struct FakeIndex {
  unsigned x, y, z;
};

struct FakeThread {
  FakeIndex thread, block, block_size, grid;
};

// Of the fiber that runs.
extern "C" FakeThread *fake_thread;
extern "C" void fake_wait_for_block();
extern "C" void fake_wait_for_warp();
// Gives 8 bytes to the lanes of the warp and takes those of one of them.
extern "C" void fake_exchange(void *value, int from_lane);
extern "C" int fake_lane();

#define threadIdx (fake_thread->thread)
#define blockIdx (fake_thread->block)
#define blockDim (fake_thread->block_size)
#define gridDim (fake_thread->grid)

inline void __syncthreads() { fake_wait_for_block(); }
inline void __syncwarp() { fake_wait_for_warp(); }

template <class T> T __shfl_xor_sync(unsigned, T value, int distance) {
  static_assert(sizeof(T) <= 8, "a shuffle moves at most 8 bytes");
  char bytes[8] = {};
  __builtin_memcpy(bytes, &value, sizeof value);
  fake_exchange(bytes, fake_lane() ^ distance);
  __builtin_memcpy(&value, bytes, sizeof value);
  return value;
}

template <class T> T atomicAdd(T *to, T value) {
  T old = *to;
  *to += value;
  return old;
}

template <class T> T atomicMin(T *to, T value) {
  T old = *to;
  *to = value < old ? value : old;
  return old;
}

#define FAKE_FUNCTION(name)       \
  extern "C" double name(double); \
  inline float name(float x) { return __builtin_##name##f(x); }
FAKE_FUNCTION(erfc)
FAKE_FUNCTION(exp)
FAKE_FUNCTION(fabs)
FAKE_FUNCTION(log)
FAKE_FUNCTION(sqrt)

inline void __stwb(uint4 *to, uint4 value) { *to = value; }

inline float __uint_as_float(unsigned bits) {
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

inline unsigned __float_as_uint(float value) {
  unsigned bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline long long __double_as_longlong(double value) {
  long long bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline double __longlong_as_double(long long bits) {
  double value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

inline float __double2float_rz(double x) {
  float nearest = (float) x;
  return fabs((double) nearest) > fabs(x) ? __builtin_nextafterf(nearest, 0) : nearest;
}

// How the driver calls a kernel: its arguments lie in memory, one pointer each.
struct FakeKernel {
  void (*run)(void **arguments);
  const std::size_t *sizes;
  std::size_t arguments;
};

template <auto kernel> struct FakeCall;

template <class... Argument, void (*kernel)(Argument...)> struct FakeCall<kernel> {
  static constexpr std::size_t sizes[] = {sizeof(Argument)...};

  template <std::size_t... I> static void unpack(void **arguments, std::index_sequence<I...>) {
    kernel(*(Argument *) arguments[I]...);
  }

  static void run(void **arguments) {
    unpack(arguments, std::index_sequence_for<Argument...>());
  }
};

// The compiler's stand-in appends one for each kernel of a source.
#define FAKE_KERNEL(name)                     \
  extern "C" const FakeKernel fake_kernel_##name; \
  const FakeKernel fake_kernel_##name = {FakeCall<name>::run, FakeCall<name>::sizes, sizeof FakeCall<name>::sizes / sizeof(std::size_t)};
