import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DistillError, type ErrorCode } from '../../../src/shared/errors.ts';
import {
  decodeAccuracy,
  decodeGradients,
  decodeState,
  decodeTrained,
  encodeAnswer,
  encodeState,
} from '../../../src/shared/messages/index.ts';
import { classes, sizes } from './frames.ts';

const floats = (length: number) =>
  fc.array(fc.float(), { minLength: length, maxLength: length }).map(values => Float32Array.from(values));
const state = fc.record(
  {
    images: floats(sizes.images),
    labels: floats(sizes.labels),
    eta: floats(sizes.eta),
    decay: floats(sizes.decay),
  },
  { noNullPrototype: true },
);
/** A loss of −0 arrives as 0. */
const gradient = fc.tuple(state, fc.double()).map(([parts, loss]) => ({ loss: loss + 0, ...parts }));
const accuracy = fc
  .uint32Array({ minLength: classes ** 2, maxLength: classes ** 2 })
  .map(confusion => ({ confusion }));
const trained = fc.tuple(floats(5), fc.double()).map(([weights, loss]) => ({ weights, loss: loss + 0 }));

describe('what is sent arrives, bit for bit', () => {
  test('a state', () =>
    fc.assert(fc.property(state, s => void expect(decodeState(encodeState(s), sizes)).toEqual(s))));

  test('gradients, also such as are not finite', () =>
    fc.assert(
      fc.property(
        fc.array(gradient, { minLength: 1, maxLength: 4 }),
        gradients =>
          void expect(decodeGradients(encodeAnswer({ gradients }), sizes, gradients.length)).toEqual(
            gradients,
          ),
      ),
    ));

  test('an accuracy', () =>
    fc.assert(
      fc.property(
        accuracy,
        a => void expect(decodeAccuracy(encodeAnswer({ accuracy: a }), classes)).toEqual(a),
      ),
    ));

  test('trained weights', () =>
    fc.assert(
      fc.property(trained, t => void expect(decodeTrained(encodeAnswer({ trained: t }), 5)).toEqual(t)),
    ));

  test.each<ErrorCode>(['non-finite', 'bad-data', 'lost-task'])('an error, as the same error: %s', code => {
    const error = new DistillError(code, 'there', { expected: 'a', found: 'b', fix: 'c' });
    const answer = encodeAnswer({ error: error.toData() });
    for (const decode of [
      () => decodeGradients(answer, sizes, 1),
      () => decodeAccuracy(answer, classes),
      () => decodeTrained(answer, 5),
    ]) {
      expect(decode).toThrow(error);
      try {
        decode();
      } catch (rebuilt) {
        expect(rebuilt).toMatchObject({
          name: 'DistillError',
          code,
          where: 'there',
          exitCode: error.exitCode,
        });
      }
    }
  });

  test('the same state is the same bytes', () =>
    fc.assert(fc.property(state, s => void expect(encodeState(structuredClone(s))).toEqual(encodeState(s)))));
});
