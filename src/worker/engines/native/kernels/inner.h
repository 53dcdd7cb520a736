// Matrix products as inner products: where both operands lie along a long k, which then need not be packed.
#pragma once
#include "tiles.h"

namespace ISA {

// Where a piece begins, of as many.
inline int cutBegin(int n, int cuts, int cut) { return (int)((int64_t)n * cut / cuts); }

// The shape with which m rows and n columns take the fewest tiles.
inline Shape shapeFor(int m, int n) {
  const auto tiles = [&](Shape s) { return cuts(m, s.rows) * cuts(n, s.columns); };
  return *std::min_element(std::begin(shapes), std::end(shapes),
                           [&](Shape a, Shape b) { return tiles(a) < tiles(b); });
}

constexpr int readAgain = 1 << 15;  // floats of the operand with fewer rows or columns

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
  // Where all sums can be kept, operands are read once, some of k after the other: as much as keeps what is read again for each tile in the second cache.
  const int step = std::max(256, readAgain / std::min(p.m, p.n) / 16 * 16);
  Lanes* const sums = reinterpret_cast<Lanes*>(scratch);
  constexpr int atOnce = 64;
  Segment segments[atOnce];
  // The segments from k0 on that are summed at once: returns where they end. A run is cut between two vectors only, so that its numbers are in the same lanes however it is cut.
  const auto cut = [&](int k0, int& n) {
    int k = k0;
    for (n = 0; k < p.k && n < atOnce; n++) {
      const int left = run - k % run, room = kept ? step - (k - k0) : left;
      const int count = left <= room ? left : room / 16 * 16;
      if (count == 0) break;
      segments[n] = {p.a.columns.at(k), p.b.rows.at(k), count};
      k += count;
    }
    return k;
  };
  // Sums `n` segments for one tile, and with the last ones writes what it gives.
  const auto add = [&](const Piece& c, Lanes* own, int n, bool begin, bool last) {
    const float *left[maxTileRows], *right[maxTileColumns];
    for (int i = 0; i < c.rows; i++) left[i] = a + c.part.aRows.at(c.row + i);
    for (int j = 0; j < c.columns; j++) right[j] = b + p.b.columns.at(c.part.columns[c.column + j]);
    float result[perTile + 3];
    tileOf(c.rows, c.columns)(left, right, segments, n, own, begin, last ? result : nullptr);
    if (!last) return;
    const int32_t *const rows = &c.part.rows[c.row], *const columns = &c.part.columns[c.column];
    const float* sum = result;
    for (int i = 0; i < c.rows; i++) {
      float* const to = out + (ptrdiff_t)rows[i] * p.outRow;
      if (addend) {
        const float* const from = addend + (ptrdiff_t)rows[i] * p.addendRow;
        for (int j = 0; j < c.columns; j++)
          to[(ptrdiff_t)columns[j] * p.outColumn] =
              __builtin_fmaf(p.alpha, *sum++, from[(ptrdiff_t)columns[j] * p.addendColumn]);
      } else {
        for (int j = 0; j < c.columns; j++) to[(ptrdiff_t)columns[j] * p.outColumn] = p.alpha * *sum++;
      }
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
  const auto allOf = [&](auto body) {
    for (int k0 = 0, n = 0; k0 < p.k;) {
      const int end = cut(k0, n);
      body(n, k0 == 0, end == p.k);
      k0 = end;
    }
  };
  if (kept)
    allOf([&](int n, bool begin, bool last) {
      everyTile([&](const Piece& c, Lanes* own) { add(c, own, n, begin, last); });
    });
  else
    everyTile([&](const Piece& c, Lanes* own) {
      allOf([&](int n, bool begin, bool last) { add(c, own, n, begin, last); });
    });
}

}  // namespace ISA
