/** @file What host and distiller thread say to each other through comlink: calls, what is told meanwhile, and how a call ended. All of it is plain data: a class that
 *  is thrown across threads loses its class and fields. Knows no thread and no port. */
import type { ProxyMarked } from 'comlink';
import type { RunEvent } from '../coordinator/events.ts';
import type { AccuracyOver } from '../coordinator/judge.ts';
import type { Result } from '../result.ts';
import type { DistilledSet } from '../shared/artifacts/index.ts';
import type { Options } from '../shared/config/index.ts';
import type { Progress } from '../shared/data/index.ts';
import { DistillError, type ErrorData } from '../shared/errors.ts';

/** What a call can tell while it goes on, by the name of the listener. */
export interface Told {
  readonly onEvent: RunEvent;
  readonly onDownload: Progress;
  readonly onNotice: string;
}
export type News = { [L in keyof Told]: { readonly to: L; readonly value: Told[L] } }[keyof Told];
/** Whom a call tells: only what has a listener crosses. */
export type Listened = readonly (keyof Told)[];
/** Takes news in the host, in order. It answers when the listeners have seen them. */
export type Tell = ((news: readonly News[]) => void) & ProxyMarked;

/** How a call ended. `aborted`: by its signal, whose reason stays with the host. */
export type Outcome<T> =
  | { readonly value: T }
  | { readonly error: ErrorData }
  | { readonly aborted: true }
  | { readonly thrown: unknown };

/** With every call: its number, by which `abort` names it, and who is told what. */
export type To = [call: number, listened: Listened, tell: Tell];

/** A run's checkpoints, as `SessionOptions` has them. */
export interface Kept {
  readonly checkpoints?: string | undefined;
  readonly resume?: boolean | 'auto' | undefined;
}

/** What the thread does for its host. */
export interface DistillerCalls {
  distill(options: Options, kept: Kept, ...to: To): Promise<Outcome<Result>>;
  evaluate(set: DistilledSet, options: Options, ...to: To): Promise<Outcome<AccuracyOver>>;
  abort(call: number): void;
}

/** What the thread is given at its start. */
export interface DistillerData {
  /** Of the host, whose exit would tear it down (src/shared/exitGuard.ts). */
  readonly guard: SharedArrayBuffer;
}

/** What `work` comes to, as data. Never rejects. */
export async function outcomeOf<T>(work: () => Promise<T>, signal: AbortSignal): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (signal.aborted && error === signal.reason) return { aborted: true };
    if (error instanceof DistillError) return { error: error.toData() };
    return { thrown: error instanceof Error ? error : String(error) };
  }
}

/** The other way: the value, or the error as it was thrown; a DistillError is one again. @param reason  of the host, for a call that it aborted */
export function fromOutcome<T>(outcome: Outcome<T>, reason: unknown): T {
  if ('value' in outcome) return outcome.value;
  if ('error' in outcome) throw DistillError.fromData(outcome.error);
  throw 'aborted' in outcome ? reason : outcome.thrown;
}
