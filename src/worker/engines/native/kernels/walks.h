// How operands and results of a map lie, and how chunks of them are read and written.
#pragma once
#include <algorithm>
#include <cmath>
#include "pack.h"

namespace ISA {

// How a walk goes through a chunk: the last axes of the map.
struct Inner {
  int axes;               // axes of the map that a chunk covers, the first of them perhaps in part
  int sizes[maxAxes];     // of these axes; the first is the part
};

// Calls f(position in the chunk, offset, length, stride) for each innermost run.
template <class F>
inline void runs(const int* strides, const Inner& inner, F f) {
  const int last = inner.axes - 1;
  const int length = last >= 0 ? inner.sizes[last] : 1, stride = last >= 0 ? strides[last] : 0;
  const int side = last >= 1 ? inner.sizes[last - 1] : 1, between = last >= 1 ? strides[last - 1] : 0;
  int index[maxAxes] = {}, offset = 0, at = 0;
  for (;;) {
    for (int i = 0; i < side; i++, at += length) f(at, offset + i * between, length, stride);
    int d = last - 2;
    for (; d >= 0; d--) {
      offset += strides[d];
      if (++index[d] < inner.sizes[d]) break;
      offset -= strides[d] * inner.sizes[d];
      index[d] = 0;
    }
    if (d < 0) return;
  }
}

inline void gather(float* out, const float* from, const int* strides, const Inner& inner) {
  runs(strides, inner, [&](int at, int offset, int length, int stride) {
    float* const to = out + at;
    const float* const p = from + offset;
    if (stride == 1 && length <= 2 * W)
      copyFew(to, p, length);
    else if (stride == 1)
      for (int i = 0; i < length; i++) to[i] = p[i];
    else if (stride == 0)
      fill(to, *p, length);
    else
      for (int i = 0; i < length; i++) to[i] = p[(ptrdiff_t)i * stride];
  });
}

inline void scatter(float* to, const float* from, const int* strides, const Inner& inner) {
  runs(strides, inner, [&](int at, int offset, int length, int stride) {
    if (stride == 1 && length <= 2 * W)
      copyFew(to + offset, from + at, length);
    else if (stride == 1)
      std::copy_n(from + at, length, to + offset);
    else
      for (int i = 0; i < length; i++) to[offset + (ptrdiff_t)i * stride] = from[at + i];
  });
}

// Adds values to those at `to`, or takes the larger ones.
inline void accumulate(const Walk& r, float* to, const float* x, int n) {
  if (r.max) {
#pragma GCC ivdep
    for (int i = 0; i < n; i++) to[i] = to[i] < x[i] ? x[i] : to[i];
  } else {
#pragma GCC ivdep
    for (int i = 0; i < n; i++) to[i] += x[i];
  }
}

// Adds a chunk's accumulated values to where they belong, or takes the largest.
inline void flush(const Walk& r, const int* strides, float* to, float* acc, const Inner& inner, int length) {
  if (formOf(strides, inner.sizes, inner.axes) == same && length > 1) {
    int n = 1;
    while (n < length) n *= 2;
    const float none = r.max ? -INFINITY : 0.0f;
    for (int i = length; i < n; i++) acc[i] = none;
    for (n /= 2; n >= 1; n /= 2)
      for (int i = 0; i < n; i++) acc[i] = r.max ? (acc[i] < acc[i + n] ? acc[i + n] : acc[i]) : acc[i] + acc[i + n];
    *to = r.max ? (*to < *acc ? *acc : *to) : *to + *acc;
    return;
  }
  runs(strides, inner, [&](int at, int offset, int n, int stride) {
    if (stride == 1) {
      accumulate(r, to + offset, acc + at, n);
    } else if (stride == 0) {
      float sum = to[offset];
      for (int i = 0; i < n; i++) accumulate(r, &sum, acc + at + i, 1);
      to[offset] = sum;
    } else {
      for (int i = 0; i < n; i++) accumulate(r, to + offset + (ptrdiff_t)i * stride, acc + at + i, 1);
    }
  });
}

// A matrix whose rows lie side by side, copied to one whose columns do; from row to row of the one and column to column of the other are `from` and `to` floats.
inline void turn(const float* x, ptrdiff_t from, float* y, ptrdiff_t to, int rows, int columns) {
  int r = 0;
  for (; r + 8 <= rows; r += 8) {
    int c = 0;
    for (; c + 8 <= columns; c += 8) {
      const float* source[8];
      for (int i = 0; i < 8; i++) source[i] = x + (r + i) * from + c;
      turn8(source, y + c * to + r, (int)to);
    }
    for (; c < columns; c++)
      for (int i = 0; i < 8; i++) y[c * to + r + i] = x[(r + i) * from + c];
  }
  for (; r < rows; r++)
    for (int c = 0; c < columns; c++) y[c * to + r] = x[r * from + c];
}

// A copy of which the operand lies side by side along one axis, and the result along another: matrices are turned, one after the other. False where it is no such copy.
inline bool turnedCopy(const Map& map, float* const* at) {
  if (map.steps.size() > 0 || map.loads.size() != 1 || map.stores.size() != 1 || !map.reductions.empty()) return false;
  const Walk &load = map.loads[0], &store = map.stores[0];
  const int axes = (int)map.sizes.size();
  int row = -1, column = -1;  // along a column, the result lies side by side
  for (int d = 0; d < axes; d++) {
    if (map.sizes[d] >= 4 && load.strides[d] == 1) column = d;
    if (map.sizes[d] >= 4 && store.strides[d] == 1) row = d;
  }
  if (row < 0 || column < 0 || row == column) return false;
  const float* x = at[load.place.slot] + load.place.offset;
  float* y = at[store.place.slot] + store.place.offset;
  int index[maxAxes] = {};
  for (;;) {
    turn(x, load.strides[row], y, store.strides[column], map.sizes[row], map.sizes[column]);
    int d = axes - 1;
    for (; d >= 0; d--) {
      if (d == row || d == column) continue;
      x += load.strides[d];
      y += store.strides[d];
      if (++index[d] < map.sizes[d]) break;
      x -= (ptrdiff_t)load.strides[d] * map.sizes[d];
      y -= (ptrdiff_t)store.strides[d] * map.sizes[d];
      index[d] = 0;
    }
    if (d < 0) return true;
  }
}

}  // namespace ISA
