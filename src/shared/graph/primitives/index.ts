/** @file All primitives, as functions that build nodes. */
export {
  add,
  div,
  exp,
  greater,
  log,
  logSoftmax,
  mul,
  neg,
  relu,
  sigmoid,
  softplus,
  sqrt,
  sub,
  tanh,
} from './elementwise.ts';
export { max } from './max.ts';
export { fold, patches, windows } from './patches.ts';
export { gemm, matmul } from './products.ts';
export { concat, expand, pad, reshape, slice, sum, sumAll, sumTo, transpose } from './reshaping.ts';
