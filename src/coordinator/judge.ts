/** @file Accuracy of the broadcast set over fresh networks: asks the workers, one task per network. */
import type { Plan } from '../shared/config/index.ts';
import { decodeAccuracy, type Recipe, type Task } from '../shared/messages/index.ts';
import { inLanes } from './lanes.ts';
import type { Transport } from './transport.ts';

/** Test or validation accuracy over several networks: shares in [0, 1]; `std` is the sample standard deviation (0 for one network). */
export interface AccuracyOver {
  readonly mean: number;
  readonly std: number;
  readonly nets: number;
}

export interface Examination {
  readonly step: number;
  readonly part: 'validation' | 'test';
  readonly nets: number;
  readonly recipe: Recipe;
  /** Architectures that take turns, by number; all of them unless told. */
  readonly models?: readonly number[];
  /** Number of the first network; 0 unless told. */
  readonly first?: number;
}

/** The confusion matrices (K·K) of `nets` fresh networks on the set that was broadcast last, the architectures taking turns. Undefined when `signal` aborts meanwhile:
 *  no further network is asked for then. */
export async function confusions(
  transport: Transport,
  { names, classes }: Plan,
  { nets, models = names.map((_, i) => i), first = 0, ...examination }: Examination,
  signal?: AbortSignal,
): Promise<Uint32Array[] | undefined> {
  const matrices = new Array<Uint32Array>(nets);
  const ask = async (i: number): Promise<void> => {
    const model = models[i % models.length]!;
    const net = first + Math.floor(i / models.length); // each architecture counts its own networks
    const task: Task = { kind: 'accuracy', ...examination, model, net };
    matrices[i] = decodeAccuracy(await transport.run(task), classes).confusion;
  };
  return (await inLanes(nets, transport, ask, signal)) ? matrices : undefined;
}

/** Share of images that a network takes for what they are to be taken for: for `target[c]`, those of class c. */
export function shareRight(confusion: Uint32Array, target: readonly number[]): number {
  const right = target.reduce((total, p, c) => total + confusion[c * target.length + p]!, 0);
  return right / confusion.reduce((a, b) => a + b, 0);
}

/** Mean and sample standard deviation. */
export function summary(shares: readonly number[]): AccuracyOver {
  const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
  const variance = shares.reduce((total, s) => total + (s - mean) ** 2, 0) / Math.max(1, shares.length - 1);
  return { mean, std: Math.sqrt(variance), nets: shares.length };
}
