/** @file All that a run is between two steps. A value: from it a run goes on as if it had never ended. Knows no file. */
import type { Config, Plan } from '../shared/config/index.ts';
import type { Candidate } from './candidates.ts';
import { initialState, type State } from './state.ts';

export interface Snapshot {
  readonly state: State;
  /** The validated states that can still be chosen, in order of step. */
  readonly candidates: readonly Candidate[];
  /** Every validation so far, for the curve: its step, and the mean accuracy in [0, 1]. */
  readonly validations: readonly ValidationPoint[];
  /** Of the last step, in nats; NaN when there was none. */
  readonly finalLoss: number;
  /** Of the distillation so far, in all sittings. */
  readonly wallSeconds: number;
}

export interface ValidationPoint {
  readonly step: number;
  readonly accuracy: number;
}

/** Where a run begins. */
export const beginning = (config: Config, plan: Plan): Snapshot => ({
  state: initialState(config, plan),
  candidates: [],
  validations: [],
  finalLoss: Number.NaN,
  wallSeconds: 0,
});

/** Takes the snapshots of a run: after each step and each validation, when their events were told; awaited. `over`: the run takes no further step.
 *  Whether, where and how often they are kept is the taker's. */
export type Keep = (snapshot: Snapshot, over: boolean) => Promise<void>;
