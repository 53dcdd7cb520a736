/** @file Accuracy of the broadcast set over fresh networks: asks the workers, one task per network. */
import type { Plan } from '../shared/config/index.ts';
import { type Accuracy, decodeAccuracy, type Task } from '../shared/messages/index.ts';
import type { Transport } from './transport.ts';

/** Test or validation accuracy over several networks: shares in [0, 1]; `std` is the sample standard deviation (0 for one network). */
export interface AccuracyOver {
  readonly mean: number;
  readonly std: number;
  readonly nets: number;
}

/** Judges the set that was broadcast last by `nets` fresh networks, the architectures taking turns. Undefined when `signal` aborts meanwhile: no further
 *  network is asked for then. */
export async function judge(
  transport: Transport,
  { architectures }: Plan,
  question: { readonly step: number; readonly part: 'validation' | 'test'; readonly nets: number },
  signal?: AbortSignal,
): Promise<AccuracyOver | undefined> {
  const { step, part, nets } = question;
  const shares = new Array<number>(nets);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < nets && !signal?.aborted) {
      const net = next++;
      const task: Task = { kind: 'accuracy', step, part, model: net % architectures.length, net };
      shares[net] = share(decodeAccuracy(await transport.run(task)));
    }
  };
  await Promise.all(Array.from({ length: transport.workers }, lane));
  return signal?.aborted ? undefined : summary(shares);
}

/** Mean and sample standard deviation. */
export function summary(shares: readonly number[]): AccuracyOver {
  const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
  const variance = shares.reduce((total, s) => total + (s - mean) ** 2, 0) / Math.max(1, shares.length - 1);
  return { mean, std: Math.sqrt(variance), nets: shares.length };
}

const share = ({ correct, total }: Accuracy): number => correct / total;
