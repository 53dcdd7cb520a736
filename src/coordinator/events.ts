/** @file What a run tells while it goes on. Plain data: the CLI prints it as JSON lines. */
import type { Config, withoutConnection } from '../shared/config/index.ts';
import type { Part } from '../shared/messages/index.ts';
import type { AccuracyOver } from './judge.ts';
import type { ValidationPoint } from './snapshot.ts';

export type RunEvent =
  | RunStart
  | StepEvent
  /** Accuracy on held-out training images; `chosen` is the step whose set would be the result now. */
  | {
      readonly type: 'validation';
      readonly step: number;
      readonly accuracy: AccuracyOver;
      readonly chosen: number;
    }
  /** The set chosen by validation, of step `checkpoint`, meets the test images. */
  | { readonly type: 'testing'; readonly nets: number; readonly checkpoint: number }
  /** Something a person should know; no result depends on it. */
  | { readonly type: 'notice'; readonly message: string };

/** After an outer step: `loss` in nats, mean over members and batch; `eta` after the clamp, one, N or N·L, and `decay` as many where it is learned;
 *  `norms` of the mean gradient; `ms` for the whole step. */
export interface StepEvent {
  readonly type: 'step';
  readonly step: number;
  readonly loss: number;
  readonly eta: readonly number[];
  readonly decay?: readonly number[];
  readonly norms: Readonly<Record<Exclude<Part, 'decay'>, number>> & { readonly decay?: number };
  readonly ms: number;
}

/** The first event: all that decides the result, and where it is computed. */
export interface RunStart {
  readonly type: 'start';
  /** Every option resolved, `steps` and `workers` too. */
  readonly config: ReturnType<typeof withoutConnection<Config>>;
  readonly steps: number;
  readonly members: readonly string[];
  readonly workers: number;
  /** Where a run that ended before goes on: after `step` steps; and what was validated by then. */
  readonly resumed?: { readonly step: number; readonly validations: readonly ValidationPoint[] };
  readonly data: {
    readonly name: string;
    readonly checksum: string;
    readonly source: string;
    readonly train: number;
    readonly test: number;
  };
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: {
    readonly platform: string;
    readonly arch: string;
    readonly cpu: string;
    /** Of CPU, as far as it decides bytes: 'linux-x64-avx2'. */
    readonly kind: string;
    readonly cores: number;
  };
}
