// Matrix products. Two ways: in panels that are packed so that the inner loop reads them in order, or, where both operands lie along k, as inner products.
#pragma once
#include <algorithm>
#include "program.h"
#include "simd.h"

namespace ISA {

constexpr int depth = 384;  // of a panel; part of a result's bits: sums are taken panel by panel
constexpr int NR = 2 * W;

// 8×8 floats turned: dst[x * pitch + y] = src_y[x].
inline void turn8(const float* const* src, float* dst, int pitch) {
  __m256 r[8], t[8];
  for (int i = 0; i < 8; i++) r[i] = _mm256_loadu_ps(src[i]);
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    r[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
    r[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
    r[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
    r[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
  }
  for (int i = 0; i < 4; i++) {
    _mm256_storeu_ps(dst + i * pitch, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
    _mm256_storeu_ps(dst + (i + 4) * pitch, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
  }
}

// n floats, n ≤ 2·W.
inline void copyFew(float* dst, const float* src, int n) {
  if (n > W) {
    store(dst, load(src));
    store(dst + W, load(src + W, first(n - W)), first(n - W));
  } else {
    store(dst, load(src, first(n)), first(n));
  }
}

// Positions of one run of `along` for 8 neighbours across: turned, eight by eight.
inline void packTurned(float* dst, int pitch, const float* src, const Axis& across, int x0, int width, int count) {
  int x = 0;
  for (; x + 8 <= width; x += 8) {
    const float* rows[8];
    for (int i = 0; i < 8; i++) rows[i] = src + across.at(x0 + x + i);
    int k = 0;
    for (; k + 8 <= count; k += 8) {
      turn8(rows, dst + k * pitch + x, pitch);
      for (const float*& row : rows) row += 8;
    }
    for (; k < count; k++)
      for (int i = 0; i < 8; i++) dst[k * pitch + x + i] = *rows[i]++;
  }
  for (; x < width; x++) {
    const float* row = src + across.at(x0 + x);
    for (int k = 0; k < count; k++) dst[k * pitch + x] = row[k];
  }
}

// How many indices lie side by side in each part of an axis of n.
inline int runOf(const Axis& axis, int n) { return axis.unit() ? n : axis.straight() ? 1 : axis.run; }

// A panel: dst[k * pitch + x] for `width` positions of axis `across` from x0 and `count` of axis `along` from k0; zeros up to the pitch.
inline void pack(float* dst, int pitch, const float* src, const Axis& across, int x0, int width,
                 const Axis& along, int k0, int count) {
  if (width < pitch)
    for (int k = 0; k < count; k++)
      for (int x = width; x < pitch; x++) dst[k * pitch + x] = 0;
  if (across.unit()) {
    src += x0;
    for (int k = 0; k < count; k++) copyFew(dst + k * pitch, src + along.at(k0 + k), width);
    return;
  }
  const int run = runOf(along, k0 + count);
  if (run >= 8 && runOf(across, x0 + width) < 8) {
    for (int k = k0; k < k0 + count;) {
      const int part = std::min(run - k % run, k0 + count - k);
      packTurned(dst + (k - k0) * pitch, pitch, src + along.at(k), across, x0, width, part);
      k += part;
    }
    return;
  }
  int from[NR], length[NR], offset[NR], runs = 0;  // runs of neighbours across
  for (int x = 0; x < width; x++) {
    const int at = across.at(x0 + x);
    if (runs > 0 && at == offset[runs - 1] + length[runs - 1]) {
      length[runs - 1]++;
    } else {
      from[runs] = x;
      length[runs] = 1;
      offset[runs++] = at;
    }
  }
  if (runs * 2 > width) {
    for (int k = 0; k < count; k++) {
      const float* row = src + along.at(k0 + k);
      for (int r = 0; r < runs; r++)
        for (int i = 0; i < length[r]; i++) dst[k * pitch + from[r] + i] = row[offset[r] + i];
    }
    return;
  }
  for (int k = 0; k < count; k++) {
    const float* row = src + along.at(k0 + k);
    for (int r = 0; r < runs; r++) copyFew(dst + k * pitch + from[r], row + offset[r], length[r]);
  }
}

// What becomes of an accumulated block: alpha·acc + addend, or + what is there already.
struct Target {
  float alpha;
  const float* addend;  // of the block's first element; null: nothing is added
  int addendRow, addendColumn;
  float* out;
  int outRow, outColumn;
};

// The addend of one vector; its columns lie side by side, or are one number.
inline V addendAt(const Target& t, int i, int j, Mask mask) {
  const float* p = t.addend + (ptrdiff_t)i * t.addendRow + (ptrdiff_t)j * t.addendColumn;
  return t.addendColumn == 1 ? load(p, mask) : all(*p);
}

// MR rows of A against NV vectors of B.
template <int MR, int NV>
void block(int k, const float* a, const float* b, int pitch, const Target& t, int columns) {
  V acc[MR][NV];
#pragma GCC unroll 16
  for (int i = 0; i < MR; i++)
#pragma GCC unroll 2
    for (int v = 0; v < NV; v++) acc[i][v] = zero();
  for (int p = 0; p < k; p++) {
    V right[NV];
#pragma GCC unroll 2
    for (int v = 0; v < NV; v++) {
      right[v] = load(b + v * W);
      _mm_prefetch(b + v * W + 24 * (ptrdiff_t)pitch, _MM_HINT_T0);
    }
#pragma GCC unroll 16
    for (int i = 0; i < MR; i++) {
      const V left = all(a[i]);
#pragma GCC unroll 2
      for (int v = 0; v < NV; v++) acc[i][v] = fma(left, right[v], acc[i][v]);
    }
    a += MR;
    b += pitch;
  }
  if (t.outColumn != 1 || (t.addend && t.addendColumn > 1)) {
    alignas(64) float rows[MR][NV * W];
#pragma GCC unroll 16
    for (int i = 0; i < MR; i++)
#pragma GCC unroll 2
      for (int v = 0; v < NV; v++) store(&rows[i][v * W], acc[i][v]);
    for (int j = 0; j < columns; j++)
      for (int i = 0; i < MR; i++) {
        float& out = t.out[(ptrdiff_t)i * t.outRow + (ptrdiff_t)j * t.outColumn];
        out = t.addend ? __builtin_fmaf(t.alpha, rows[i][j],
                                        t.addend[(ptrdiff_t)i * t.addendRow + (ptrdiff_t)j * t.addendColumn])
                       : t.alpha * rows[i][j];
      }
    return;
  }
  const V alpha = all(t.alpha);
#pragma GCC unroll 16
  for (int i = 0; i < MR; i++)
#pragma GCC unroll 2
    for (int v = 0; v < NV; v++) {
      const Mask mask = first(columns - v * W);
      const V r = t.addend ? fma(alpha, acc[i][v], addendAt(t, i, v * W, mask)) : mul(alpha, acc[i][v]);
      store(t.out + (ptrdiff_t)i * t.outRow + v * W, r, mask);
    }
}

using Block = void (*)(int, const float*, const float*, int, const Target&, int);
template <int... R>
constexpr Block blockOf(int rows, bool wide, std::integer_sequence<int, R...>) {
  constexpr Block one[] = {block<R + 1, 1>...}, two[] = {block<R + 1, 2>...};
  return wide ? two[rows - 1] : one[rows - 1];
}
inline Block blockOf(int rows, bool wide) {
  return blockOf(rows, wide, std::make_integer_sequence<int, maxRows>());
}

// `around` computes what goes before (false) and after (true) some columns of the result.
template <class Around>
void panels(const Product& p, const float* a, const float* b, const float* addend, float* out, float* scratch,
            Around around) {
  const int strips = (p.m + maxRows - 1) / maxRows;
  const int MR = (p.m + strips - 1) / strips;
  float* const packB = scratch;
  float* const packA = scratch + packedB;
  const bool byColumns = p.n >= p.m || p.before || p.after;
  const bool direct = p.b.columns.unit() && p.b.rows.straight() && strips <= 2;
  for (int k0 = 0; k0 < p.k; k0 += depth) {
    const int count = std::min(depth, p.k - k0);
    const auto packRows = [&](int i0, float* to) {
      const int rows = std::min(MR, p.m - i0);
      pack(to, rows, a, p.a.rows, i0, rows, p.a.columns, k0, count);
    };
    const auto packColumns = [&](int j0, int columns, float* to) {
      pack(to, NR, b, p.b.columns, j0, columns, p.b.rows, k0, count);
    };
    const auto multiply = [&](int i0, int j0, int outJ0, const float* left, const float* right, int pitch) {
      const int columns = std::min(NR, p.n - j0);
      float* const to = out + (ptrdiff_t)i0 * p.outRow + (ptrdiff_t)outJ0 * p.outColumn;
      Target t{p.alpha, nullptr, 0, 0, to, p.outRow, p.outColumn};
      if (k0 > 0) {
        t.addend = to;
        t.addendRow = p.outRow;
        t.addendColumn = p.outColumn;
      } else if (addend) {
        t.addend = addend + (ptrdiff_t)i0 * p.addendRow + (ptrdiff_t)j0 * p.addendColumn;
        t.addendRow = p.addendRow;
        t.addendColumn = p.addendColumn;
      }
      blockOf(std::min(MR, p.m - i0), columns > W)(count, left, right, pitch, t, columns);
    };
    if (byColumns && (ptrdiff_t)p.m * count <= packedA) {
      // All rows stay packed; a panel of columns is used up while it is in the first cache.
      for (int i0 = 0; i0 < p.m; i0 += MR) packRows(i0, packA + (ptrdiff_t)i0 * count);
      for (int g0 = 0; g0 < p.n; g0 += p.group) {
        const int end = std::min(p.n, g0 + p.group);
        around(g0, end, false);
        for (int j0 = g0; j0 < end; j0 += NR) {
          const int columns = std::min(NR, p.n - j0), from = p.localB ? j0 - g0 : j0;
          const bool inPlace = direct && (columns == NR || columns == W);
          if (!inPlace) packColumns(from, columns, packB);
          const float* const right = inPlace ? b + (ptrdiff_t)k0 * p.b.rows.stride + from : packB;
          for (int i0 = 0; i0 < p.m; i0 += MR)
            multiply(i0, j0, p.localOut ? j0 - g0 : j0, packA + (ptrdiff_t)i0 * count, right,
                     inPlace ? p.b.rows.stride : NR);
        }
        around(g0, end, true);
      }
      continue;
    }
    // Many rows: as many columns as the second cache takes stay packed, rows pass by.
    const int width = std::max(1, packedB / count / NR) * NR;
    for (int n0 = 0; n0 < p.n; n0 += width) {
      const int end = std::min(p.n, n0 + width);
      for (int j0 = n0; j0 < end; j0 += NR)
        packColumns(j0, std::min(NR, p.n - j0), packB + (ptrdiff_t)(j0 - n0) * count);
      for (int i0 = 0; i0 < p.m; i0 += MR) {
        packRows(i0, packA);
        for (int j0 = n0; j0 < end; j0 += NR)
          multiply(i0, j0, j0, packA, packB + (ptrdiff_t)(j0 - n0) * count, NR);
      }
    }
  }
}

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
constexpr int tileRows = 4, tileColumns = 6;
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
constexpr int tileRows = 2, tileColumns = 2;
#endif
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
  const Tile of[] = {tileOf<R + 1>(columns, std::make_integer_sequence<int, tileColumns>())...};
  return of[rows - 1];
}
inline Tile tileOf(int rows, int columns) {
  return tileOf(rows, columns, std::make_integer_sequence<int, tileRows>());
}

// Cuts `n` into parts of nearly equal size, of at most `limit`: how many.
inline int partsOf(int n, int limit) { return (n + limit - 1) / limit; }
inline int partBegin(int n, int parts, int part) { return (int)((int64_t)n * part / parts); }

// `run`: so many indices of k lie side by side in both operands.
inline void innerProducts(const Product& p, int run, const float* a, const float* b, const float* addend, float* out,
                   float* scratch) {
  constexpr int perTile = tileRows * tileColumns;
  const int down = partsOf(p.m, tileRows), across = partsOf(p.n, tileColumns);
  const int all = down * across * perTile * 16;
  const bool kept = all <= packedA + packedB;  // accumulators of all tiles
  // Where all sums can be kept, operands are read once, part by part of k, while a part is in the second cache.
  const int step = all <= packedA ? 256 : 1024;
  Lanes* const sums = reinterpret_cast<Lanes*>(scratch);
  const auto whole = [&](int i, int j, auto body) {
    const int i0 = partBegin(p.m, down, i), i1 = partBegin(p.m, down, i + 1);
    const int j0 = partBegin(p.n, across, j), j1 = partBegin(p.n, across, j + 1);
    body(i0, i1 - i0, j0, j1 - j0, kept ? sums + (ptrdiff_t)(i * across + j) * perTile : sums);
  };
  constexpr int most = 64;
  Segment segments[most];
  // The segments from k0 on that make one part: returns where it ends.
  const auto cut = [&](int k0, int& n) {
    int k = k0;
    for (n = 0; k < p.k && n < most && (!kept || k - k0 < step); n++) {
      const int count = std::min(run - k % run, kept ? step - (k - k0) : p.k);
      segments[n] = {p.a.columns.at(k), p.b.rows.at(k), count};
      k += count;
    }
    return k;
  };
  const auto add = [&](int i, int j, int n, bool begin) {
    whole(i, j, [&](int i0, int rows, int j0, int columns, Lanes* own) {
      const float *left[tileRows], *right[tileColumns];
      for (int r = 0; r < rows; r++) left[r] = a + p.a.rows.at(i0 + r);
      for (int c = 0; c < columns; c++) right[c] = b + p.b.columns.at(j0 + c);
      tileOf(rows, columns)(left, right, segments, n, own, begin);
    });
  };
  const auto finish = [&](int i, int j) {
    whole(i, j, [&](int i0, int rows, int j0, int columns, Lanes* own) {
      alignas(16) float four[perTile + 4];
      const int n = rows * columns;
      for (int e = 0; e < n; e += 4)
        _mm_store_ps(four + e, totals(own[e], own[std::min(e + 1, n - 1)], own[std::min(e + 2, n - 1)],
                                      own[std::min(e + 3, n - 1)]));
      for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) {
          const ptrdiff_t row = i0 + r, column = j0 + c;
          const float sum = four[r * columns + c];
          out[row * p.outRow + column * p.outColumn] =
              addend ? __builtin_fmaf(p.alpha, sum, addend[row * p.addendRow + column * p.addendColumn])
                     : p.alpha * sum;
        }
    });
  };
  // All tiles; along the shorter side first, so that what the longer side reads is used up while it is in the first cache.
  const auto everyTile = [&](auto body) {
    const bool wide = across > down;
    for (int o = 0; o < (wide ? across : down); o++)
      for (int i = 0; i < (wide ? down : across); i++) wide ? body(i, o) : body(o, i);
  };
  int n = 0;
  if (kept) {
    for (int k0 = 0; k0 < p.k;) {
      const int end = cut(k0, n);
      everyTile([&](int i, int j) { add(i, j, n, k0 == 0); });
      k0 = end;
    }
    everyTile(finish);
    return;
  }
  everyTile([&](int i, int j) {
    for (int k0 = 0; k0 < p.k;) {
      const int end = cut(k0, n);
      add(i, j, n, k0 == 0);
      k0 = end;
    }
    finish(i, j);
  });
}

}  // namespace ISA
