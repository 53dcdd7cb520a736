// How a map is cut into chunks: so many of its last axes, and a part of the one before them.
#pragma once
#include <algorithm>
#include "plan.h"

// Elements of a chunk: at most, and from where on another axis is not worth a walk that jumps inside of chunks.
constexpr int chunk = 512, enough = 64;

// Elements that fill the vectors of all instruction sets.
constexpr int fullVectors = 16;

inline Form formOf(const int* strides, const int* sizes, int axes) {
  bool order = true, still = true;
  int expected = 1;
  for (int d = axes - 1; d >= 0; d--) {
    if (sizes[d] == 1) continue;
    order = order && strides[d] == expected;
    still = still && strides[d] == 0;
    expected *= sizes[d];
  }
  return still ? same : order ? inOrder : scattered;
}

// How many walks jump inside of chunks that begin at `axis`.
inline int jumps(const Map& map, int axis) {
  const int axes = (int)map.sizes.size() - axis;
  int count = 0;
  for (const auto* walks : {&map.loads, &map.stores, &map.reductions})
    for (const Walk& walk : *walks) count += formOf(walk.strides + axis, map.sizes.data() + axis, axes) == scattered;
  return count;
}

// The most of an axis that fits into `room` and fills vectors of `inside` elements a step, if any part that is not small does.
inline int fullPart(int room, int inside) {
  for (int part = room; 2 * part > room; part--)
    if (part * inside % fullVectors == 0) return part;
  return room;
}

// Sets where a map's chunks begin, and how much of that axis one takes.
inline void cutIntoChunks(Map& map) {
  int inside = 1;
  map.begin = (int)map.sizes.size();
  map.part = 1;
  while (map.begin > 0) {
    const int axis = map.begin - 1, size = map.sizes[axis], room = chunk / inside;
    const bool jumping = inside >= enough && jumps(map, axis) > jumps(map, map.begin);
    if (jumping || (room < 2 && size > 1)) return;
    map.begin = axis;
    map.part = size <= room ? size : fullPart(room, inside);
    if (size > room) return;
    inside *= size;
  }
}

// Sets whether a map is one chunk, and how its walks lie then. Chunks are cut.
inline void settleForms(Map& map) {
  map.single = map.begin == 0 && (map.sizes.empty() || map.part == map.sizes[0]);
  for (auto* walks : {&map.loads, &map.stores, &map.reductions})
    for (Walk& walk : *walks) walk.form = formOf(walk.strides, map.sizes.data(), (int)map.sizes.size());
}
