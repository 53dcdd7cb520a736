/** @file What coordinator and workers say to each other, as bytes: one msgpackr frame per message. Every frame is checked before use: its size, its kind, its
 *  array lengths. Knows no transport and no mathematics. */
import { Packr } from 'msgpackr';
import { DistillError, type ErrorData, messageOf } from '../errors.ts';

/** One question to a worker. A task is stateless: it can run twice, anywhere, and gives the same answer. */
export type Task =
  /** The meta-gradient of ensemble member `member` at outer step `step`. */
  | { readonly kind: 'gradient'; readonly step: number; readonly member: number }
  /** Images of `part` that fresh network `net` of architecture number `model` classifies rightly after the inner steps on the broadcast set. */
  | {
      readonly kind: 'accuracy';
      readonly step: number;
      readonly part: 'validation' | 'test';
      readonly model: number;
      readonly net: number;
    };

/** The distilled set on its way to the workers: x̃ (M·H·W·C, in the network's space), ỹ (M·K), η̃ (1 or N). */
export interface DistilledState {
  readonly images: Float32Array;
  readonly labels: Float32Array;
  readonly eta: Float32Array;
}

/** A member's loss in nats and its gradients, shaped as the state. */
export interface Gradient {
  readonly loss: number;
  readonly images: Float32Array;
  readonly labels: Float32Array;
  readonly eta: Float32Array;
}

export interface Accuracy {
  readonly correct: number;
  readonly total: number;
}

type Answer =
  | { readonly gradient: Gradient }
  | { readonly accuracy: Accuracy }
  | { readonly error: ErrorData };

/** Larger than any real frame (x̃ of a thousand 224×224×3 images is 600 MB; what is distilled here is far below). */
const frameLimitBytes = 256 * 2 ** 20;

const packr = new Packr({ moreTypes: true, useRecords: false });

export const encodeState = ({ images, labels, eta }: DistilledState): Uint8Array =>
  packr.pack({ images, labels, eta });
export const encodeAnswer = (answer: Answer): Uint8Array => packr.pack(answer);

/** @throws DistillError 'bad-file' when the frame is no state of the expected sizes. */
export function decodeState(bytes: Uint8Array, sizes: StateSizes): DistilledState {
  const state = unpack(bytes, 'state') as DistilledState;
  checkArrays(state, sizes, 'state');
  return state;
}

/** Numbers of elements of x̃, ỹ and η̃. */
export interface StateSizes {
  readonly images: number;
  readonly labels: number;
  readonly eta: number;
}

/** A member's gradient from its answer. @throws the worker's DistillError, rebuilt; or 'bad-file' when the frame is no such answer. */
export function decodeGradient(bytes: Uint8Array, sizes: StateSizes): Gradient {
  const { gradient } = answerIn(bytes) as { gradient?: Gradient };
  if (typeof gradient?.loss !== 'number') throw foreign('gradient', 'no loss');
  checkArrays(gradient, sizes, 'gradient');
  return gradient;
}

/** @throws as decodeGradient. */
export function decodeAccuracy(bytes: Uint8Array): Accuracy {
  const { accuracy } = answerIn(bytes) as { accuracy?: Accuracy };
  const { correct = Number.NaN, total = Number.NaN } = accuracy ?? {};
  if (!Number.isInteger(correct) || !Number.isInteger(total) || correct < 0 || correct > total)
    throw foreign('accuracy', 'no counts');
  return { correct, total };
}

function answerIn(bytes: Uint8Array): object {
  const answer = unpack(bytes, 'answer') as { error?: unknown };
  if (answer.error === undefined) return answer;
  if (!isErrorData(answer.error)) throw foreign('answer', 'an error of unknown form');
  throw DistillError.fromData(answer.error);
}

const isErrorData = (value: unknown): value is ErrorData =>
  typeof value === 'object' &&
  value !== null &&
  ['code', 'where', 'expected', 'found', 'fix'].every(
    field => typeof (value as Record<string, unknown>)[field] === 'string',
  );

function unpack(bytes: Uint8Array, kind: string): object {
  if (bytes.byteLength > frameLimitBytes) throw foreign(kind, `${bytes.byteLength} bytes`);
  try {
    const value: unknown = packr.unpack(bytes);
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw foreign(kind, messageOf(cause).slice(0, 80));
  }
  throw foreign(kind, 'no object');
}

function checkArrays(
  value: Partial<Record<keyof StateSizes, unknown>>,
  sizes: StateSizes,
  kind: string,
): void {
  for (const name of ['images', 'labels', 'eta'] as const) {
    const data = value[name];
    if (!(data instanceof Float32Array) || data.length !== sizes[name])
      throw foreign(
        kind,
        `${name} of ${data instanceof Float32Array ? data.length : typeof data}, not ${sizes[name]} floats`,
      );
  }
}

const foreign = (kind: string, found: string): DistillError =>
  new DistillError('bad-file', `message '${kind}'`, {
    expected: `a frame of this program`,
    found,
    fix: 'use the same version everywhere',
  });
