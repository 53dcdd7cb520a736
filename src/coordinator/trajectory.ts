/** @file The heart of a run: outer steps, one after the other. In: job, plan, transport, the state to go on from. Out: the state after each step, with the gradient that
 *  led there. All work is in pure functions; the state is a value, replaced and never changed. Source: Markov 2020, the Distillator's forward, backward and optimizer. */
import type { Job, Plan } from '../shared/config/index.ts';
import { decodeGradients, encodeState } from '../shared/messages/index.ts';
import { finiteGradients } from './finite.ts';
import { groupsOf } from './groups.ts';
import { advance, initialState, type MeanGradient, mean, type State } from './state.ts';
import type { Transport } from './transport.ts';

/** One outer step done. */
export interface Advance {
  readonly state: State;
  readonly gradient: MeanGradient;
  /** A line for each member whose gradient was not finite and is not in the mean. */
  readonly left: readonly string[];
}

/** Yields after each of the plan's steps that follow `from`, the state broadcast already; `from` itself is broadcast, not yielded.
 *  @throws DistillError 'non-finite' naming step and member; 'lost-task'. */
export async function* trajectory(
  job: Job,
  plan: Plan,
  transport: Transport,
  from: State = initialState(job.config, plan),
): AsyncGenerator<Advance, void, undefined> {
  const { config } = job;
  let state = from;
  await transport.broadcast(state.step, encodeState(state));
  while (state.step < plan.steps) {
    const { step } = state;
    const groups = groupsOf(job, plan, transport.workers);
    const answers = await Promise.all(
      groups.map(group => transport.run({ kind: 'gradient', step, ...group })),
    );
    const gradients = groups.flatMap(({ count }, i) => decodeGradients(answers[i]!, plan.sizes, count)); // in member order, not in order of arrival
    const { finite, left } = finiteGradients(gradients, step, config);
    const gradient = mean(finite);
    state = advance(state, gradient, config, plan.steps);
    await transport.broadcast(state.step, encodeState(state));
    yield { state, gradient, left };
  }
}
