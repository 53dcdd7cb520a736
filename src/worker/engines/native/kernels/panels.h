// Matrix products in panels: some rows of A against a few vectors of columns of B, both packed.
#pragma once
#include <utility>
#include "pack.h"

namespace ISA {

constexpr int depth = 384;  // of a panel; part of a result's bits: sums are taken panel by panel

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

}  // namespace ISA
