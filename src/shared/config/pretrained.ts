/** @file Networks from a file, brought into a run: checked against its data and models, and laid into shared memory. In: networks, and the job without them. Out: the
 *  job with them. Knows no file format. */
import { isDeepStrictEqual } from 'node:util';
import type { Networks, TrainedNetworks } from '../artifacts/index.ts';
import type { DataSet } from '../data/types.ts';
import { DistillError } from '../errors.ts';
import { buildNet } from '../models/index.ts';
import { architectureOf } from './architectures.ts';
import type { Job } from './job.ts';
import type { Pool } from './pool.ts';
import { membersOf } from './resolve.ts';

/** `job` with the pools of `networks` for the architectures that it uses. Its data set gets the normalisation of `networks`, which must see pixels as they were trained
 *  on: under another one w_0 would be no trained network, also where the data set is another one than theirs.
 *  @param where   the file's name, for messages
 *  @throws        DistillError 'usage' when images, classes or layers are others than those of the networks, or an architecture is not among them */
export function withNetworks(job: Job, networks: Networks, where: string): Job {
  const { config, data, architectures } = job;
  checkData(data, networks, where);
  const names = [...new Set(membersOf(config.models))];
  const pools = names.map((name): [string, Pool] => {
    const trained = Object.hasOwn(networks.architectures, name) ? networks.architectures[name]! : undefined;
    if (trained === undefined)
      throw unfit(
        where,
        `networks of ${name}`,
        `networks of ${Object.keys(networks.architectures).join(', ')}`,
        'choose --models among them, or pretrain that architecture too',
      );
    const { layers } = architectureOf(architectures, name);
    const { weightCount } = buildNet(name, layers, data.imageShape);
    if (trained.weights.length !== trained.count * weightCount || !isDeepStrictEqual(trained.layers, layers))
      throw unfit(
        where,
        `${name} with the run's layers, ${weightCount} weights`,
        `other layers, ${trained.weights.length / trained.count} weights`,
        'give the same --kernel, --filters and --hidden as to pretrain',
      );
    return [name, poolOf(trained)];
  });
  return {
    ...job,
    data: { ...data, normalisation: networks.normalisation },
    pools: Object.fromEntries(pools),
  };
}

/** The networks in shared memory: every worker thread sees the one copy. */
export function poolOf({ count, weights }: Pick<TrainedNetworks, 'count' | 'weights'>): Pool {
  const shared = new Float32Array(new SharedArrayBuffer(weights.byteLength));
  shared.set(weights);
  return { count, weights: shared };
}

function checkData({ name, imageShape, classNames }: DataSet, networks: Networks, where: string): void {
  const [here, there] = [
    { imageShape, classNames },
    { imageShape: networks.imageShape, classNames: networks.classNames },
  ].map(({ imageShape: shape, classNames: all }) => `${shape.join('×')} in ${all.length} classes`);
  if (here !== there)
    throw unfit(
      where,
      `networks for images of ${here}, as in ${name}`,
      `some for ${there}`,
      'pretrain on this data set, or on one of that form',
    );
}

const unfit = (where: string, expected: string, found: string, fix: string): DistillError =>
  new DistillError('usage', where, { expected, found, fix });
