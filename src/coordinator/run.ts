/** @file A run: the step loop. In: job, plan, transport. Out: events, and the chosen distilled set. All decisions are here; all work is in pure functions.
 *  Knows the order of things; no engine, no file, no terminal. Source: Markov 2020, the Distillator's train. */
import { type Job, type Plan } from '../shared/config/index.ts';
import { DistillError } from '../shared/errors.ts';
import { decodeGradient, encodeState, type Gradient, type Task } from '../shared/messages/index.ts';
import type { RunEvent } from './events.ts';
import { type AccuracyOver, judge } from './judge.ts';
import { advance, initialState, mean, norm, type State } from './state.ts';
import type { Transport } from './transport.ts';

/** How a run ended. */
export interface Outcome {
  /** The chosen state: the best by validation; the last one when there was none or the run was interrupted. */
  readonly state: State;
  readonly steps: number;
  readonly finalLoss: number;
  /** Of the distillation alone, from the first question to the last update. */
  readonly wallSeconds: number;
  readonly interrupted: boolean;
  /** Over fresh networks on the test images, read once, at the end; undefined when interrupted. */
  readonly accuracy: AccuracyOver | undefined;
}

/** Distils. Ends early, after the step in hand, when `signal` aborts. @throws DistillError 'non-finite' naming step and member; 'lost-task'. */
export async function* run(job: Job, plan: Plan, transport: Transport, signal?: AbortSignal): AsyncGenerator<RunEvent, Outcome> {
  const { config } = job;
  const began = performance.now();
  let state = initialState(config, plan);
  let best: { state: State; accuracy: AccuracyOver } | undefined;
  let loss = Number.NaN;
  await transport.broadcast(0, encodeState(state));
  yield { type: 'start', steps: plan.steps, members: plan.members, workers: transport.workers, transport: transport.name };

  while (state.step < plan.steps && !signal?.aborted) {
    const start = performance.now();
    const asked = plan.members.map((_, member): Task => ({ kind: 'gradient', step: state.step, member })); // in member order, not in order of arrival
    const answers = await Promise.all(asked.map(task => transport.run(task)));
    const gradients = answers.map((bytes, member) => finite(decodeGradient(bytes, plan.sizes), state.step, member));
    const gradient = mean(gradients);
    state = advance(state, gradient, config, plan.steps);
    loss = gradient.loss;
    await transport.broadcast(state.step, encodeState(state));
    const norms = { images: norm(gradient.images), labels: norm(gradient.labels), eta: norm(gradient.eta) };
    yield { type: 'step', step: state.step, loss, eta: [...state.eta], norms, ms: performance.now() - start };

    if (dueForValidation(state.step, job, plan) && !signal?.aborted) {
      const accuracy = await judge(transport, plan, { step: state.step, part: 'validation', nets: config.validationNets }, signal);
      if (accuracy === undefined) break;
      if (best === undefined || accuracy.mean >= best.accuracy.mean) best = { state, accuracy };
      yield { type: 'validation', step: state.step, accuracy, best: best.state.step };
    }
  }

  const wallSeconds = (performance.now() - began) / 1000;
  const interrupted = (): boolean => signal?.aborted ?? false;
  const chosen = interrupted() ? state : (best?.state ?? state);
  await transport.broadcast(chosen.step, encodeState(chosen));
  if (!interrupted()) yield { type: 'testing', nets: config.evalNets, checkpoint: chosen.step };
  const accuracy = await judge(transport, plan, { step: chosen.step, part: 'test', nets: config.evalNets }, signal);
  return { state: chosen, steps: state.step, finalLoss: loss, wallSeconds, interrupted: interrupted(), accuracy };
}

function dueForValidation(step: number, { config }: Job, { steps }: Plan): boolean {
  const every = config.validateEvery ?? Math.max(1, Math.ceil(steps / 20));
  return config.validation > 0 && (step % every === 0 || step === steps);
}

/** @throws DistillError 'non-finite' with the member and step where it arose. */
function finite(gradient: Gradient, step: number, member: number): Gradient {
  const sum = (values: Float32Array): number => values.reduce((a, b) => a + b, 0); // NaN and ±Infinity survive a sum
  const culprit = (['images', 'labels', 'eta'] as const).find(part => !Number.isFinite(sum(gradient[part])));
  if (Number.isFinite(gradient.loss) && culprit === undefined) return gradient;
  throw new DistillError('non-finite', `step ${step}, member ${member}`, {
    expected: 'a finite loss and gradient',
    found: culprit === undefined || !Number.isFinite(gradient.loss) ? `loss ${gradient.loss}` : `a non-finite gradient of the ${culprit}`,
    fix: `lower --eta-max, --lr or --sigma; look at the task with 'distill-cluster reproduce --step ${step} --member ${member}'`,
  });
}
