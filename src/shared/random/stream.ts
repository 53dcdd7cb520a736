/** @file Random numbers as a function of what they are for: a stream is named by (seed, purpose, step, member), never by how much was drawn before,
 *  so a task gives the same numbers wherever and however often it runs. The name goes through Philox to the 128-bit state of xoshiro128++
 *  (Blackman & Vigna 2021), which is several times faster than Philox for the 300,000 normals of a conv net's w_0. */
import { philox } from './philox.ts';

/** What a stream is drawn for. The numbers are part of every result: add, never change. */
export const purposes = {
  weights: 1,
  batch: 2,
  images: 3,
  split: 4,
  validationWeights: 5,
  testWeights: 6,
  pool: 7,
  innerBatch: 8,
  judgedInnerBatch: 9,
  pretrainWeights: 20,
  pretrainBatch: 21,
  recipeBatch: 22,
  fullBatch: 23,
  baselineDraw: 24,
  kMeans: 25,
  testPart: 30,
} as const;
export type Purpose = keyof typeof purposes;

export interface Stream {
  /** 32 uniform bits, as an unsigned integer. */
  bits(): number;
  /** Uniform in [0, 1) with 32 bits. */
  uniform(): number;
  /** Fills `out` with numbers uniform in (−limit, limit): one `uniform` each, but no call for each. */
  fillSymmetric(out: Float32Array, limit: number): void;
  /** An integer of 0 … n−1, exactly uniform; 1 ≤ n ≤ 2³². */
  below(n: number): number;
  /** Standard normal. */
  normal(): number;
}

/** The stream of (seed, purpose, step, member). Seeds are integers of 0 … 2⁵³−1, step and member of 0 … 2³²−1. */
export function stream(seed: number, purpose: Purpose, step = 0, member = 0): Stream {
  const key = [(seed % 2 ** 32) | 0, Math.floor(seed / 2 ** 32) | 0] as const;
  const state = philox([purposes[purpose], step | 0, member | 0, 0], key);
  let [a, b, c, d] = [state[0]! | 0, state[1]! | 0, state[2]! | 0, state[3]! | 0];
  if ((a | b | c | d) === 0) a = 1; // the one state xoshiro can't leave

  const bits = (): number => {
    const sum = (a + d) | 0;
    const result = (((sum << 7) | (sum >>> 25)) + a) | 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result >>> 0;
  };
  const uniform = (): number => bits() / 2 ** 32;
  const fillSymmetric = (out: Float32Array, limit: number): void => {
    let [p, q, r, s] = [a, b, c, d];
    for (let i = 0; i < out.length; i++) {
      const sum = (p + s) | 0;
      const word = ((((sum << 7) | (sum >>> 25)) + p) | 0) >>> 0;
      const t = q << 9;
      r ^= p;
      s ^= q;
      q ^= r;
      p ^= s;
      r ^= t;
      s = (s << 11) | (s >>> 21);
      out[i] = limit * (2 * (word / 2 ** 32) - 1);
    }
    [a, b, c, d] = [p, q, r, s];
  };
  const below = (n: number): number => {
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      const x = bits();
      if (x < limit) return x % n;
    }
  };
  return { bits, uniform, fillSymmetric, below, normal: () => zigguratNormal(bits) };
}

/** Numbers 0 … n−1 in random order (Fisher–Yates). */
export function permutation(n: number, random: Stream): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/* The ziggurat of Marsaglia & Tsang (2000) in Doornik's form (2005, "ZIGNOR"): 128 layers of equal area under exp(−x²/2); a point in a layer's
 * rectangle is accepted at once (98.8 %), others by the density itself, the tail beyond r by Marsaglia's method. One word gives layer, sign and
 * position, so a normal has 24 bits of position: more than float32 keeps. */
const layerCount = 128;
const r = 3.442619855899;
const area = 9.91256303526217e-3;
const edges = new Float64Array(layerCount + 1);
const ratios = new Float64Array(layerCount);
edges[0] = area / Math.exp(-0.5 * r * r);
edges[1] = r;
for (let i = 2; i < layerCount; i++)
  edges[i] = Math.sqrt(-2 * Math.log(area / edges[i - 1]! + Math.exp(-0.5 * edges[i - 1]! ** 2)));
for (let i = 0; i < layerCount; i++) ratios[i] = edges[i + 1]! / edges[i]!;

function zigguratNormal(bits: () => number): number {
  for (;;) {
    const word = bits();
    const layer = word & 127;
    const u = ((word >>> 7) + 0.5) * 2 ** -24 - 1; // 25 bits in (−1, 1)
    if (Math.abs(u) < ratios[layer]!) return u * edges[layer]!;
    if (layer === 0) return tail(bits, u < 0);
    const x = u * edges[layer]!;
    const outer = Math.exp(-0.5 * (edges[layer]! ** 2 - x * x));
    const inner = Math.exp(-0.5 * (edges[layer + 1]! ** 2 - x * x));
    if (inner + (bits() / 2 ** 32) * (outer - inner) < 1) return x;
  }
}

function tail(bits: () => number, negative: boolean): number {
  for (;;) {
    const x = Math.log((bits() + 1) / 2 ** 32) / r;
    const y = Math.log((bits() + 1) / 2 ** 32);
    if (-2 * y >= x * x) return negative ? x - r : r - x;
  }
}
