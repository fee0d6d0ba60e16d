// x·Φ(x) and its derivative Φ(x) + x·Φ′(x), for both forms of Φ.
#pragma once

enum GeluForm { GELU_EXACT = 0, GELU_TANH = 1 };

template <class R> struct Gelu {
  R phi;      // Φ(x)
  R density;  // Φ′(x)
};

// Neither form subtracts numbers that are nearly equal. The exact one has erfc, which keeps its digits for very
// negative x. The other is a logistic function, ½·(1 + tanh u) = σ(2u), whose two tails p·q are made from e^(−2|u|).
template <class R> __device__ inline Gelu<R> gelu_at(int64 form, R x) {
  constexpr R DENSITY = R(0.39894228040143268);  // 1/√(2π)
  if (form == GELU_EXACT) {
    return {erfc(x * R(-0.70710678118654752)) / R(2), exp(-x * x / R(2)) * DENSITY};
  }
  R u = R(2) * DENSITY * (x + R(0.044715) * x * x * x);  // √(2/π)·(x + 0.044715·x³)
  R e = exp(R(-2) * fabs(u));
  R p = R(1) / (R(1) + e);
  R q = e * p;
  return {u >= R(0) ? p : q, p * q * R(4) * DENSITY * (R(1) + R(3 * 0.044715) * x * x)};
}

template <class R> __device__ inline R gelu_value(int64 form, R x) {
  return x * gelu_at(form, x).phi;
}

template <class R> __device__ inline R gelu_slope(int64 form, R x) {
  Gelu<R> at = gelu_at(form, x);
  return at.phi + x * at.density;
}
