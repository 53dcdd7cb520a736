// Matrix products in panels: some rows of A against a few vectors of columns of B, both packed.
#pragma once
#include <utility>
#include "pack.h"

namespace ISA {

// What becomes of an accumulated block: alpha·acc + addend, or + what is there already.
struct Target {
  float alpha;
  const float* addend;  // of the first column; null: nothing is added
  int addendRow, addendColumn;
  float* out;
  int outRow, outColumn;
  const int32_t* rows;  // where the block's rows lie among those of the result
  float* outAt(int i) const { return out + (ptrdiff_t)rows[i] * outRow; }
  const float* addendAt(int i) const { return addend + (ptrdiff_t)rows[i] * addendRow; }
};

// The addend of one vector; its columns lie side by side, or are one number.
inline V addendAt(const Target& t, int i, int j, Mask mask) {
  const float* p = t.addendAt(i) + (ptrdiff_t)j * t.addendColumn;
  return t.addendColumn == 1 ? load(p, mask) : all(*p);
}

// MR rows of A against NV vectors of B, over some runs of k: all of them in A, those of a panel in B.
template <int MR, int NV>
void block(const std::vector<Run>& runs, const float* a, const float* panel, int pitch, const Target& t, int columns) {
  V acc[MR][NV];
#pragma GCC unroll 16
  for (int i = 0; i < MR; i++)
#pragma GCC unroll 2
    for (int v = 0; v < NV; v++) acc[i][v] = zero();
  for (const Run& run : runs) {
    const float* b = panel + (ptrdiff_t)run.begin * pitch;
    for (int p = 0; p < run.count; p++) {
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
  }
  if (t.outColumn != 1 || (t.addend && t.addendColumn > 1)) {
    alignas(64) float rows[MR][NV * W];
#pragma GCC unroll 16
    for (int i = 0; i < MR; i++)
#pragma GCC unroll 2
      for (int v = 0; v < NV; v++) store(&rows[i][v * W], acc[i][v]);
    for (int j = 0; j < columns; j++)
      for (int i = 0; i < MR; i++) {
        float& out = t.outAt(i)[(ptrdiff_t)j * t.outColumn];
        out = t.addend ? __builtin_fmaf(t.alpha, rows[i][j], t.addendAt(i)[(ptrdiff_t)j * t.addendColumn])
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
      store(t.outAt(i) + v * W, r, mask);
    }
}

using Block = void (*)(const std::vector<Run>&, const float*, const float*, int, const Target&, int);
template <int... R>
constexpr Block blockOf(int rows, bool wide, std::integer_sequence<int, R...>) {
  constexpr Block one[] = {block<R + 1, 1>...}, two[] = {block<R + 1, 2>...};
  return wide ? two[rows - 1] : one[rows - 1];
}
inline Block blockOf(int rows, bool wide) {
  return blockOf(rows, wide, std::make_integer_sequence<int, maxRows>());
}

// Calls f(first row, rows) for the blocks of a part: it is cut evenly.
template <class F>
inline void everyBlock(const Part& part, F f) {
  const int m = part.m(), MR = cutSize(m, maxRows);
  for (int i0 = 0; i0 < m; i0 += MR) f(i0, std::min(MR, m - i0));
}

// `around` computes what goes before (false) and after (true) some columns of the result.
template <class Around>
void panels(const Product& p, const float* a, const float* b, const float* addend, float* out, float* scratch,
            Around around) {
  int strips = 0;
  for (const Part& part : p.parts) strips += cuts(part.m(), maxRows);
  float* const packB = scratch;
  float* const packA = scratch + packedB;
  const bool byColumns = p.n >= p.m || p.before || p.after;
  const bool direct = p.b.columns.unit() && p.b.rows.straight() && strips <= 2 && p.parts.size() == 1;
  for (int k0 = 0, panel = 0; k0 < p.k; k0 += depth, panel++) {
    const int count = std::min(depth, p.k - k0);
    const auto packRows = [&](const Part& part, int i0, int rows, float* to) {
      const Part::Panel& own = part.panels[panel];
      pack(to, rows, a, part.aRows, i0, rows, part.aColumns, own.first, own.count);
    };
    const auto packColumns = [&](int j0, int columns, float* to) {
      pack(to, NR, b, p.b.columns, j0, columns, p.b.rows, k0, count);
    };
    // Some rows of a part against those of its columns that lie in the panel from j0 on; the result has them `shift` columns further left.
    const auto multiply = [&](const Part& part, int i0, int rows, int j0, int shift, const float* left,
                              const float* right, int pitch) {
      for (const Run& run : part.runs) {
        const int j = std::max(run.begin, j0), columns = std::min(run.begin + run.count, j0 + NR) - j;
        if (columns <= 0) continue;
        float* const to = out + (ptrdiff_t)(j - shift) * p.outColumn;
        Target t{p.alpha, nullptr, 0, 0, to, p.outRow, p.outColumn, part.rows.data() + i0};
        if (k0 > 0) {
          t.addend = to;
          t.addendRow = p.outRow;
          t.addendColumn = p.outColumn;
        } else if (addend) {
          t.addend = addend + (ptrdiff_t)j * p.addendColumn;
          t.addendRow = p.addendRow;
          t.addendColumn = p.addendColumn;
        }
        blockOf(rows, columns > W)(part.panels[panel].runs, left, right + (j - j0), pitch, t, columns);
      }
    };
    if (byColumns && (ptrdiff_t)p.m * count <= packedA) {
      // All rows stay packed; as many columns as the first cache takes are used up while they are there.
      const int width = std::max(NR, firstCache / count / NR * NR);
      const auto all = [&](auto body) {
        float* left = packA;
        for (const Part& part : p.parts)
          everyBlock(part, [&](int i0, int rows) {
            body(part, i0, rows, left);
            left += (ptrdiff_t)rows * part.panels[panel].count;
          });
      };
      all(packRows);
      for (int g0 = 0; g0 < p.n; g0 += p.group) {
        const int end = std::min(p.n, g0 + p.group);
        around(g0, end, false);
        for (int j1 = g0; j1 < end; j1 += width) {
          const int last = std::min(end, j1 + width);
          const auto inPlace = [&](int j0) { return direct && (p.n - j0 >= NR || p.n - j0 == W); };
          const auto from = [&](int j0) { return p.localB ? j0 - g0 : j0; };
          for (int j0 = j1; j0 < last; j0 += NR)
            if (!inPlace(j0)) packColumns(from(j0), std::min(NR, p.n - j0), packB + (ptrdiff_t)(j0 - j1) * count);
          all([&](const Part& part, int i0, int rows, const float* left) {
            for (int j0 = j1; j0 < last; j0 += NR) {
              const bool there = inPlace(j0);
              const float* const right = there ? b + (ptrdiff_t)k0 * p.b.rows.stride + from(j0)
                                               : packB + (ptrdiff_t)(j0 - j1) * count;
              multiply(part, i0, rows, j0, p.localOut ? g0 : 0, left, right, there ? p.b.rows.stride : NR);
            }
          });
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
      for (const Part& part : p.parts)
        everyBlock(part, [&](int i0, int rows) {
          packRows(part, i0, rows, packA);
          for (int j0 = n0; j0 < end; j0 += NR)
            multiply(part, i0, rows, j0, 0, packA, packB + (ptrdiff_t)(j0 - n0) * count, NR);
        });
    }
  }
}

}  // namespace ISA
