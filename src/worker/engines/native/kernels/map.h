// Maps: a chunk of elements goes through all steps while it is in the first cache. Registers are chunks; an operand or result that lies in order is one where it is.
#pragma once
#include "elementwise.h"
#include "walks.h"

namespace ISA {

// Some of a map's columns: [begin, end) of its last axis. What is reduced over all columns begins with the first ones.
struct Columns {
  int begin, end;
};

// One chunk of an operand: where it lies in order, or read into `own`.
inline float* read(Form form, const float* from, const int* strides, const Inner& inner, int length,
                   float* own) {
  if (form == inOrder) return const_cast<float*>(from);
  if (form == same)
    fill(own, *from, length);
  else
    gather(own, from, strides, inner);
  return own;
}

// One chunk of a result, to where it belongs if it is not there.
inline void write(Form form, float* to, const float* from, const int* strides, const Inner& inner, int length) {
  if (form != inOrder)
    scatter(to, from, strides, inner);
  else if (from != to)
    std::copy_n(from, length, to);
}

// A map that is one chunk.
inline void once(const Map& map, float* const* at, float* scratch) {
  Inner inner;
  inner.axes = (int)map.sizes.size();
  int length = 1;
  for (int d = 0; d < inner.axes; d++) length *= inner.sizes[d] = map.sizes[d];
  const auto placeOf = [&](const Walk& w) { return at[w.place.slot] + w.place.offset; };
  const auto own = [&](int r) { return scratch + (ptrdiff_t)r * registerPitch; };
  float* registers[maxRegisters];
  for (int r = 0; r < map.registers; r++) registers[r] = own(r);
  for (const Walk& load : map.loads)
    registers[load.reg] = read(load.form, placeOf(load), load.strides, inner, length, own(load.reg));
  for (const Walk& store : map.stores)
    if (store.form == inOrder && store.reg >= (int)map.loads.size()) registers[store.reg] = placeOf(store);
  for (const Step& step : map.steps)
    apply(step.op, registers[step.out], registers[step.a], registers[step.b], registers[step.c], length);
  for (const Walk& store : map.stores)
    write(store.form, placeOf(store), registers[store.reg], store.strides, inner, length);
  for (const Walk& r : map.reductions) {
    float* const sums = own(map.registers);
    std::copy_n(registers[r.reg], length, sums);
    std::fill_n(placeOf(r), r.outSize, r.max ? -INFINITY : 0.0f);
    flush(r, r.strides, placeOf(r), sums, inner, length);
  }
}

inline void walk(const Map& map, float* const* at, float* scratch, const Columns* columns = nullptr) {
  if (!columns && turnedCopy(map, at)) return;
  if (!columns && map.single) return once(map, at, scratch);
  const int axes = (int)map.sizes.size();
  const auto sizeOf = [&](int axis) {
    return columns && axis == axes - 1 ? columns->end - columns->begin : map.sizes[axis];
  };
  // Where a walk begins; a local buffer holds these columns only.
  const auto base = [&](const Walk& w) {
    const ptrdiff_t first = columns && !w.local ? columns->begin : 0;
    return at[w.place.slot] + w.place.offset + first * (axes ? w.strides[axes - 1] : 0);
  };
  // Of a part of the columns, a chunk covers columns only.
  const int split = columns ? axes - 1 : map.begin, part = columns ? chunk : map.part;
  const bool partial = split < axes && sizeOf(split) > part;
  const int outer = partial ? split + 1 : split;  // axes counted outside of chunks; the last of them in parts
  Inner inner;
  inner.axes = axes - split;
  int inside = 1;  // elements of a chunk for each index of its first axis
  for (int d = 0; d < inner.axes; d++) {
    inner.sizes[d] = sizeOf(split + d);
    if (d > 0) inside *= inner.sizes[d];
  }

  const size_t loads = map.loads.size(), stores = map.stores.size(), reductions = map.reductions.size();
  float* registers[maxRegisters];
  for (int r = 0; r < map.registers; r++) registers[r] = scratch + (ptrdiff_t)r * registerPitch;
  float* const sums = scratch + (ptrdiff_t)map.registers * registerPitch;
  const float *from[maxRegisters], *loaded[maxRegisters];
  float *to[maxRegisters], *sumTo[maxRegisters];
  float* open[maxRegisters];  // where a reduction's chunk is to go; null: nothing is accumulated
  // Of how many elements the chunk was that a load was gathered for, or a reduction opened with: a shorter one is its beginning.
  int gathered[maxRegisters], opened[maxRegisters];
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
    if (open[i]) {
      Inner then = inner;
      if (partial) then.sizes[0] = opened[i] / inside;
      flush(map.reductions[i], map.reductions[i].strides + split, open[i], sums + (ptrdiff_t)i * registerPitch, then,
            opened[i]);
    }
    open[i] = nullptr;
  };
  for (bool begin = true;; begin = false) {
    const int now = partial ? std::min(part, sizeOf(split) - index[split]) : 0;
    if (begin || (partial && now != inner.sizes[0])) {
      if (partial) inner.sizes[0] = now;
      length = 1;
      for (int d = 0; d < inner.axes; d++) length *= inner.sizes[d];
      for (size_t i = 0; i < loads; i++) {
        const Form form = formOf(map.loads[i].strides + split, inner.sizes, inner.axes);
        if (begin || form != loadForm[i]) loaded[i] = nullptr;
        loadForm[i] = form;
      }
      for (size_t i = 0; i < stores; i++) storeForm[i] = formOf(map.stores[i].strides + split, inner.sizes, inner.axes);
    }

    for (size_t i = 0; i < loads; i++) {
      if (loaded[i] == from[i] && length <= gathered[i]) continue;
      const Walk& load = map.loads[i];
      registers[load.reg] = read(loadForm[i], from[i], load.strides + split, inner, length,
                                 scratch + (ptrdiff_t)load.reg * registerPitch);
      loaded[i] = from[i];
      gathered[i] = length;
    }
    for (size_t i = 0; i < stores; i++)
      if (storeForm[i] == inOrder && map.stores[i].reg >= (int)loads) registers[map.stores[i].reg] = to[i];
    for (const Step& step : map.steps)
      apply(step.op, registers[step.out], registers[step.a], registers[step.b], registers[step.c], length);
    for (size_t i = 0; i < stores; i++) {
      const Walk& store = map.stores[i];
      write(storeForm[i], to[i], registers[store.reg], store.strides + split, inner, length);
    }
    for (size_t i = 0; i < reductions; i++) {
      const Walk& r = map.reductions[i];
      float* const acc = sums + (ptrdiff_t)i * registerPitch;
      const float* const x = registers[r.reg];
      if (open[i] != sumTo[i] || length > opened[i]) close(i);
      if (!open[i]) {
        std::copy_n(x, length, acc);
        open[i] = sumTo[i];
        opened[i] = length;
      } else {
        accumulate(r, acc, x, length);
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

}  // namespace ISA
