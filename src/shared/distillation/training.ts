/** @file Ordinary training, for comparison: gradient steps with momentum on mini-batches that are given. In: net and sizes. Out: a graph; engines run it.
 *  Knows nets; no data set, no stopping. Convention of PyTorch's SGD without dampening: v ← μ v + ∇l, then w ← w − rate · v. */
import {
  add,
  type Graph,
  gradient,
  type Input,
  input,
  mul,
  scalar,
  scan,
  sub,
  sumAll,
} from '../graph/index.ts';
import { flatten, forward, type Net, unflatten } from '../models/index.ts';
import { type LossName, losses } from './loss.ts';

/** What training takes, by name: `weights` w and `velocity` v (P), `x` (K, B, H, W, C) as the network sees it, `y` (K, B, classes), `rate` (). */
export type TrainingInput = 'weights' | 'velocity' | 'x' | 'y' | 'rate';

/** One call: K `steps` on `batch` images each; `momentum` μ in [0, 1). */
export interface TrainingSizes {
  readonly steps: number;
  readonly batch: number;
  readonly momentum: number;
  readonly loss: LossName;
}

/** K steps of SGD with momentum: outputs w (P), v (P), and the mean over the steps of the loss before each of them (), in nats. */
export function momentumSteps(net: Net, { steps, batch, momentum, loss }: TrainingSizes): Graph {
  const named = (name: TrainingInput, shape: readonly number[]): Input => input(name, shape);
  const [weights, velocity] = [named('weights', [net.weightCount]), named('velocity', [net.weightCount])];
  const x = named('x', [steps, batch, ...net.imageShape]);
  const y = named('y', [steps, batch, net.classes]);
  const rate = named('rate', []);
  const tensors = net.weights.length;
  const { carried, stacked } = scan(
    { length: steps, init: [...unflatten(net, weights), ...unflatten(net, velocity)], scanned: [x, y] },
    (state, [images, labels]) => {
      const [w, v] = [state.slice(0, tensors), state.slice(tensors)];
      const l = losses[loss](forward(net, images!, w), labels!);
      const next = gradient(l, w).map((g, i) => add(mul(scalar(momentum), v[i]!), g));
      return { carried: [...w.map((t, i) => sub(t, mul(rate, next[i]!))), ...next], stacked: [l] };
    },
  );
  return {
    inputs: [weights, velocity, x, y, rate],
    outputs: [
      flatten(net, carried.slice(0, tensors)),
      flatten(net, carried.slice(tensors)),
      mul(scalar(1 / steps), sumAll(stacked[0]!)),
    ],
  };
}
