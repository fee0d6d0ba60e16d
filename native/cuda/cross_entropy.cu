// CrossEntropy. Types: LOGITS and D_LOGITS.
//
// One block a row. The first pass over the logits finds their maximum and leaves them in shared memory, as far as
// `kept` elements reach; two more passes, for the sum and for the gradient, read them there. So a row that fits is read
// once and written once, and two blocks on a multiprocessor let one compute while the other waits for memory. A thread
// reads back only what it wrote, which needs no barrier. What does not fit is read again, mostly from the L2 cache.
#include "numbers.cuh"
#include "reduce.cuh"

typedef ComputedIn<LOGITS>::type real;

extern __shared__ uint4 dynamic_shared[];

// Packs of a row lie aligned in memory although V may be odd: the first one may begin before the row does.
struct Row {
  const LOGITS *logits;
  int64 vocabulary;
  int64 first;
  int64 kept;

  __device__ void load_from_memory(int64 i, real (&z)[WIDTH]) const {
    Pack<LOGITS> pack = load_pack(logits, i, vocabulary);
    if (i - first < kept) {
      place(i) = pack;
    }
    widen(pack, z);
  }

  __device__ void load_again(int64 i, real (&z)[WIDTH]) const {
    widen(i - first < kept ? place(i) : load_pack(logits, i, vocabulary), z);
  }

  __device__ bool has(int64 i) const {
    return i >= 0 && i < vocabulary;
  }

  __device__ Pack<LOGITS> &place(int64 i) const {
    return ((Pack<LOGITS> *) dynamic_shared)[(i - first) / WIDTH];
  }
};

// Grid: rows. Block: a multiple of 32, up to 1024 threads. Shared: kept·sizeof(LOGITS) bytes, kept a multiple of 8.
// Without d_logits (null), losses alone. d_logits may be logits. A target outside the vocabulary gives a loss that is
// no number, and no access outside the row.
extern "C" __global__ void __launch_bounds__(1024) cross_entropy(
    real *losses, D_LOGITS *d_logits, const LOGITS *logits, const int *targets, double gradient_scale,
    int64 vocabulary, int64 kept) {
  int64 at = blockIdx.x * vocabulary;
  Row row = {logits + at, vocabulary, first_aligned(logits + at), kept};
  int64 start = row.first + threadIdx.x * WIDTH;
  int64 step = blockDim.x * WIDTH;
  int64 target = targets[blockIdx.x];
  // Read before the first barrier: d_logits may overwrite it.
  real target_logit = row.has(target) ? widen(row.logits[target]) : real(not_a_number());
  real greatest = -infinity();
  for (int64 i = start; i < vocabulary; i += step) {
    real z[WIDTH];
    row.load_from_memory(i, z);
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      greatest = row.has(i + j) ? Max::combine(greatest, z[j]) : greatest;
    }
  }
  greatest = block_max(greatest, real(-infinity()));
  real sum = 0;
  for (int64 i = start; i < vocabulary; i += step) {
    real z[WIDTH];
    row.load_again(i, z);
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      sum += row.has(i + j) ? exp(z[j] - greatest) : real(0);
    }
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) {
    losses[blockIdx.x] = log(sum) + (greatest - target_logit);
  }
  if (!d_logits) {
    return;
  }
  real scale = real(gradient_scale);
  real share = scale / sum;
  for (int64 i = start; i < vocabulary; i += step) {
    real z[WIDTH];
    row.load_again(i, z);
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      z[j] = exp(z[j] - greatest) * share - (i + j == target ? scale : real(0));
    }
    store(d_logits + at, i, vocabulary, z);
  }
}
