/** @file A job whose gradients cost nothing, to see what everything else costs: a few grey images as data, and x̃ of the asked size. In: x̃'s shape and members. Out: job, plan, state,
 *  and the answer that a null worker gives. */
import {
  type Job,
  namedArchitectures,
  type Plan,
  planOf,
  resolveConfig,
} from '../../src/shared/config/index.ts';
import { encodeAnswer, encodeState, parts } from '../../src/shared/messages/index.ts';

/** x̃ as (images per class, side, channels): 10 images of 28×28, 100 of 32×32×3. */
export const sizes = {
  '31 kB': { imagesPerClass: 1, side: 28, channels: 1 },
  '1.2 MB': { imagesPerClass: 10, side: 32, channels: 3 },
} as const;
export type SizeName = keyof typeof sizes;

export interface NullJob {
  readonly job: Job;
  readonly plan: Plan;
  readonly state: Uint8Array;
}

export function nullJob(size: SizeName, members: number, options: object = {}): NullJob {
  const { imagesPerClass, side, channels } = sizes[size];
  const config = resolveConfig({
    models: `conv:${members}`, // each member is asked for by itself
    imagesPerClass,
    batchSize: 1,
    validation: 0,
    steps: 1_000_000,
    ...options,
  });
  const set = (count: number) => ({
    count,
    images: new Uint8Array(new SharedArrayBuffer(count * side * side * channels)),
    labels: new Uint8Array(new SharedArrayBuffer(count)),
  });
  const classNames = [...'0123456789'];
  const job: Job = {
    config,
    data: {
      name: 'nothing',
      classNames,
      imageShape: [side, side, channels],
      train: set(10),
      test: set(10),
      normalisation: { mean: new Array(channels).fill(0), std: new Array(channels).fill(1) },
      checksum: '0'.repeat(64),
      source: 'made up',
    },
    architectures: namedArchitectures(config, classNames.length),
  };
  const plan = planOf(job);
  return { job, plan, state: encodeState(gradientOf(plan)) };
}

const gradientOf = ({ sizes: lengths }: Plan) => ({
  loss: 1,
  ...(Object.fromEntries(parts.map(part => [part, new Float32Array(lengths[part]).fill(0.01)])) as Record<
    (typeof parts)[number],
    Float32Array
  >),
});

/** A gradient of the job's sizes, as a frame. */
export const nullAnswer = (job: Job): Uint8Array => encodeAnswer({ gradients: [gradientOf(planOf(job))] });
