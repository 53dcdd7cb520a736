import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DistillError } from '../../../src/shared/errors.ts';
import { encodeState } from '../../../src/shared/messages/index.ts';
import { damage, damaged } from '../artifacts/arbitraries.ts';
import { decodedOrRefused, decoders, example, pack } from './frames.ts';

describe('foreign frames are refused', () => {
  const { state: [decode], gradients: [decodeG], accuracy: [decodeA], trained: [decodeT] } = decoders; // biome-ignore format: one line
  const refusal = (kind: string, found: string): string =>
    `message '${kind}': expected a frame of this program, found ${found}; use the same version everywhere`;
  const noGradients = refusal('gradients', 'no list of 2 gradients');
  const noMatrix = refusal('accuracy', 'no confusion matrix of 2 classes');
  const noWeights = refusal('trained', 'no 5 weights and loss');

  test.each<[string, () => unknown, string]>([
    ['no bytes', () => decode(new Uint8Array()), refusal('state', '0 bytes, less than a head')],
    ['a number', () => decode(pack('state', 7)), refusal('state', 'no object')],
    ['null', () => decode(pack('state', null)), refusal('state', 'no object')],
    [
      'an empty object',
      () => decode(pack('state', {})),
      refusal('state', 'images of undefined, not 12 floats'),
    ],
    [
      'fewer pixels',
      () => decode(pack('state', { ...example, images: new Float32Array(11) })),
      refusal('state', 'images of 11, not 12 floats'),
    ],
    [
      'more labels',
      () => decode(pack('state', { ...example, labels: new Float32Array(7) })),
      refusal('state', 'labels of 7, not 6 floats'),
    ],
    [
      'doubles',
      () => decode(pack('state', { ...example, eta: new Float64Array(3) })),
      refusal('state', 'eta of object, not 3 floats'),
    ],
    [
      'a list',
      () => decode(pack('state', { ...example, eta: [1, 2, 3] })),
      refusal('state', 'eta of object, not 3 floats'),
    ],
    [
      'a state for gradients',
      () => decodeG(encodeState(example)),
      refusal('answer', 'a frame of kind state'),
    ],
    ['an accuracy for gradients', () => decodeG(decoders.accuracy[1]), noGradients],
    [
      'one gradient for two',
      () => decodeG(pack('answer', { gradients: [{ ...example, loss: 1 }] })),
      noGradients,
    ],
    [
      'three gradients for two',
      () => decodeG(pack('answer', { gradients: new Array(3).fill({ ...example, loss: 1 }) })),
      noGradients,
    ],
    ['a number of gradients', () => decodeG(pack('answer', { gradients: { length: 2 } })), noGradients],
    [
      'a gradient that is null',
      () => decodeG(pack('answer', { gradients: [{ ...example, loss: 1 }, null] })),
      refusal('gradients', 'one without a loss'),
    ],
    [
      'a second gradient of other sizes',
      () =>
        decodeG(
          pack('answer', {
            gradients: [1, 2].map(loss => ({ ...example, loss, eta: new Float32Array(loss + 2) })),
          }),
        ),
      refusal('gradients', 'eta of 4, not 3 floats'),
    ],
    [
      'a state without a decay',
      () => decode(pack('state', { ...example, decay: undefined })),
      refusal('state', 'decay of undefined, not 3 floats'),
    ],
    ['gradients for an accuracy', () => decodeA(decoders.gradients[1]), noMatrix],
    [
      'halves of images',
      () => decodeA(pack('answer', { accuracy: { confusion: Float32Array.of(0.5, 0, 0, 0.5) } })),
      noMatrix,
    ],
    ['counts in a list', () => decodeA(pack('answer', { accuracy: { confusion: [1, 0, 0, 1] } })), noMatrix],
    [
      'the matrix of other classes',
      () => decodeA(pack('answer', { accuracy: { confusion: new Uint32Array(9) } })),
      noMatrix,
    ],
    ['an accuracy for trained weights', () => decodeT(decoders.accuracy[1]), noWeights],
    [
      'weights of another network',
      () => decodeT(pack('answer', { trained: { weights: new Float32Array(4), loss: 1 } })),
      noWeights,
    ],
    [
      'trained weights without a loss',
      () => decodeT(pack('answer', { trained: { weights: new Float32Array(5) } })),
      noWeights,
    ],
    [
      'a loss in words',
      () => decodeG(pack('answer', { gradients: new Array(2).fill({ ...example, loss: 'low' }) })),
      refusal('gradients', 'one without a loss'),
    ],
    [
      'an error that is null',
      () => decodeG(pack('answer', { error: null })),
      refusal('answer', 'an error of unknown form'),
    ],
    [
      'an error that says nothing',
      () => decodeA(pack('answer', { error: { code: 'usage' } })),
      refusal('answer', 'an error of unknown form'),
    ],
    [
      'a call without a task',
      () => decoders.call[0](pack('call', { state: Uint8Array.of(1) })),
      refusal('call', 'no task, or a state that is none'),
    ],
    [
      'a call with a state in words',
      () => decoders.call[0](pack('call', { task: Uint8Array.of(1), state: 'new' })),
      refusal('call', 'no task, or a state that is none'),
    ],
    [
      'a call for a preparation',
      () => decoders.preparation[0](decoders.call[1]),
      refusal('call', 'no job and directory'),
    ],
    [
      'an answer that is not ready',
      () => decoders.ready[0](decoders.accuracy[1]),
      refusal('answer', 'one that is not ready'),
    ],
    [
      '256 MiB and a byte',
      () => decode(new Uint8Array(256 * 2 ** 20 + 1)),
      refusal('state', '268435457 bytes'),
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(DistillError);
    expect(run).toThrow(message);
    expect(run).toThrow(expect.objectContaining({ code: 'bad-file' }));
  });

  test.each(Object.entries(decoders))('a %s cut off anywhere', (_, [decode, bytes]) => {
    for (let length = 0; length < bytes.length; length++)
      expect(decodedOrRefused(() => decode(bytes.subarray(0, length)))).toBeUndefined();
  });

  test.each(Object.entries(decoders))('a damaged %s', (_, [decode, bytes]) =>
    fc.assert(
      fc.property(damage, damages => {
        const mutant = damaged(bytes, damages);
        fc.pre(!Buffer.from(mutant).equals(bytes));
        expect(decodedOrRefused<object>(() => decode(mutant))).toBeUndefined();
      }),
      { numRuns: 500 },
    ),
  );

  test('bytes of any kind are refused', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
        for (const [decode] of Object.values(decoders)) decodedOrRefused<unknown>(() => decode(bytes));
      }),
      { numRuns: 500 },
    ));
});
