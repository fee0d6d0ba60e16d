// Randomize. Type: OUT, float or double.
//
// Philox4x32-10 (Salmon et al., SC 2011) addressed by (seed, stream, index), the same bits as on the CPU: compiled
// with --fmad=false, so that a multiplication and an addition round twice as they do there. A thread takes one block of
// the generator, four neighbouring elements.
#include "numbers.cuh"

constexpr int BLOCK = 4;

__device__ inline void philox(uint64 seed, uint64 stream, uint64 counter, uint32 (&words)[BLOCK]) {
  uint32 c0 = (uint32) counter, c1 = (uint32) (counter >> 32);
  uint32 c2 = (uint32) stream, c3 = (uint32) (stream >> 32);
  uint32 k0 = (uint32) seed, k1 = (uint32) (seed >> 32);
#pragma unroll
  for (int round = 0; round < 10; round++) {
    uint64 p0 = (uint64) 0xD2511F53 * c0;
    uint64 p1 = (uint64) 0xCD9E8D57 * c2;
    c0 = (uint32) (p1 >> 32) ^ c1 ^ k0;
    c2 = (uint32) (p0 >> 32) ^ c3 ^ k1;
    c1 = (uint32) p1;
    c3 = (uint32) p0;
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

// Quantile of the standard normal distribution (Wichura, Algorithm AS 241, 1988, routine PPND16).
constexpr int TERMS = 8;
__constant__ const double CENTRE_NUMERATOR[TERMS] = {
  3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
  4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3};
__constant__ const double CENTRE_DENOMINATOR[TERMS] = {
  1, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3, 2.1213794301586595867e+4,
  3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3};
__constant__ const double NEAR_NUMERATOR[TERMS] = {
  1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
  1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4};
__constant__ const double NEAR_DENOMINATOR[TERMS] = {
  1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
  1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9};
__constant__ const double FAR_NUMERATOR[TERMS] = {
  6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
  2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7};
__constant__ const double FAR_DENOMINATOR[TERMS] = {
  1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
  1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15};

__device__ inline double polynomial(const double (&coefficients)[TERMS], double x) {
  double value = 0;
#pragma unroll
  for (int i = TERMS - 1; i >= 0; i--) {
    value = value * x + coefficients[i];
  }
  return value;
}

// ln x for 0 < x < 1/2, by the method that Java's StrictMath prescribes (fdlibm): so the bits are those of the CPU. With
// x = 2ᵏ·(1 + f) and s = f / (2 + f), ln(1 + f) = f − s·(f − R) or f − (f²/2 − s·(f²/2 + R)), whichever loses less,
// where R is a polynomial in s².
__device__ inline double logarithm(double x) {
  constexpr double LN2_HIGH = 6.93147180369123816490e-01, LN2_LOW = 1.90821492927058770002e-10;
  int64 bits = __double_as_longlong(x);
  int top = (int) (bits >> 32) & 0xfffff;          // of the fraction
  int carry = (top + 0x95f64) & 0x100000;          // from √2 on, the next power of 2
  double k = (double) ((int) (bits >> 52) - 1023 + (carry >> 20));
  double f = __longlong_as_double((bits & 0xfffffffffffff) | (int64) (carry ^ 0x3ff00000) << 32) - 1;
  if ((0xfffff & (2 + top)) < 3) {                 // |f| < 2⁻²⁰
    double r = f * f * (0.5 - 0.33333333333333333 * f);
    return k * LN2_HIGH - ((r - k * LN2_LOW) - f);
  }
  double s = f / (2 + f);
  double z = s * s;
  double w = z * z;
  double even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  double odd = z * (6.666666666666735130e-01
      + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  double r = odd + even;
  if (((top - 0x6147a) | (0x6b851 - top)) > 0) {
    double half = 0.5 * f * f;
    return k * LN2_HIGH - ((half - (s * (half + r) + k * LN2_LOW)) - f);
  }
  return k * LN2_HIGH - ((s * (f - r) - k * LN2_LOW) - f);
}

__device__ inline double normal_quantile(double p) {
  double q = p - 0.5;
  if (fabs(q) <= 0.425) {
    double r = 0.425 * 0.425 - q * q;
    return q * polynomial(CENTRE_NUMERATOR, r) / polynomial(CENTRE_DENOMINATOR, r);
  }
  double r = sqrt(-logarithm(q < 0 ? p : 1 - p));
  double z = r <= 5
      ? polynomial(NEAR_NUMERATOR, r - 1.6) / polynomial(NEAR_DENOMINATOR, r - 1.6)
      : polynomial(FAR_NUMERATOR, r - 5) / polynomial(FAR_DENOMINATOR, r - 5);
  return q < 0 ? -z : z;
}

enum Distribution { NORMAL = 0, BERNOULLI = 1 };

// Normal: a = mean, b = std. Bernoulli: a = probability.
extern "C" __global__ void randomize(
    OUT *out, int64 distribution, double a, double b, uint64 seed, uint64 stream, int64 n) {
  int64 step = (int64) gridDim.x * blockDim.x * BLOCK;
  for (int64 i = ((int64) blockIdx.x * blockDim.x + threadIdx.x) * BLOCK; i < n; i += step) {
    uint32 words[BLOCK];
    philox(seed, stream, (uint64) i / BLOCK, words);
#pragma unroll
    for (int j = 0; j < BLOCK; j++) {
      if (i + j < n) {
        double uniform = (words[j] + 0.5) * 0x1p-32;
        out[i + j] = (OUT) (distribution == NORMAL ? a + b * normal_quantile(uniform) : uniform < a ? 1.0 : 0.0);
      }
    }
  }
}
