/** @file A run: its steps, the validations between them, the choice of a checkpoint, and the test at the end. In: job, plan, transport. Out: events and the chosen set.
 *  Knows the order of things; no engine, no file, no terminal. Source: Markov 2020, the Distillator's train and get_result. */
import type { Job, Plan } from '../shared/config/index.ts';
import { encodeState } from '../shared/messages/index.ts';
import { type Checkpoint, chosen } from './checkpoint.ts';
import type { RunEvent } from './events.ts';
import { type AccuracyOver, judge } from './judge.ts';
import { norm } from './optimiser.ts';
import { initialState, type State } from './state.ts';
import { trajectory } from './trajectory.ts';
import type { Transport } from './transport.ts';

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
  /** Over fresh networks on the test images, read once, at the end; undefined when interrupted. */
  readonly accuracy: AccuracyOver | undefined;
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
  const checkpoints: Checkpoint[] = [];
  const began = performance.now();
  let [state, finalLoss, stepBegan] = [initialState(config, plan), Number.NaN, began];

  for await (const { state: next, gradient } of trajectory(job, plan, transport)) {
    [state, finalLoss] = [next, gradient.loss];
    const norms = { images: norm(gradient.images), labels: norm(gradient.labels), eta: norm(gradient.eta) };
    yield {
      type: 'step',
      step: state.step,
      loss: finalLoss,
      eta: [...state.eta],
      norms,
      ms: performance.now() - stepBegan,
    };

    if (dueForValidation(state.step, job, plan) && !interrupted()) {
      const question = { step: state.step, part: 'validation', nets: config.validationNets } as const;
      const accuracy = await judge(transport, plan, question, signal);
      if (accuracy !== undefined) {
        checkpoints.push({ state, accuracy });
        yield {
          type: 'validation',
          step: state.step,
          accuracy,
          chosen: chosen(checkpoints, config.validation).state.step,
        };
      }
    }
    if (interrupted()) break;
    stepBegan = performance.now();
  }

  const [wallSeconds, steps] = [(performance.now() - began) / 1000, state.step];
  if (!interrupted() && checkpoints.length > 0) state = chosen(checkpoints, config.validation).state;
  await transport.broadcast(state.step, encodeState(state));
  if (!interrupted()) yield { type: 'testing', nets: config.evalNets, checkpoint: state.step };
  const accuracy = await judge(
    transport,
    plan,
    { step: state.step, part: 'test', nets: config.evalNets },
    signal,
  );
  return { state, steps, finalLoss, wallSeconds, interrupted: interrupted(), accuracy };
}

function dueForValidation(step: number, { config }: Job, { steps }: Plan): boolean {
  const every = config.validateEvery ?? Math.max(1, Math.ceil(steps / 20));
  return config.validation > 0 && (step % every === 0 || step === steps);
}
