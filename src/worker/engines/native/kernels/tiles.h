// Tiles of inner products: the sums of some rows with some columns, sixteen lanes each.
#pragma once
#include <algorithm>
#include <iterator>
#include <utility>
#include "pack.h"

namespace ISA {

// Rows and columns whose sums are taken at once.
struct Shape {
  int rows, columns;
};

// Sixteen lanes that are summed in the end, always in the same order.
#if defined(__AVX512F__)
using Lanes = __m512;
inline Lanes lanesZero() { return _mm512_setzero_ps(); }
inline Lanes lanesLoad(const float* p) { return _mm512_loadu_ps(p); }
inline Lanes lanesLoad(const float* p, int n) { return _mm512_maskz_loadu_ps(first(n), p); }
inline Lanes lanesFma(Lanes a, Lanes b, Lanes c) { return _mm512_fmadd_ps(a, b, c); }
inline Lanes inPairs(Lanes a, Lanes b) { return _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b)); }
inline Lanes inFours(Lanes a, Lanes b) {
  const __m512d p = _mm512_castps_pd(a), q = _mm512_castps_pd(b);
  return _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(p, q)), _mm512_castpd_ps(_mm512_unpackhi_pd(p, q)));
}
inline __m256 halves(Lanes v) {
  return _mm256_add_ps(_mm512_castps512_ps256(v),
                       _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(v), 1)));
}
constexpr Shape shapes[] = {{4, 6}, {5, 5}};
#else
struct Lanes {
  __m256 low, high;
};
inline Lanes lanesZero() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
inline Lanes lanesLoad(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
inline Lanes lanesLoad(const float* p, int n) { return {load(p, first(n)), load(p + 8, first(n - 8))}; }
inline Lanes lanesFma(Lanes a, Lanes b, Lanes c) {
  return {_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
inline __m256 inPairs(__m256 a, __m256 b) { return _mm256_add_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b)); }
inline Lanes inPairs(Lanes a, Lanes b) { return {inPairs(a.low, b.low), inPairs(a.high, b.high)}; }
inline __m256 inFours(__m256 a, __m256 b) {
  const __m256d p = _mm256_castps_pd(a), q = _mm256_castps_pd(b);
  return _mm256_add_ps(_mm256_castpd_ps(_mm256_unpacklo_pd(p, q)), _mm256_castpd_ps(_mm256_unpackhi_pd(p, q)));
}
inline Lanes inFours(Lanes a, Lanes b) { return {inFours(a.low, b.low), inFours(a.high, b.high)}; }
inline __m256 halves(Lanes v) { return _mm256_add_ps(v.low, v.high); }
constexpr Shape shapes[] = {{2, 2}};
#endif
constexpr int maxTileRows = std::max(shapes[0].rows, std::end(shapes)[-1].rows);
constexpr int maxTileColumns = std::max(shapes[0].columns, std::end(shapes)[-1].columns);
// The sums of four.
inline __m128 totals(Lanes a, Lanes b, Lanes c, Lanes d) {
  const __m256 eight = halves(inFours(inPairs(a, b), inPairs(c, d)));
  return _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
}

// Neighbours along k in both operands: where they begin, and how many.
struct Segment {
  ptrdiff_t left, right;
  int count;
};

// Adds the inner products of R rows and C columns over some segments to `sums`, or begins them. With the last ones the sums of their lanes go to `result`, if it is
// given: R·C numbers, and up to three more.
template <int R, int C>
void tile(const float* const* rows, const float* const* columns, const Segment* segment, int segments, Lanes* sums,
          bool begin, float* result) {
  Lanes acc[R][C];
#pragma GCC unroll 8
  for (int i = 0; i < R; i++)
#pragma GCC unroll 8
    for (int j = 0; j < C; j++) acc[i][j] = begin ? lanesZero() : sums[i * C + j];
  for (const Segment* end = segment + segments; segment < end; segment++) {
    ptrdiff_t l = segment->left, r = segment->right;
    int count = segment->count;
    for (; count >= 16; count -= 16, l += 16, r += 16) {
      Lanes left[R];
#pragma GCC unroll 8
      for (int i = 0; i < R; i++) left[i] = lanesLoad(rows[i] + l);
#pragma GCC unroll 8
      for (int j = 0; j < C; j++) {
        const Lanes right = lanesLoad(columns[j] + r);
#pragma GCC unroll 8
        for (int i = 0; i < R; i++) acc[i][j] = lanesFma(left[i], right, acc[i][j]);
      }
    }
    if (count == 0) continue;
#pragma GCC unroll 8
    for (int j = 0; j < C; j++) {
      const Lanes right = lanesLoad(columns[j] + r, count);
#pragma GCC unroll 8
      for (int i = 0; i < R; i++) acc[i][j] = lanesFma(lanesLoad(rows[i] + l, count), right, acc[i][j]);
    }
  }
  constexpr int n = R * C;
  const auto at = [&](int e) -> Lanes& { return acc[std::min(e, n - 1) / C][std::min(e, n - 1) % C]; };
  if (result) {
#pragma GCC unroll 8
    for (int e = 0; e < n; e += 4) _mm_storeu_ps(result + e, totals(at(e), at(e + 1), at(e + 2), at(e + 3)));
    return;
  }
#pragma GCC unroll 32
  for (int e = 0; e < n; e++) sums[e] = at(e);
}

using Tile = void (*)(const float* const*, const float* const*, const Segment*, int, Lanes*, bool, float*);
template <int... E>
inline Tile tileOf(int rows, int columns, std::integer_sequence<int, E...>) {
  static constexpr Tile of[] = {tile<E / maxTileColumns + 1, E % maxTileColumns + 1>...};
  return of[(rows - 1) * maxTileColumns + columns - 1];
}
inline Tile tileOf(int rows, int columns) {
  return tileOf(rows, columns, std::make_integer_sequence<int, maxTileRows * maxTileColumns>());
}

}  // namespace ISA
