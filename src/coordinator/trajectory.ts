/** @file The heart of a run: outer steps, one after the other. In: job, plan, transport. Out: the state after each step, with the gradient that led there.
 *  All work is in pure functions; the state is a value, replaced and never changed. Source: Markov 2020, the Distillator's forward, backward and optimizer. */
import type { Job, Plan } from '../shared/config/index.ts';
import { DistillError, type FailedTask } from '../shared/errors.ts';
import { decodeGradient, encodeState, type Gradient, parts, type Task } from '../shared/messages/index.ts';
import { advance, initialState, type MeanGradient, mean, type State } from './state.ts';
import type { Transport } from './transport.ts';

/** One outer step done. */
export interface Advance {
  readonly state: State;
  readonly gradient: MeanGradient;
}

/** Yields after each of the plan's steps, the state broadcast already; the state before the first is broadcast, not yielded.
 *  @throws DistillError 'non-finite' naming step and member; 'lost-task'. */
export async function* trajectory(
  { config }: Job,
  plan: Plan,
  transport: Transport,
): AsyncGenerator<Advance, void, undefined> {
  let state = initialState(config, plan);
  await transport.broadcast(0, encodeState(state));
  while (state.step < plan.steps) {
    const { step } = state;
    const asked = plan.members.map((_, member): Task => ({ kind: 'gradient', step, member })); // in member order, not in order of arrival
    const answers = await Promise.all(asked.map(task => transport.run(task)));
    const gradient = mean(
      answers.map((bytes, member) =>
        finite(decodeGradient(bytes, plan.sizes), { step, member, seed: config.seed }),
      ),
    );
    state = advance(state, gradient, config, plan.steps);
    await transport.broadcast(state.step, encodeState(state));
    yield { state, gradient };
  }
}

/** @throws DistillError 'non-finite' with the member and step where it arose. */
function finite(gradient: Gradient, task: FailedTask): Gradient {
  const culprit = parts.find(part => !Number.isFinite(sum(gradient[part])));
  if (Number.isFinite(gradient.loss) && culprit === undefined) return gradient;
  throw new DistillError('non-finite', `step ${task.step}, member ${task.member}, seed ${task.seed}`, {
    expected: 'a finite loss and gradient',
    found: Number.isFinite(gradient.loss)
      ? `a non-finite gradient of the ${culprit}`
      : `loss ${gradient.loss}`,
    fix: 'lower --eta-max, --lr or --sigma',
    task,
  });
}

/** NaN and ±Infinity survive a sum. */
function sum(values: Float32Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
