/** @file A run: its steps, the validations between them, the choice of a checkpoint, and the test at the end. In: job, plan, transport. Out: events and the chosen set.
 *  Knows the order of things; no engine, no file, no terminal. Source: Markov 2020, the Distillator's train and get_result. */
import { type Job, networksFor, type Plan } from '../shared/config/index.ts';
import { encodeState, parts } from '../shared/messages/index.ts';
import { type Checkpoint, chosen } from './checkpoint.ts';
import type { RunEvent, StepEvent } from './events.ts';
import { type AccuracyOver, confusions, shareRight, summary } from './judge.ts';
import { norm } from './optimiser.ts';
import { initialState, type MeanGradient, type State } from './state.ts';
import { trajectory } from './trajectory.ts';
import type { Transport } from './transport.ts';
import { type Verdict, verdict } from './verdict.ts';

/** How a run ended. */
export interface Outcome {
  /** The chosen state: by validation; the last one when there was none or the run was interrupted. */
  readonly state: State;
  readonly steps: number;
  /** Of the last step, in nats; NaN when there was none. */
  readonly finalLoss: number;
  /** Of the distillation alone, from the first question to the last update. */
  readonly wallSeconds: number;
  readonly interrupted: boolean;
  /** On the test images, read once, at the end; undefined when interrupted. */
  readonly verdict: Verdict | undefined;
}

/** Distils. Ends early, after the step in hand, when `signal` aborts. @throws DistillError 'non-finite' naming step and member; 'lost-task'. */
export async function* run(
  job: Job,
  plan: Plan,
  transport: Transport,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent, Outcome> {
  const { config } = job;
  const interrupted = (): boolean => signal?.aborted ?? false;
  const nets = networksFor(job.pools, plan.names, 'validation', config.validationNets);
  const checkpoints: Checkpoint[] = [];
  const began = performance.now();
  let [state, finalLoss, stepBegan] = [initialState(config, plan), Number.NaN, began];

  for await (const { state: next, gradient } of trajectory(job, plan, transport)) {
    [state, finalLoss] = [next, gradient.loss];
    const norms = normsOf(gradient);
    yield {
      type: 'step',
      step: state.step,
      loss: finalLoss,
      eta: [...state.eta],
      ...(state.decay.length > 0 && { decay: [...state.decay] }),
      norms,
      ms: performance.now() - stepBegan,
    };

    if (dueForValidation(state.step, job, plan) && !interrupted()) {
      const accuracy = await validated(transport, plan, state.step, nets, signal);
      if (accuracy !== undefined) {
        checkpoints.push({ state, accuracy });
        yield {
          type: 'validation',
          step: state.step,
          accuracy,
          chosen: chosen(checkpoints, plan.validation).state.step,
        };
      }
    }
    if (interrupted()) break;
    stepBegan = performance.now();
  }

  const [wallSeconds, steps] = [(performance.now() - began) / 1000, state.step];
  if (!interrupted() && checkpoints.length > 0) state = chosen(checkpoints, plan.validation).state;
  await transport.broadcast(state.step, encodeState(state));
  const tested = networksFor(job.pools, plan.names, 'test', config.evalNets);
  if (!interrupted()) yield { type: 'testing', nets: tested, checkpoint: state.step };
  const judged = interrupted() ? undefined : await verdict(job, plan, transport, state.step, signal);
  return { state, steps, finalLoss, wallSeconds, interrupted: interrupted(), verdict: judged };
}

function dueForValidation(step: number, { config }: Job, { steps, validation }: Plan): boolean {
  const every = config.validateEvery ?? Math.max(1, Math.ceil(steps / 20));
  return validation > 0 && (step % every === 0 || step === steps);
}

const normsOf = (gradient: MeanGradient): StepEvent['norms'] =>
  Object.fromEntries(
    parts.flatMap(part => (gradient[part].length > 0 ? [[part, norm(gradient[part])]] : [])),
  ) as StepEvent['norms'];

/** Accuracy of the broadcast set over fresh networks on held-out training images; undefined when the signal aborts meanwhile. */
async function validated(
  transport: Transport,
  plan: Plan,
  step: number,
  nets: number,
  signal?: AbortSignal,
): Promise<AccuracyOver | undefined> {
  const examination = { step, part: 'validation', nets, recipe: 'schedule' } as const;
  const matrices = await confusions(transport, plan, examination, signal);
  return matrices && summary(matrices.map(confusion => shareRight(confusion, plan.targets)));
}
