import { describe, expect, test } from 'vitest';
import {
  buildNet,
  type Distribution,
  drawWeights,
  type LayerSpec,
  models,
  type Role,
  truncatedNormal,
  type WeightSpec,
} from '../../../src/shared/models/index.ts';
import { stream } from '../../../src/shared/random/index.ts';

const net = buildNet(
  'conv',
  models.conv.layers({ kernel: 5, filters: 16, hidden: 128, depth: 3, width: 128 }, 10),
  [28, 28, 1],
);
const kernels = net.weights.filter(({ name }) => name.endsWith('kernel'));
const biases = net.weights.filter(({ name }) => name.endsWith('bias'));

/** Fan-in and fan-out of the kernels above, counted by hand. */
const fans: Readonly<Record<string, readonly [number, number]>> = {
  '0.conv.kernel': [25 * 1, 25 * 16],
  '4.dense.kernel': [2304, 128],
  '6.dense.kernel': [128, 10],
};

const drawn = (kind: Distribution, mu = 0, sigma = 0.05): Float32Array =>
  drawWeights(net, { kind, mu, sigma }, stream(1, 'weights'));
const part = (flat: Float32Array, { offset, shape }: WeightSpec): Float32Array =>
  flat.subarray(offset, offset + shape.reduce((a, b) => a * b, 1));

/** Mean, standard deviation and largest magnitude. */
function moments(values: ArrayLike<number>): { mean: number; deviation: number; largest: number } {
  let [total, squares, largest] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    total += values[i]!;
    squares += values[i]! ** 2;
    largest = Math.max(largest, Math.abs(values[i]!));
  }
  const mean = total / values.length;
  return { mean, deviation: Math.sqrt(squares / values.length - mean ** 2), largest };
}

describe.each(kernels)('$name', spec => {
  const [fanIn, fanOut] = fans[spec.name]!;
  const noise = 5 / Math.sqrt(part(drawn('he'), spec).length);

  test('xavier: uniform up to ±√(6/(fan-in + fan-out)) (Glorot & Bengio 2010)', () => {
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    const { mean, deviation, largest } = moments(part(drawn('xavier'), spec));
    expect(largest).toBeLessThanOrEqual(limit);
    expect(largest).toBeGreaterThan(limit * (1 - noise));
    expect(Math.abs(mean) / limit).toBeLessThan(noise);
    expect(Math.abs(deviation / (limit / Math.sqrt(3)) - 1)).toBeLessThan(noise);
  });

  test('he: normal with σ = √(2/fan-in) (He et al. 2015)', () => {
    const { mean, deviation } = moments(part(drawn('he'), spec));
    const sigma = Math.sqrt(2 / fanIn);
    expect(Math.abs(mean) / sigma).toBeLessThan(noise);
    expect(Math.abs(deviation / sigma - 1)).toBeLessThan(noise);
  });
});

test.each(['xavier', 'he', 'orthogonal'] as const)('%s starts with zero biases', kind => {
  for (const spec of biases) expect(moments(part(drawn(kind), spec)).largest).toBe(0);
});

test('normal holds for every weight, biases too', () => {
  const flat = drawn('normal', 3, 0.5);
  const { mean, deviation } = moments(flat);
  expect(Math.abs(mean - 3)).toBeLessThan(0.005);
  expect(Math.abs(deviation - 0.5)).toBeLessThan(0.005);
  for (const spec of biases) expect(Math.abs(moments(part(flat, spec)).mean - 3)).toBeLessThan(1);
});

test('truncated normal stays within 2σ and loses the deviation that goes with the tails', () => {
  const { mean, deviation, largest } = moments(drawn('truncated-normal', 0, 0.5));
  expect(largest).toBeLessThanOrEqual(1);
  expect(largest).toBeGreaterThan(0.999);
  expect(Math.abs(mean)).toBeLessThan(0.005);
  expect(Math.abs(deviation - 0.5 * 0.87962566)).toBeLessThan(0.005);
  const random = stream(5, 'images');
  for (let i = 0; i < 10_000; i++) expect(Math.abs(truncatedNormal(7, 2, random) - 7)).toBeLessThanOrEqual(4);
});

const kinds: readonly Distribution[] = ['normal', 'truncated-normal', 'xavier', 'he', 'orthogonal'];

test.each(kinds)('%s starts a norm as one: scale 1, shift 0, and draws nothing for it', kind => {
  const weightsOf = (norm: readonly LayerSpec[]): (readonly [Role, number[]])[] => {
    const own = buildNet(
      'norms',
      [{ layer: 'conv', filters: 2, kernel: 2 }, ...norm, { layer: 'flatten' }, { layer: 'dense', units: 3 }],
      [3, 3, 2],
    );
    const flat = drawWeights(own, { kind, mu: 0.3, sigma: 0.5 }, stream(1, 'weights'));
    return own.weights.map(weight => [weight.role, [...part(flat, weight)]] as const);
  };
  const plain = weightsOf([]);
  const norm = [
    ['scale', [1, 1]],
    ['shift', [0, 0]],
  ];
  expect(weightsOf([{ layer: 'groupNorm', groups: 1 }])).toEqual(plain.toSpliced(2, 0, ...(norm as never[])));
});

test('draws follow the stream: another member has other weights, the same one the same', () => {
  const at = (member: number): Buffer =>
    Buffer.from(
      drawWeights(net, { kind: 'xavier', mu: 0, sigma: 0 }, stream(1, 'weights', 0, member)).buffer,
    );
  expect(at(0).equals(at(0))).toBe(true);
  expect(at(0).equals(at(1))).toBe(false);
});

test.each<[Distribution, number, number]>([
  ['normal', 0.024992166087031364, 0.00015750275025832745],
  ['truncated-normal', 0.024992166087031364, 0.00010477750878892614],
  ['xavier', 0.04015615954995155, -9.189730115963926e-7],
  ['he', 0.1413770467042923, 0.00008420380959696112],
  ['orthogonal', 0.08896789699792862, 0.00004779746645085091],
])('golden values of %s: they are part of every published result', (kind, first, mean) => {
  const flat = drawn(kind);
  expect(flat[0]).toBe(first);
  expect(moments(flat).mean).toBe(mean);
});
