// SquaredNorm, first stage; the second is `fold_columns` of sum.cu with X=double, one column. Type: X.
//
// A launch takes up to MOST_INPUTS tensors. Block b takes one run of RUN elements of the tensor that it belongs to, and
// writes its sum of squares, in double, to partials[b].
#include "numbers.cuh"
#include "reduce.cuh"

constexpr int MOST_INPUTS = 128;
constexpr int64 RUN = 1 << 15;

struct Inputs {
  int64 count;
  struct {
    const X *x;
    int64 elements;
    int64 first_block;
  } input[MOST_INPUTS];
};

// Block 256; grid: the runs of all inputs.
extern "C" __global__ void squared_norm(double *partials, const __grid_constant__ Inputs inputs) {
  int which = 0;
  while (which + 1 < inputs.count && inputs.input[which + 1].first_block <= blockIdx.x) {
    which++;
  }
  const X *x = inputs.input[which].x;
  int64 elements = inputs.input[which].elements;
  int64 first = (blockIdx.x - inputs.input[which].first_block) * RUN;
  int64 end = first + RUN < elements ? first + RUN : elements;
  double sum = 0;
  for (int64 i = first + threadIdx.x * WIDTH; i < end; i += blockDim.x * WIDTH) {
    double v[WIDTH];
    load(x, i, end, v);
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      sum += v[j] * v[j];
    }
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) {
    partials[blockIdx.x] = sum;
  }
}
