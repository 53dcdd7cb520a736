// Small products. This file is compiled once for each instruction set. Sums are taken in the order of panels.
#include "small.h"
#include <utility>

namespace ISA {

constexpr int maxTogether = 6;  // rows that are summed at once

// ROWS rows against all columns, NV vectors of them; B has its rows `pitch` floats apart.
template <int ROWS, int NV>
static void fewRows(const Product& p, const float* a, const float* b, int pitch, const float* addend, float* out) {
  const int aRow = p.a.rows.stride, aStep = p.a.columns.stride;
  Mask mask[NV];
  V acc[ROWS][NV];
  for (int v = 0; v < NV; v++) mask[v] = first(p.n - v * W);
#pragma GCC unroll 8
  for (int i = 0; i < ROWS; i++)
#pragma GCC unroll 2
    for (int v = 0; v < NV; v++) acc[i][v] = zero();
  for (int k = 0; k < p.k; k++, a += aStep, b += pitch) {
    V right[NV];
#pragma GCC unroll 2
    for (int v = 0; v < NV; v++) right[v] = load(b + v * W, mask[v]);
#pragma GCC unroll 8
    for (int i = 0; i < ROWS; i++) {
      const V left = all(a[(ptrdiff_t)i * aRow]);
#pragma GCC unroll 2
      for (int v = 0; v < NV; v++) acc[i][v] = fma(left, right[v], acc[i][v]);
    }
  }
  const V alpha = all(p.alpha);
#pragma GCC unroll 8
  for (int i = 0; i < ROWS; i++)
#pragma GCC unroll 2
    for (int v = 0; v < NV; v++) {
      V r = mul(alpha, acc[i][v]);
      if (addend) {
        const float* const from = addend + (ptrdiff_t)i * p.addendRow + (ptrdiff_t)v * W * p.addendColumn;
        r = fma(alpha, acc[i][v], p.addendColumn == 1 ? load(from, mask[v]) : all(*from));
      }
      store(out + (ptrdiff_t)i * p.outRow + v * W, r, mask[v]);
    }
}

template <int NV, int... R>
static void rowsOf(int rows, const Product& p, const float* a, const float* b, int pitch, const float* addend, float* out,
                   std::integer_sequence<int, R...>) {
  using Rows = void (*)(const Product&, const float*, const float*, int, const float*, float*);
  static constexpr Rows of[] = {fewRows<R + 1, NV>...};
  of[rows - 1](p, a, b, pitch, addend, out);
}

// B is packed where its columns lie apart.
void smallProduct(const Product& p, const float* a, const float* b, const float* addend, float* out, float* scratch) {
  int pitch = p.b.rows.stride;
  if (!p.b.columns.unit()) {
    pack(scratch, NR, b, p.b.columns, 0, p.n, p.b.rows, 0, p.k);
    b = scratch;
    pitch = NR;
  }
  constexpr auto sizes = std::make_integer_sequence<int, maxTogether>();
  for (int i = 0; i < p.m; i += maxTogether) {
    const int rows = std::min(p.m - i, maxTogether);
    const float* const left = a + (ptrdiff_t)i * p.a.rows.stride;
    const float* const from = addend ? addend + (ptrdiff_t)i * p.addendRow : nullptr;
    float* const to = out + (ptrdiff_t)i * p.outRow;
    if (p.n > W)
      rowsOf<2>(rows, p, left, b, pitch, from, to, sizes);
    else
      rowsOf<1>(rows, p, left, b, pitch, from, to, sizes);
  }
}

}  // namespace ISA
