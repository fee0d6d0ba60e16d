// AdamW. Type: V, of the parameters and all their state.
//
// A launch takes up to MOST_SLOTS parameters, whose description travels with its arguments: a recorded launch needs
// no table in device memory. What changes from step to step is read from `control` and `squared_norm`; where that norm
// is not finite, nothing is updated.
#include "numbers.cuh"

constexpr int MOST_SLOTS = 40;
constexpr int64 RUN = 1 << 13;

struct Slot {
  V *value;
  const V *gradient;
  V *first_moment;
  V *second_moment;
  bf16 *rounded;  // a copy of the value for products in bf16; or null
  int64 elements;
  int64 first_block;
  double learning_rate_scale;
  double weight_decay;
  double epsilon;
  int64 independent_decay;
};

struct Slots {
  int64 count;
  Slot slot[MOST_SLOTS];
};

enum Control { LEARNING_RATE, SCHEDULE, BIAS_CORRECTION_1, BIAS_CORRECTION_2 };

// Block 256, which takes a run of RUN elements of one slot; grid: the runs of all slots. `squared_norm` null: no
// clipping, and always an update.
extern "C" __global__ void adamw(
    const __grid_constant__ Slots slots, const V *control, const double *squared_norm, double max_norm, double beta1,
    double beta2) {
  if (squared_norm && *squared_norm - *squared_norm != 0) {
    return;  // an infinity less itself is no number, and neither is what was none
  }
  int which = 0;
  while (which + 1 < slots.count && slots.slot[which + 1].first_block <= blockIdx.x) {
    which++;
  }
  const Slot &slot = slots.slot[which];
  double eta = control[LEARNING_RATE] * slot.learning_rate_scale;
  V decay = V(slot.weight_decay * (slot.independent_decay ? (double) control[SCHEDULE] : eta));
  double clip = squared_norm ? max_norm / (sqrt(*squared_norm) + 1e-6) : 1;
  clip = clip > 1 ? 1 : clip;
  V c1 = control[BIAS_CORRECTION_1];
  V c2 = control[BIAS_CORRECTION_2];
  int64 first = (blockIdx.x - slot.first_block) * RUN;
  int64 end = first + RUN < slot.elements ? first + RUN : slot.elements;
  for (int64 i = first + threadIdx.x * WIDTH; i < end; i += blockDim.x * WIDTH) {
    V w[WIDTH], g[WIDTH], m[WIDTH], v[WIDTH];
    load(slot.value, i, end, w);
    load(slot.gradient, i, end, g);
    load(slot.first_moment, i, end, m);
    load(slot.second_moment, i, end, v);
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      V clipped = V(clip) * g[j];
      m[j] = V(beta1) * m[j] + V(1 - beta1) * clipped;
      v[j] = V(beta2) * v[j] + V(1 - beta2) * clipped * clipped;
      w[j] -= decay * w[j];  // not by a factor 1 - decay, which would round the decay itself
      w[j] -= V(eta) * (m[j] / c1) / (sqrt(v[j] / c2) + V(slot.epsilon));
    }
    store(slot.value, i, end, w);
    store(slot.first_moment, i, end, m);
    store(slot.second_moment, i, end, v);
    if (slot.rounded) {
      store(slot.rounded, i, end, w);
    }
  }
}
