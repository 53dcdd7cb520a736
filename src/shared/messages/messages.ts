/** @file What coordinator and workers say to each other, as bytes: one msgpackr frame per message. Every frame is checked before use: its size, its kind, its
 *  array lengths. Knows no transport and no mathematics. */
import { Packr } from 'msgpackr';
import { DistillError, type ErrorData, messageOf } from '../errors.ts';

/** One question to a worker. A task is stateless: it can run twice, anywhere, and gives the same answer. */
export type Task =
  /** The meta-gradient of ensemble member `member` at outer step `step`. */
  | { readonly kind: 'gradient'; readonly step: number; readonly member: number }
  /** What fresh network `net` of architecture number `model` takes the images of `part` for, after it learned by `recipe`. */
  | {
      readonly kind: 'accuracy';
      readonly step: number;
      readonly part: 'validation' | 'test';
      readonly model: number;
      readonly net: number;
      readonly recipe: Recipe;
    }
  /** Network `net` of architecture number `model`, trained on the real training images for `epochs` passes. */
  | { readonly kind: 'pretrain'; readonly model: number; readonly net: number; readonly epochs: number };

/** How a fresh network learns before it is judged. `none`: not at all · `schedule`: the inner steps on the broadcast set with its own η̃ · `converged`:
 *  SGD with momentum on the broadcast set until its loss stops falling · `full`: the same on all real training images. */
export type Recipe = 'none' | 'schedule' | 'converged' | 'full';

/** The distilled set on its way to the workers: x̃ (M·H·W·C, in the network's space), ỹ (M·K), η̃ (1, N or N·L), and λ, as many as η̃ or none. */
export type DistilledState = Readonly<Record<Part, Float32Array>>;

/** What is learned. */
export const parts = ['images', 'labels', 'eta', 'decay'] as const;
export type Part = (typeof parts)[number];

/** A member's loss in nats and its gradients, shaped as the state. */
export interface Gradient extends DistilledState {
  readonly loss: number;
}

/** The confusion matrix (K·K) of one network: row c column p counts the images of class c that it takes for class p. */
export interface Accuracy {
  readonly confusion: Uint32Array;
}

/** A trained network: its weights (P), and its loss on the last epoch in nats. */
export interface Trained {
  readonly weights: Float32Array;
  readonly loss: number;
}

type Answer =
  | { readonly gradient: Gradient }
  | { readonly accuracy: Accuracy }
  | { readonly trained: Trained }
  | { readonly error: ErrorData };

/** Larger than any real frame (x̃ of a thousand 224×224×3 images is 600 MB; what is distilled here is far below). */
const frameLimitBytes = 256 * 2 ** 20;

const packr = new Packr({ moreTypes: true, useRecords: false });

export const encodeState = ({ images, labels, eta, decay }: DistilledState): Uint8Array =>
  packr.pack({ images, labels, eta, decay });
export const encodeAnswer = (answer: Answer): Uint8Array => packr.pack(answer);

/** @throws DistillError 'bad-file' when the frame is no state of the expected sizes. */
export function decodeState(bytes: Uint8Array, sizes: StateSizes): DistilledState {
  const state = unpack(bytes, 'state') as DistilledState;
  checkArrays(state, sizes, 'state');
  return state;
}

/** Numbers of elements of x̃, ỹ, η̃ and λ. */
export type StateSizes = Readonly<Record<Part, number>>;

/** A member's gradient from its answer. @throws the worker's DistillError, rebuilt; or 'bad-file' when the frame is no such answer. */
export function decodeGradient(bytes: Uint8Array, sizes: StateSizes): Gradient {
  const { gradient } = answerIn(bytes) as { gradient?: Gradient };
  if (typeof gradient?.loss !== 'number') throw foreign('gradient', 'no loss');
  checkArrays(gradient, sizes, 'gradient');
  return gradient;
}

/** The confusion matrix of a network on images of K classes. @throws as decodeGradient. */
export function decodeAccuracy(bytes: Uint8Array, classes: number): Accuracy {
  const { accuracy } = answerIn(bytes) as { accuracy?: Accuracy };
  const confusion: unknown = accuracy?.confusion;
  if (!(confusion instanceof Uint32Array) || confusion.length !== classes ** 2)
    throw foreign('accuracy', `no confusion matrix of ${classes} classes`);
  return { confusion };
}

/** A trained network of `weightCount` weights. @throws as decodeGradient. */
export function decodeTrained(bytes: Uint8Array, weightCount: number): Trained {
  const { trained } = answerIn(bytes) as { trained?: Trained };
  const { weights, loss } = (trained ?? {}) as Partial<Record<keyof Trained, unknown>>;
  if (!(weights instanceof Float32Array) || weights.length !== weightCount || typeof loss !== 'number')
    throw foreign('trained', `no ${weightCount} weights and loss`);
  return { weights, loss };
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

function checkArrays(value: Partial<Record<Part, unknown>>, sizes: StateSizes, kind: string): void {
  for (const name of parts) {
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
