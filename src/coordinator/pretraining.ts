/** @file Pools of trained networks: asks the workers, one task per network. In: plan, transport. Out: weights and losses, whichever worker computed them. */
import type { Plan } from '../shared/config/index.ts';
import { DistillError } from '../shared/errors.ts';
import { decodeTrained, type Task } from '../shared/messages/index.ts';
import { inLanes } from './lanes.ts';
import type { Transport } from './transport.ts';

/** How much is trained: R `nets` of each architecture, for `epochs` passes over the training images. */
export interface PoolTraining {
  readonly nets: number;
  readonly epochs: number;
}

/** One more network is trained: the `done`th of `total`, of architecture `model`, with its `loss` on the last epoch in nats. */
export interface NetworkTrained {
  readonly done: number;
  readonly total: number;
  readonly model: string;
  readonly loss: number;
}

/** R networks of one architecture: weights (R, P), and the mean of their losses in nats. */
export interface TrainedPool {
  readonly weights: Float32Array;
  readonly loss: number;
}

/** Trains the pools, the architectures one after the other; `tell` is called as networks are done, in any order. Undefined when `signal` aborts meanwhile: no further
 *  network is asked for then. @throws DistillError 'non-finite' when training diverges; 'lost-task'. */
export async function trainedPools(
  transport: Transport,
  { names, nets }: Plan,
  { nets: count, epochs }: PoolTraining,
  tell: (event: NetworkTrained) => void,
  signal?: AbortSignal,
): Promise<Record<string, TrainedPool> | undefined> {
  const sizes = names.map(name => nets[name]!.weightCount);
  const weights = sizes.map(size => new Float32Array(count * size));
  const losses = names.map(() => new Float64Array(count));
  const total = names.length * count;
  let done = 0;
  const ask = async (i: number): Promise<void> => {
    const [model, net] = [Math.floor(i / count), i % count];
    const task: Task = { kind: 'pretrain', model, net, epochs };
    const size = sizes[model]!;
    const trained = decodeTrained(await transport.run(task), size);
    weights[model]!.set(finite(trained.weights, names[model]!, net), net * size);
    losses[model]![net] = trained.loss; // summed in order later: the mean depends on no order of arrival
    tell({ done: ++done, total, model: names[model]!, loss: trained.loss });
  };
  if (!(await inLanes(total, transport, ask, signal))) return undefined;
  return Object.fromEntries(
    names.map((name, model) => [
      name,
      { weights: weights[model]!, loss: losses[model]!.reduce((a, b) => a + b, 0) / count },
    ]),
  );
}

/** The loss that a worker checks is the one before the last step. @throws DistillError 'non-finite'. */
function finite(weights: Float32Array, model: string, net: number): Float32Array {
  if (weights.every(Number.isFinite)) return weights;
  throw new DistillError('non-finite', `network ${net} of ${model}, in training`, {
    expected: 'finite weights',
    found: 'others after the last step',
    fix: 'lower --eval-lr',
  });
}
