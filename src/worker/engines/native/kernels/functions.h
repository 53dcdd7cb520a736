// Elementary functions of floats, written so that the compiler makes vectors of them. Explicit fused multiply-adds, nothing else is contracted: the same bits at
// any vector width. A number that is none stays none.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

inline float fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline float bitsToFloat(int32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}
inline int32_t floatToBits(float x) {
  int32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

// exp x = 2ⁿ·exp r with |r| ≤ ln 2 / 2 (Cody & Waite 1980); the polynomial is that of the Cephes library. Within 2 units in the last place.
inline float expOf(float x) {
  x = x < -104.0f ? -104.0f : x;
  x = x > 89.0f ? 89.0f : x;
  const float shifted = fused(x, 1.44269504088896341f, 12582912.0f);  // 1.5·2²³: rounds to an integer
  const float n = shifted - 12582912.0f;
  float r = fused(n, -0.693359375f, x);
  r = fused(n, 2.12194440e-4f, r);
  float p = 1.9875691500e-4f;
  p = fused(p, r, 1.3981999507e-3f);
  p = fused(p, r, 8.3334519073e-3f);
  p = fused(p, r, 4.1665795894e-2f);
  p = fused(p, r, 1.6666665459e-1f);
  p = fused(p, r, 5.0000001201e-1f);
  p = fused(p, r * r, r) + 1.0f;
  const int32_t whole = floatToBits(shifted) - floatToBits(12582912.0f);
  const int32_t half = whole >> 1;  // 2ⁿ in two steps: the first alone may not overflow where the product does not
  return p * bitsToFloat((half + 127) << 23) * bitsToFloat((whole - half + 127) << 23);
}

// log x for x > 0 (Cephes); −∞ at 0, none below.
inline float logOf(float x) {
  const bool tiny = x < 1.17549435e-38f;
  const float scaled = tiny ? x * 8388608.0f : x;
  const int32_t bits = floatToBits(scaled);
  int32_t exponent = ((bits >> 23) & 0xff) - 126 - (tiny ? 23 : 0);
  float m = bitsToFloat((bits & 0x007fffff) | 0x3f000000);  // 0.5 … 1
  const bool low = m < 0.707106781186547524f;
  exponent -= low ? 1 : 0;
  m = low ? m + m - 1.0f : m - 1.0f;
  const float z = m * m;
  float p = 7.0376836292e-2f;
  p = fused(p, m, -1.1514610310e-1f);
  p = fused(p, m, 1.1676998740e-1f);
  p = fused(p, m, -1.2420140846e-1f);
  p = fused(p, m, 1.4249322787e-1f);
  p = fused(p, m, -1.6668057665e-1f);
  p = fused(p, m, 2.0000714765e-1f);
  p = fused(p, m, -2.4999993993e-1f);
  p = fused(p, m, 3.3333331174e-1f);
  const float e = (float)exponent;
  float y = fused(p, m * z, e * -2.12194440e-4f);
  y = fused(z, -0.5f, y);
  y = fused(e, 0.693359375f, m + y);
  y = x == 0.0f ? -INFINITY : y;
  y = x < 0.0f ? NAN : y;
  return x < INFINITY ? y : x;  // infinite, or none
}

// 1/q for a normal q > 0, within 2.1e-4: a guess from the bits, within 12 %, and two steps of Newton's. A division would take longer than all of tanh beside it.
inline float inverseOf(float q) {
  float r = bitsToFloat(0x7ef311c3 - floatToBits(q));
  r = fused(r, fused(-q, r, 1.0f), r);
  return fused(r, fused(-q, r, 1.0f), r);
}

// tanh x as a quotient of polynomials, that of the Eigen library. Within 4 units in the last place; ±1 where the nearest float is, so that a saturated unit has no
// derivative.
inline float tanhOf(float x) {
  const float limit = 7.90531110763549805f;
  float c = x < -limit ? -limit : x;
  c = c > limit ? limit : c;
  const float s = c * c;
  float p = -2.76076847742355e-16f;
  p = fused(p, s, 2.00018790482477e-13f);
  p = fused(p, s, -8.60467152213735e-11f);
  p = fused(p, s, 5.12229709037114e-08f);
  p = fused(p, s, 1.48572235717979e-05f);
  p = fused(p, s, 6.37261928875436e-04f);
  p = c * fused(p, s, 4.89352455891786e-03f);
  float q = 1.19825839466702e-06f;
  q = fused(q, s, 1.18534705686654e-04f);
  q = fused(q, s, 2.26843463243900e-03f);
  q = fused(q, s, 4.89352518554385e-03f);
  const float r = inverseOf(q), near = p * r;
  float y = fused(fused(-q, near, p), r, near);  // a third step, of the quotient itself: what it lacks is r·(p − q·near)
  y = x > 9.0109f ? 1.0f : y;
  return x < -9.0109f ? -1.0f : y;
}

inline float softplusOf(float x) {
  const float away = x < 0 ? x : -x;
  const float y = expOf(away), u = 1.0f + y;
  return (x < 0 ? 0.0f : x) + (logOf(u) - ((u - 1.0f) - y) / u);  // what 1 + y has lost of y
}
