/** @file Random streams that are functions of (seed, purpose, step, member). */
export { philox } from './philox.ts';
export { type Purpose, permutation, purposes, type Stream, stream } from './stream.ts';
