// Operands of products, packed so that the inner loop reads them in order.
#pragma once
#include <algorithm>
#include "program.h"
#include "simd.h"

namespace ISA {

constexpr int NR = 2 * W;  // columns of a panel

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

// n times the same number.
inline void fill(float* dst, float x, int n) {
  const V v = all(x);
  for (; n >= W; n -= W, dst += W) store(dst, v);
  if (n > 0) store(dst, v, first(n));
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

// Cuts `n` into pieces of nearly equal size, of at most `limit`: how many, and of what size, the last one perhaps smaller.
inline int cuts(int n, int limit) { return (n + limit - 1) / limit; }
inline int cutSize(int n, int limit) { return cuts(n, cuts(n, limit)); }

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
  int from[NR], length[NR], offset[NR], runs = 0;  // runs of neighbours across, of a vector at most
  for (int x = 0; x < width; x++) {
    const int at = across.at(x0 + x);
    if (runs > 0 && at == offset[runs - 1] + length[runs - 1] && length[runs - 1] < W) {
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
  Mask of[NR];
  for (int r = 0; r < runs; r++) of[r] = first(length[r]);
  for (int k = 0; k < count; k++) {
    const float* row = src + along.at(k0 + k);
    for (int r = 0; r < runs; r++) store(dst + k * pitch + from[r], load(row + offset[r], of[r]), of[r]);
  }
}

}  // namespace ISA
