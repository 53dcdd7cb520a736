import { describe, expect, test } from 'vitest';
import { philox, purposes, stream } from '../../../src/shared/random/index.ts';

const words = (text: string): number[] => text.split(' ').map(word => Number.parseInt(word, 16));

describe('Philox4x32-10', () => {
  test.each([
    ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])(
    'counter %s, key %s: the check vector of its authors (Random123, kat_vectors)',
    (counter, key, result) => {
      const bits = philox(words(counter) as [number, number, number, number], words(key) as [number, number]);
      expect([...bits].map(word => word.toString(16).padStart(8, '0')).join(' ')).toBe(result);
    },
  );
});

/** xoshiro128++ as its authors write it, on unbounded integers. */
function* xoshiro(state: readonly number[]): Generator<number> {
  const cut = (x: bigint): bigint => BigInt.asUintN(32, x);
  const rotate = (x: bigint, k: bigint): bigint => cut(x << k) | (x >> (32n - k));
  const s = state.map(BigInt) as [bigint, bigint, bigint, bigint];
  for (;;) {
    yield Number(cut(rotate(cut(s[0] + s[3]), 7n) + s[0]));
    const t = cut(s[1] << 9n);
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11n);
  }
}

test('a stream is xoshiro128++ from the state that Philox gives for its name', () => {
  const [seed, step, member] = [123_456_789_012_345, 7, 3];
  const counter = [purposes.batch, step, member, 0] as const;
  const state = philox(counter, [seed % 2 ** 32, Math.floor(seed / 2 ** 32)]);
  const random = stream(seed, 'batch', step, member);
  const expected = xoshiro([...state]);
  for (let i = 0; i < 1000; i++) expect(random.bits()).toBe(expected.next().value);
});
