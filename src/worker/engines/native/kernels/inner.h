// Matrix products as inner products: where both operands lie along a long k, which then need not be packed.
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

// Adds the inner products of R rows and C columns over some segments to `sums`, or begins them.
template <int R, int C>
void tile(const float* const* rows, const float* const* columns, const Segment* segment, int segments, Lanes* sums,
          bool begin) {
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
#pragma GCC unroll 8
  for (int i = 0; i < R; i++)
#pragma GCC unroll 8
    for (int j = 0; j < C; j++) sums[i * C + j] = acc[i][j];
}

using Tile = void (*)(const float* const*, const float* const*, const Segment*, int, Lanes*, bool);
template <int R, int... C>
constexpr Tile tileOf(int columns, std::integer_sequence<int, C...>) {
  constexpr Tile of[] = {tile<R, C + 1>...};
  return of[columns - 1];
}
template <int... R>
Tile tileOf(int rows, int columns, std::integer_sequence<int, R...>) {
  const Tile of[] = {tileOf<R + 1>(columns, std::make_integer_sequence<int, maxTileColumns>())...};
  return of[rows - 1];
}
inline Tile tileOf(int rows, int columns) {
  return tileOf(rows, columns, std::make_integer_sequence<int, maxTileRows>());
}

// Where a piece begins, of as many.
inline int cutBegin(int n, int cuts, int cut) { return (int)((int64_t)n * cut / cuts); }

// The shape with which m rows and n columns take the fewest tiles.
inline Shape shapeFor(int m, int n) {
  const auto tiles = [&](Shape s) { return cuts(m, s.rows) * cuts(n, s.columns); };
  return *std::min_element(std::begin(shapes), std::end(shapes),
                           [&](Shape a, Shape b) { return tiles(a) < tiles(b); });
}

// What one tile computes of a part.
struct Piece {
  const Part& part;
  int row, rows, column, columns;
};

// `run`: so many indices of k lie side by side in both operands. Parts sum over all of k.
inline void innerProducts(const Product& p, int run, const float* a, const float* b, const float* addend, float* out,
                   float* scratch) {
  constexpr int perTile = maxTileRows * maxTileColumns;
  int tiles = 0;
  for (const Part& part : p.parts) {
    const Shape shape = shapeFor(part.m(), part.n());
    tiles += cuts(part.m(), shape.rows) * cuts(part.n(), shape.columns);
  }
  const int all = tiles * perTile * 16;
  const bool kept = all <= packedA + packedB;  // accumulators of all tiles
  // Where all sums can be kept, operands are read once, some of k after the other, which stays in the second cache meanwhile.
  const int step = all <= packedA ? 256 : 1024;
  Lanes* const sums = reinterpret_cast<Lanes*>(scratch);
  constexpr int atOnce = 64;
  Segment segments[atOnce];
  // The segments from k0 on that are summed at once: returns where they end.
  const auto cut = [&](int k0, int& n) {
    int k = k0;
    for (n = 0; k < p.k && n < atOnce && (!kept || k - k0 < step); n++) {
      const int count = std::min(run - k % run, kept ? step - (k - k0) : p.k);
      segments[n] = {p.a.columns.at(k), p.b.rows.at(k), count};
      k += count;
    }
    return k;
  };
  const auto add = [&](const Piece& c, Lanes* own, int n, bool begin) {
    const float *left[maxTileRows], *right[maxTileColumns];
    for (int i = 0; i < c.rows; i++) left[i] = a + c.part.aRows.at(c.row + i);
    for (int j = 0; j < c.columns; j++) right[j] = b + p.b.columns.at(c.part.columns[c.column + j]);
    tileOf(c.rows, c.columns)(left, right, segments, n, own, begin);
  };
  const auto finish = [&](const Piece& c, Lanes* own) {
    alignas(16) float four[perTile + 4];
    const int n = c.rows * c.columns;
    for (int e = 0; e < n; e += 4)
      _mm_store_ps(four + e, totals(own[e], own[std::min(e + 1, n - 1)], own[std::min(e + 2, n - 1)],
                                    own[std::min(e + 3, n - 1)]));
    for (int i = 0; i < c.rows; i++)
      for (int j = 0; j < c.columns; j++) {
        const ptrdiff_t row = c.part.rows[c.row + i], column = c.part.columns[c.column + j];
        const float sum = four[i * c.columns + j];
        out[row * p.outRow + column * p.outColumn] =
            addend ? __builtin_fmaf(p.alpha, sum, addend[row * p.addendRow + column * p.addendColumn])
                   : p.alpha * sum;
      }
  };
  // All tiles; along the shorter side first, so that what the longer side reads is used up while it is in the first cache.
  const auto everyTile = [&](auto body) {
    Lanes* own = sums;
    for (const Part& part : p.parts) {
      const Shape shape = shapeFor(part.m(), part.n());
      const int down = cuts(part.m(), shape.rows), across = cuts(part.n(), shape.columns);
      const bool wide = across > down;
      for (int o = 0; o < (wide ? across : down); o++)
        for (int s = 0; s < (wide ? down : across); s++) {
          const int i = wide ? s : o, j = wide ? o : s;
          const int row = cutBegin(part.m(), down, i), column = cutBegin(part.n(), across, j);
          body(Piece{part, row, cutBegin(part.m(), down, i + 1) - row, column, cutBegin(part.n(), across, j + 1) - column},
               own);
          if (kept) own += perTile;
        }
    }
  };
  int n = 0;
  if (kept) {
    for (int k0 = 0; k0 < p.k;) {
      const int end = cut(k0, n);
      everyTile([&](const Piece& c, Lanes* own) { add(c, own, n, k0 == 0); });
      k0 = end;
    }
    everyTile(finish);
    return;
  }
  everyTile([&](const Piece& c, Lanes* own) {
    for (int k0 = 0; k0 < p.k;) {
      const int end = cut(k0, n);
      add(c, own, n, k0 == 0);
      k0 = end;
    }
    finish(c, own);
  });
}

}  // namespace ISA
