/** @file A run: its steps, the validations between them, the choice of the set, and the test at the end. In: job, plan, transport, and where to go on from. Out: events,
 *  snapshots and the chosen set. Knows the order of things; no engine, no file, no terminal. Source: Markov 2020, the Distillator's train and get_result. */
import { type Job, networksFor, type Plan } from '../shared/config/index.ts';
import { encodeState, parts } from '../shared/messages/index.ts';
import { chosen, type SetAt, withCandidate } from './candidates.ts';
import type { RunEvent, StepEvent } from './events.ts';
import { type AccuracyOver, confusions, shareRight, summary } from './judge.ts';
import { norm } from './optimiser.ts';
import { beginning, type Keep, type Snapshot } from './snapshot.ts';
import type { MeanGradient, State } from './state.ts';
import { trajectory } from './trajectory.ts';
import type { Transport } from './transport.ts';
import { type Verdict, verdict } from './verdict.ts';

/** How a run ended. */
export interface Outcome {
  /** The chosen state: by validation; the last one when there was none or the run was interrupted. */
  readonly state: SetAt;
  /** In all sittings. */
  readonly steps: number;
  /** Of the last step, in nats; NaN when there was none. */
  readonly finalLoss: number;
  /** Of the distillation alone, from the first question to the last update, in all sittings. */
  readonly wallSeconds: number;
  readonly interrupted: boolean;
  /** On the test images, read once, at the end; undefined when interrupted. */
  readonly verdict: Verdict | undefined;
}

export interface Continuation {
  /** Where to go on; the beginning unless told. */
  readonly from?: Snapshot | undefined;
  readonly keep?: Keep | undefined;
}

/** Distils. Ends early, after the step in hand, when `signal` aborts. From any snapshot of a run it comes to the same end as that run.
 *  @throws DistillError 'non-finite' naming step and member; 'lost-task'. */
export async function* run(
  job: Job,
  plan: Plan,
  transport: Transport,
  signal?: AbortSignal,
  { from, keep = async () => undefined }: Continuation = {},
): AsyncGenerator<RunEvent, Outcome> {
  const { config } = job;
  const interrupted = (): boolean => signal?.aborted ?? false;
  let now = from ?? beginning(config, plan);
  const began = performance.now() - 1000 * now.wallSeconds;
  const wallSeconds = (): number => (performance.now() - began) / 1000;

  if (validationIsDue(now, job, plan)) {
    await transport.broadcast(now.state.step, encodeState(now.state)); // the run ended in this validation, or just before it
    now = yield* validated(now, job, plan, transport, signal);
  }
  const ended = from !== undefined && interrupted(); // before the first step in hand; a run that begins makes that one
  let stepBegan = performance.now();
  for await (const { state, gradient, left } of ended ? [] : trajectory(job, plan, transport, now.state)) {
    const ms = performance.now() - stepBegan;
    now = { ...now, state, finalLoss: gradient.loss, wallSeconds: wallSeconds() };
    for (const message of left) yield { type: 'notice', message };
    yield stepEvent(state, gradient, ms);
    await keep(now, false);
    if (validationIsDue(now, job, plan) && !interrupted()) {
      now = { ...(yield* validated(now, job, plan, transport, signal)), wallSeconds: wallSeconds() };
      await keep(now, false);
    }
    if (interrupted()) break;
    stepBegan = performance.now();
  }
  await keep(now, true);

  const { candidates, finalLoss } = now;
  const steps = now.state.step;
  const best =
    candidates.length > 0 && !interrupted() ? chosen(candidates, plan.validation).state : now.state;
  await transport.broadcast(best.step, encodeState(best));
  const tested = networksFor(job.pools, plan.names, 'test', config.evalNets);
  if (!interrupted()) yield { type: 'testing', nets: tested, checkpoint: best.step };
  const judged = interrupted() ? undefined : await verdict(job, plan, transport, best.step, signal);
  return {
    state: best,
    steps,
    finalLoss,
    wallSeconds: now.wallSeconds,
    interrupted: interrupted(),
    verdict: judged,
  };
}

/** Whether the state of `now` is to be validated and was not: the latest candidate is always among the candidates. */
function validationIsDue(
  { state: { step }, candidates }: Snapshot,
  { config }: Job,
  { steps, validation }: Plan,
): boolean {
  const every = config.validateEvery ?? Math.max(1, Math.ceil(steps / 20));
  const due = step > 0 && validation > 0 && (step % every === 0 || step === steps);
  return due && candidates.at(-1)?.state.step !== step;
}

const stepEvent = ({ step, eta, decay }: State, gradient: MeanGradient, ms: number): StepEvent => ({
  type: 'step',
  step,
  loss: gradient.loss,
  eta: [...eta],
  ...(decay.length > 0 && { decay: [...decay] }),
  norms: normsOf(gradient),
  ms,
});

const normsOf = (gradient: MeanGradient): StepEvent['norms'] =>
  Object.fromEntries(
    parts.flatMap(part => (gradient[part].length > 0 ? [[part, norm(gradient[part])]] : [])),
  ) as StepEvent['norms'];

/** Validates the broadcast state of `now`, and tells it. @returns `now` with a candidate more; as it was when `signal` aborts meanwhile. */
async function* validated(
  now: Snapshot,
  job: Job,
  plan: Plan,
  transport: Transport,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent, Snapshot> {
  const { moments: _, ...state } = now.state;
  const accuracy = await accuracyOf(job, plan, transport, state.step, signal);
  if (accuracy === undefined) return now;
  const candidates = withCandidate(now.candidates, { state, accuracy });
  const { step } = state;
  yield { type: 'validation', step, accuracy, chosen: chosen(candidates, plan.validation).state.step };
  return { ...now, candidates, validations: [...now.validations, { step, accuracy: accuracy.mean }] };
}

/** Accuracy of the broadcast set over fresh networks on held-out training images; undefined when the signal aborts meanwhile. */
async function accuracyOf(
  { config, pools }: Job,
  plan: Plan,
  transport: Transport,
  step: number,
  signal?: AbortSignal,
): Promise<AccuracyOver | undefined> {
  const nets = networksFor(pools, plan.names, 'validation', config.validationNets);
  const examination = { step, part: 'validation', nets, recipe: 'schedule' } as const;
  const matrices = await confusions(transport, plan, examination, signal);
  return matrices && summary(matrices.map(confusion => shareRight(confusion, plan.targets)));
}
