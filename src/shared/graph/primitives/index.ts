/** @file All primitives, as functions that build nodes. */
export { add, div, exp, log, logSoftmax, mul, neg, sub, tanh } from './elementwise.ts';
export { fold, patches, windows } from './patches.ts';
export { gemm, matmul } from './products.ts';
export { concat, expand, pad, reshape, slice, sum, sumAll, sumTo, transpose } from './reshaping.ts';
