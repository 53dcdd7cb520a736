// The operators of maps, on chunks.
#pragma once
#include "functions.h"
#include "simd.h"

namespace ISA {

// As ../encode.ts numbers them.
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

}  // namespace ISA
