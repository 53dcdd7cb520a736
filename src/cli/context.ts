/** @file What a command gets from the process. */
import type { Interruptions } from './signals.ts';

export interface Context {
  readonly interruptions: Interruptions;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Milliseconds. */
  readonly now: () => number;
}
