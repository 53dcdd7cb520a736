/** @file What workers answer and what is broadcast to them, as frames. All of it is checked before use: kinds, array lengths, types. Knows no transport and no
 *  mathematics. */
import { z } from 'zod';
import { DistillError, type ErrorData, errorCodes } from '../errors.ts';
import { decodeFrame, encodeFrame, foreign } from './frame.ts';

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
  | { readonly gradients: readonly Gradient[] }
  | { readonly accuracy: Accuracy }
  | { readonly trained: Trained }
  | { readonly ready: true }
  | { readonly error: ErrorData };

export const encodeState = ({ images, labels, eta, decay }: DistilledState): Uint8Array =>
  encodeFrame('state', { images, labels, eta, decay });
export const encodeAnswer = (answer: Answer): Uint8Array => encodeFrame('answer', answer);

/** @throws DistillError 'bad-file' when the frame is no state of the expected sizes. */
export function decodeState(bytes: Uint8Array, sizes: StateSizes): DistilledState {
  const state = decodeFrame(bytes, 'state') as DistilledState;
  checkArrays(state, sizes, 'state');
  return state;
}

/** Numbers of elements of x̃, ỹ, η̃ and λ. */
export type StateSizes = Readonly<Record<Part, number>>;

/** The gradients of `count` members from their answer, in member order. @throws the worker's DistillError, rebuilt; or 'bad-file' when the frame is no such answer. */
export function decodeGradients(bytes: Uint8Array, sizes: StateSizes, count: number): readonly Gradient[] {
  const { gradients } = answerIn(bytes) as { gradients?: readonly (Gradient | null)[] };
  if (!Array.isArray(gradients) || gradients.length !== count)
    throw foreign('gradients', `no list of ${count} gradients`);
  for (const gradient of gradients) {
    if (typeof gradient?.loss !== 'number') throw foreign('gradients', 'one without a loss');
    checkArrays(gradient, sizes, 'gradients');
  }
  return gradients;
}

/** The confusion matrix of a network on images of K classes. @throws as decodeGradients. */
export function decodeAccuracy(bytes: Uint8Array, classes: number): Accuracy {
  const { accuracy } = answerIn(bytes) as { accuracy?: Accuracy };
  const confusion: unknown = accuracy?.confusion;
  if (!(confusion instanceof Uint32Array) || confusion.length !== classes ** 2)
    throw foreign('accuracy', `no confusion matrix of ${classes} classes`);
  return { confusion };
}

/** A trained network of `weightCount` weights. @throws as decodeGradients. */
export function decodeTrained(bytes: Uint8Array, weightCount: number): Trained {
  const { trained } = answerIn(bytes) as { trained?: Trained };
  const { weights, loss } = (trained ?? {}) as Partial<Record<keyof Trained, unknown>>;
  if (!(weights instanceof Float32Array) || weights.length !== weightCount || typeof loss !== 'number')
    throw foreign('trained', `no ${weightCount} weights and loss`);
  return { weights, loss };
}

/** The answer of a worker that is ready for tasks. @throws as decodeGradients. */
export function decodeReady(bytes: Uint8Array): void {
  if ((answerIn(bytes) as { ready?: unknown }).ready !== true)
    throw foreign('answer', 'one that is not ready');
}

function answerIn(bytes: Uint8Array): object {
  const answer = decodeFrame(bytes, 'answer') as { error?: unknown };
  const error = errorOf(answer);
  if (error !== undefined) throw error;
  return answer;
}

/** The error that a worker answers with, if it does. @throws DistillError 'bad-file' when the frame is no answer. */
export const errorIn = (bytes: Uint8Array): DistillError | undefined => errorOf(decodeFrame(bytes, 'answer'));

function errorOf({ error }: { error?: unknown }): DistillError | undefined {
  if (error === undefined) return undefined;
  if (!isErrorData(error)) throw foreign('answer', 'an error of unknown form');
  return DistillError.fromData(error);
}

const isErrorData = (value: unknown): value is ErrorData => ErrorSchema.safeParse(value).success;

const text = z.string().max(10_000);
const count = z.int().min(0);
const ErrorSchema = z.object({
  code: z.enum(errorCodes),
  where: text,
  expected: text,
  found: text,
  fix: text,
  task: z.object({ step: count, member: count, seed: count, run: text.optional() }).optional(),
});

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
