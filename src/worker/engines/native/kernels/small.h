// Products of a few rows and columns, for which packing would take longer than multiplying.
#pragma once
#include "pack.h"

namespace ISA {

inline bool isSmall(const Product& p) { return p.small && p.n <= NR; }

// Apart from the other kernels, so that these are compiled as they were without it.
void smallProduct(const Product& p, const float* a, const float* b, const float* addend, float* out, float* scratch);

}  // namespace ISA
