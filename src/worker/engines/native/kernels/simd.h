// One vector of floats, as the instruction set has it for which a file is compiled: 16 with AVX-512, 8 with AVX2. Both have fused multiply-add, so an
// element's value does not depend on the width: all sums are taken in the same order.
#pragma once
#include <immintrin.h>
#include <cstddef>
#include <cstdint>

#if defined(__AVX512F__)
#define ISA avx512
namespace avx512 {
constexpr int W = 16;
constexpr int maxRows = 14;  // accumulators of the widest kernel: 14 × 2 of 32 registers
using V = __m512;
using Mask = __mmask16;
inline V zero() { return _mm512_setzero_ps(); }
inline V load(const float* p) { return _mm512_loadu_ps(p); }
inline void store(float* p, V v) { _mm512_storeu_ps(p, v); }
inline V all(float x) { return _mm512_set1_ps(x); }
inline V fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
inline V mul(V a, V b) { return _mm512_mul_ps(a, b); }
inline Mask first(int n) { return n >= 16 ? 0xffff : (Mask)((1u << n) - 1); }
inline V load(const float* p, Mask m) { return _mm512_maskz_loadu_ps(m, p); }
inline void store(float* p, V v, Mask m) { _mm512_mask_storeu_ps(p, m, v); }
}  // namespace avx512
#else
#define ISA avx2
namespace avx2 {
constexpr int W = 8;
constexpr int maxRows = 6;
using V = __m256;
using Mask = __m256i;
inline V zero() { return _mm256_setzero_ps(); }
inline V load(const float* p) { return _mm256_loadu_ps(p); }
inline void store(float* p, V v) { _mm256_storeu_ps(p, v); }
inline V all(float x) { return _mm256_set1_ps(x); }
inline V fma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
inline V mul(V a, V b) { return _mm256_mul_ps(a, b); }
inline Mask first(int n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
inline V load(const float* p, Mask m) { return _mm256_maskload_ps(p, m); }
inline void store(float* p, V v, Mask m) { _mm256_maskstore_ps(p, m, v); }
}  // namespace avx2
#endif
