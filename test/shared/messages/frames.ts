/** @file Frames of every kind, and what a decoder may do with bytes that nobody vouches for. */
import { expect } from 'vitest';
import { DistillError } from '../../../src/shared/errors.ts';
import {
  decodeAccuracy,
  decodeCall,
  decodeGradients,
  decodePreparation,
  decodeReady,
  decodeState,
  decodeTask,
  decodeTrained,
  encodeAnswer,
  encodeCall,
  encodeFrame,
  encodePreparation,
  encodeState,
  encodeTask,
  type FrameKind,
  type StateSizes,
} from '../../../src/shared/messages/index.ts';

export const sizes: StateSizes = { images: 12, labels: 6, eta: 3, decay: 3 };

export const example = {
  images: new Float32Array(12).fill(1),
  labels: new Float32Array(6),
  eta: new Float32Array(3),
  decay: new Float32Array(3),
};
export const classes = 2;
export const ranges = { steps: 3, members: 3, models: 2 };
const confusion = Uint32Array.of(3, 1, 0, 4);
const exampleError = { code: 'bad-data', where: 'w', expected: 'e', found: 'f', fix: 'x' } as const;
/** A whole frame of any value at all. */
export const pack = (kind: FrameKind, value: unknown): Uint8Array => encodeFrame(kind, value as object);

/** Each decoder, and the answer or state that it reads. */
export const decoders = {
  state: [(bytes: Uint8Array) => decodeState(bytes, sizes), encodeState(example)],
  gradients: [
    (bytes: Uint8Array) => decodeGradients(bytes, sizes, 2),
    encodeAnswer({ gradients: [1, 2].map(loss => ({ loss, ...example })) }),
  ],
  accuracy: [
    (bytes: Uint8Array) => decodeAccuracy(bytes, classes),
    encodeAnswer({ accuracy: { confusion } }),
  ],
  trained: [
    (bytes: Uint8Array) => decodeTrained(bytes, 5),
    encodeAnswer({ trained: { weights: new Float32Array(5).fill(1), loss: 0.5 } }),
  ],
  task: [
    (bytes: Uint8Array) => decodeTask(bytes, ranges),
    encodeTask({ kind: 'gradient', step: 1, member: 1, count: 2 }),
  ],
  call: [decodeCall, encodeCall({ task: Uint8Array.of(1, 2), state: Uint8Array.of(3) })],
  preparation: [decodePreparation, encodePreparation({ job: Uint8Array.of(1), directory: '/tmp/x' })],
  ready: [(bytes: Uint8Array) => decodeReady(bytes) ?? bytes, encodeAnswer({ ready: true })],
  error: [(bytes: Uint8Array) => decodeGradients(bytes, sizes, 2), encodeAnswer({ error: exampleError })],
} as const;

/** What `decode` gives, or undefined when it refuses; anything it throws must be a DistillError in one bounded line. */
export function decodedOrRefused<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    expect(error).toBeInstanceOf(DistillError);
    expect((error as DistillError).message).toMatch(/^[^\n]{1,700}$/);
    expect(typeof (error as DistillError).code).toBe('string');
    return undefined;
  }
}
