// Log-softmax.
#pragma once
#include <algorithm>
#include <cmath>
#include "functions.h"
#include "program.h"
#include "simd.h"

namespace ISA {

// Sixteen rows at a time, side by side.
inline void logSoftmaxOf(const LogSoftmax& s, float* const* at, float* scratch) {
  const float* x = at[s.x.slot] + s.x.offset;
  float* out = at[s.out.slot] + s.out.offset;
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
        out[(ptrdiff_t)(r0 + l) * s.classes + c] = scratch[c * 16 + l] - largest[l] - total[l];
  }
}

}  // namespace ISA
