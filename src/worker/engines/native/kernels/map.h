// Maps: a chunk of elements goes through all steps while it is in the first cache. Registers are chunks; an operand or result that lies in order is one where it is.
#pragma once
#include <algorithm>
#include <cmath>
#include "functions.h"
#include "program.h"
#include "product.h"

namespace ISA {

enum Op { add, sub, mulOp, divOp, greater, neg, expOp, logOp, tanhOp, sqrtOp, softplus, relu, mulAdd, mulFrom, mulSub };

// An operand may be the result itself, never a part of it: so the compiler need not look.
#define EACH _Pragma("GCC ivdep") for (int i = 0; i < n; i++)

__attribute__((noinline)) inline void apply(int op, float* out, const float* a, const float* b, const float* c, int n) {
  switch (op) {
    case add:
      EACH out[i] = a[i] + b[i];
      break;
    case sub:
      EACH out[i] = a[i] - b[i];
      break;
    case mulOp:
      EACH out[i] = a[i] * b[i];
      break;
    case divOp:
      EACH out[i] = a[i] / b[i];
      break;
    case greater:
      EACH out[i] = a[i] > b[i] ? 1.0f : 0.0f;
      break;
    case neg:
      EACH out[i] = -a[i];
      break;
    case expOp:
      EACH out[i] = expOf(a[i]);
      break;
    case logOp:
      EACH out[i] = logOf(a[i]);
      break;
    case tanhOp:
      EACH out[i] = tanhOf(a[i]);
      break;
    case sqrtOp:
      EACH out[i] = __builtin_sqrtf(a[i]);
      break;
    case softplus:
      EACH out[i] = softplusOf(a[i]);
      break;
    case relu:
      EACH out[i] = a[i] < 0.0f ? 0.0f : a[i];
      break;
    case mulAdd:
      EACH out[i] = fused(a[i], b[i], c[i]);
      break;
    case mulFrom:
      EACH out[i] = fused(-a[i], b[i], c[i]);
      break;
    case mulSub:
      EACH out[i] = fused(a[i], b[i], -c[i]);
      break;
  }
}

// How a walk goes through a chunk: the last axes of the map.
struct Inner {
  int axes;               // axes of the map that a chunk covers, the first of them perhaps in part
  int sizes[maxAxes];     // of these axes; the first is the part
};

enum Form { inOrder, same, scattered };

inline Form formOf(const int* strides, const Inner& inner) {
  bool order = true, still = true;
  int expected = 1;
  for (int d = inner.axes - 1; d >= 0; d--) {
    if (inner.sizes[d] == 1) continue;
    order = order && strides[d] == expected;
    still = still && strides[d] == 0;
    expected *= inner.sizes[d];
  }
  return still ? same : order ? inOrder : scattered;
}

// Calls f(position in the chunk, offset, length, stride) for each innermost run.
template <class F>
inline void runs(const int* strides, const Inner& inner, F f) {
  const int last = inner.axes - 1;
  if (last < 0) {
    f(0, 0, 1, 0);
    return;
  }
  int index[maxAxes] = {}, offset = 0, at = 0;
  for (;;) {
    f(at, offset, inner.sizes[last], strides[last]);
    at += inner.sizes[last];
    int d = last - 1;
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
      for (int i = 0; i < length; i++) to[i] = *p;
    else
      for (int i = 0; i < length; i++) to[i] = p[(ptrdiff_t)i * stride];
  });
}

inline void scatter(float* to, const float* from, const int* strides, const Inner& inner) {
  runs(strides, inner, [&](int at, int offset, int length, int stride) {
    if (stride == 1 && length <= 2 * W)
      copyFew(to + offset, from + at, length);
    else
      for (int i = 0; i < length; i++) to[offset + (ptrdiff_t)i * stride] = from[at + i];
  });
}

// Adds a chunk's accumulated values to where they belong, or takes the largest.
inline void flush(const Walk& r, const int* strides, float* to, float* acc, const Inner& inner, int length) {
  if (formOf(strides, inner) == same && length > 1) {
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
    for (int i = 0; i < n; i++) {
      float& sum = to[offset + (ptrdiff_t)i * stride];
      sum = r.max ? (sum < acc[at + i] ? acc[at + i] : sum) : sum + acc[at + i];
    }
  });
}

// A matrix turned: the copy of one whose rows lie side by side to one whose columns do.
inline bool turnedCopy(const Map& map, float* const* at) {
  if (map.sizes.size() != 2 || map.steps.size() > 0 || map.loads.size() != 1 || map.stores.size() != 1 ||
      !map.reductions.empty())
    return false;
  const Walk &load = map.loads[0], &store = map.stores[0];
  const bool straight = load.strides[1] == 1 && store.strides[0] == 1;
  if (!straight && !(load.strides[0] == 1 && store.strides[1] == 1)) return false;
  const int row = straight ? 0 : 1, column = 1 - row;  // along a column, the result lies side by side
  const int rows = map.sizes[row], columns = map.sizes[column];
  const ptrdiff_t from = load.strides[row], to = store.strides[column];
  const float* x = at[load.place.slot] + load.place.offset;
  float* y = at[store.place.slot] + store.place.offset;
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
  return true;
}

// Some of a map's columns: [begin, end) of its last axis. What is reduced over all columns begins with the first ones.
struct Columns {
  int begin, end;
};

inline void walk(const Map& map, float* const* at, float* scratch, const Columns* columns = nullptr) {
  if (!columns && turnedCopy(map, at)) return;
  const int axes = (int)map.sizes.size();
  const auto sizeOf = [&](int axis) {
    return columns && axis == axes - 1 ? columns->end - columns->begin : map.sizes[axis];
  };
  // Where a walk begins; a local buffer holds these columns only.
  const auto base = [&](const Walk& w) {
    const ptrdiff_t first = columns && !w.local ? columns->begin : 0;
    return at[w.place.slot] + w.place.offset + first * (axes ? w.strides[axes - 1] : 0);
  };
  // A chunk covers whole last axes, and as much of the one before as goes in; of a part of the columns, columns only.
  int split = axes, inside = 1;
  while (split > 0 && !columns && inside * map.sizes[split - 1] <= chunk) inside *= map.sizes[--split];
  const bool whole = split == 0;
  const int part = std::max(1, chunk / inside);
  if (!whole) split--;
  const bool partial = !whole && sizeOf(split) > part;
  const int outer = partial ? split + 1 : split;  // axes counted outside of chunks; the last of them in parts
  Inner inner;
  inner.axes = axes - split;
  for (int d = 0; d < inner.axes; d++) inner.sizes[d] = sizeOf(split + d);

  const size_t loads = map.loads.size(), stores = map.stores.size(), reductions = map.reductions.size();
  float* registers[maxRegisters];
  for (int r = 0; r < map.registers; r++) registers[r] = scratch + (ptrdiff_t)r * registerPitch;
  float* const sums = scratch + (ptrdiff_t)map.registers * registerPitch;
  const float *from[maxRegisters], *loaded[maxRegisters];
  float *to[maxRegisters], *sumTo[maxRegisters];
  float* open[maxRegisters];  // where a reduction's chunk is to go; null: nothing is accumulated
  Form loadForm[maxRegisters], storeForm[maxRegisters];
  for (size_t i = 0; i < loads; i++) from[i] = base(map.loads[i]);
  for (size_t i = 0; i < stores; i++) to[i] = base(map.stores[i]);
  for (size_t i = 0; i < reductions; i++) {
    const Walk& r = map.reductions[i];
    sumTo[i] = base(r);
    if (!columns || columns->begin == 0)
      std::fill_n(at[r.place.slot] + r.place.offset, r.outSize, r.max ? -INFINITY : 0.0f);
    open[i] = nullptr;
  }

  int index[maxAxes] = {};
  int length = 0;
  const auto close = [&](size_t i) {
    if (open[i])
      flush(map.reductions[i], map.reductions[i].strides + split, open[i], sums + (ptrdiff_t)i * registerPitch, inner,
            length);
    open[i] = nullptr;
  };
  for (bool begin = true;; begin = false) {
    const int now = partial ? std::min(part, sizeOf(split) - index[split]) : 0;
    if (begin || (partial && now != inner.sizes[0])) {
      for (size_t i = 0; i < reductions; i++) close(i);
      if (partial) inner.sizes[0] = now;
      length = 1;
      for (int d = 0; d < inner.axes; d++) length *= inner.sizes[d];
      for (size_t i = 0; i < loads; i++) {
        loadForm[i] = formOf(map.loads[i].strides + split, inner);
        loaded[i] = nullptr;
      }
      for (size_t i = 0; i < stores; i++) storeForm[i] = formOf(map.stores[i].strides + split, inner);
    }

    for (size_t i = 0; i < loads; i++) {
      if (loaded[i] == from[i]) continue;
      const Walk& load = map.loads[i];
      float* const own = scratch + (ptrdiff_t)load.reg * registerPitch;
      registers[load.reg] = loadForm[i] == inOrder ? const_cast<float*>(from[i]) : own;
      if (loadForm[i] == same)
        std::fill_n(own, length, *from[i]);
      else if (loadForm[i] == scattered)
        gather(own, from[i], load.strides + split, inner);
      loaded[i] = from[i];
    }
    for (size_t i = 0; i < stores; i++)
      if (storeForm[i] == inOrder && map.stores[i].reg >= (int)loads) registers[map.stores[i].reg] = to[i];
    for (const Step& step : map.steps)
      apply(step.op, registers[step.out], registers[step.a], registers[step.b], registers[step.c], length);
    for (size_t i = 0; i < stores; i++) {
      const Walk& store = map.stores[i];
      if (storeForm[i] != inOrder)
        scatter(to[i], registers[store.reg], store.strides + split, inner);
      else if (registers[store.reg] != to[i])
        std::copy_n(registers[store.reg], length, to[i]);
    }
    for (size_t i = 0; i < reductions; i++) {
      const Walk& r = map.reductions[i];
      float* const acc = sums + (ptrdiff_t)i * registerPitch;
      const float* const x = registers[r.reg];
      if (open[i] != sumTo[i]) close(i);
      if (!open[i]) {
        std::copy_n(x, length, acc);
        open[i] = sumTo[i];
      } else if (r.max) {
#pragma GCC ivdep
        for (int e = 0; e < length; e++) acc[e] = acc[e] < x[e] ? x[e] : acc[e];
      } else {
#pragma GCC ivdep
        for (int e = 0; e < length; e++) acc[e] += x[e];
      }
    }

    int d = outer - 1;
    for (; d >= 0; d--) {
      const int taken = partial && d == split ? now : 1;
      const bool over = index[d] + taken >= sizeOf(d);
      const ptrdiff_t by = over ? -(ptrdiff_t)index[d] : taken;
      for (size_t i = 0; i < loads; i++) from[i] += map.loads[i].strides[d] * by;
      for (size_t i = 0; i < stores; i++) to[i] += map.stores[i].strides[d] * by;
      for (size_t i = 0; i < reductions; i++) sumTo[i] += map.reductions[i].strides[d] * by;
      index[d] += (int)by;
      if (!over) break;
    }
    if (d < 0) break;
  }
  for (size_t i = 0; i < reductions; i++) close(i);
}

// Sixteen rows at a time, side by side.
inline void logSoftmaxOf(const LogSoftmax& s, float* const* at, float* scratch) {
  const float* x = at[s.x.slot] + s.x.offset;
  float* out = at[s.out.slot] + s.out.offset;
  const bool byClass = s.rowStride == 1 && s.classStride != 1;
  const ptrdiff_t outRow = byClass ? 1 : s.classes, outClass = byClass ? s.rows : 1;
  for (int r0 = 0; r0 < s.rows; r0 += 16) {
    const int rows = std::min(16, s.rows - r0);
    float largest[16], total[16];
    for (int l = 0; l < 16; l++) largest[l] = -INFINITY, total[l] = 0;
    for (int c = 0; c < s.classes; c++) {
      float* const z = scratch + c * 16;
      for (int l = 0; l < 16; l++) z[l] = 0;
      for (int l = 0; l < rows; l++) z[l] = x[(ptrdiff_t)(r0 + l) * s.rowStride + (ptrdiff_t)c * s.classStride];
      for (int l = 0; l < 16; l++) largest[l] = largest[l] < z[l] ? z[l] : largest[l];
    }
    for (int c = 0; c < s.classes; c++)
      for (int l = 0; l < 16; l++) total[l] += expOf(scratch[c * 16 + l] - largest[l]);
    for (int l = 0; l < 16; l++) total[l] = logOf(total[l]);
    for (int c = 0; c < s.classes; c++)
      for (int l = 0; l < rows; l++)
        out[(r0 + l) * outRow + c * outClass] = scratch[c * 16 + l] - largest[l] - total[l];
  }
}

}  // namespace ISA
