// How a map is cut into chunks: so many of its last axes, and a part of the one before them.
#pragma once
#include <algorithm>
#include "plan.h"

// Elements of a chunk: at most, and from where on another axis is not worth a walk that jumps inside of chunks.
constexpr int chunk = 512, enough = 64;

// Elements that fill the vectors of all instruction sets.
constexpr int fullVectors = 16;

// Whether a chunk of `inside` elements, the axes from `axis` on, lies in order or stays where it is, seen from the walk.
inline bool goesOn(const Map& map, const Walk& walk, int axis) {
  bool order = true, still = true;
  int expected = 1;
  for (int d = (int)map.sizes.size() - 1; d >= axis; d--) {
    if (map.sizes[d] == 1) continue;
    order = order && walk.strides[d] == expected;
    still = still && walk.strides[d] == 0;
    expected *= map.sizes[d];
  }
  return order || still;
}

// How many walks jump inside of chunks that begin at `axis`.
inline int jumps(const Map& map, int axis) {
  int count = 0;
  for (const auto* walks : {&map.loads, &map.stores, &map.reductions})
    for (const Walk& walk : *walks) count += !goesOn(map, walk, axis);
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
