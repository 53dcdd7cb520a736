/** @file Small jobs: a config and a made-up data set of three classes, which a linear model can tell apart. */
import {
  type Job,
  namedArchitectures,
  type Options,
  resolveConfig,
} from '../../../src/shared/config/index.ts';
import type { DataSet, ImageSet } from '../../../src/shared/data/types.ts';
import { type Stream, stream } from '../../../src/shared/random/index.ts';

const imageShape = [6, 6, 1] as const;
const pixels = 36;
const classNames = ['one', 'two', 'three'];

/** Options of a run of seconds. */
export const smallOptions: Options = {
  models: 'logreg:2',
  validation: 12,
  batchSize: 8,
  steps: 3,
  innerSteps: 3,
  kernel: 3,
  filters: 2,
  hidden: 4,
  evalNets: 3,
  validationNets: 2,
  engine: 'reference',
  transport: 'inline',
};

export function smallJob(options: Options = {}): Job {
  const config = resolveConfig({ ...smallOptions, ...options });
  return {
    config,
    data: dataSet(60, 20),
    architectures: namedArchitectures(config, classNames.length),
  };
}

/** Images of `train` and `test`: a class's bright stripe on noise. The same ones each time. */
export const dataSet = (train: number, test: number): DataSet => ({
  name: 'stripes',
  classNames,
  imageShape,
  train: images(train, stream(1, 'images', 1)),
  test: images(test, stream(1, 'images', 2)),
  normalisation: { mean: [0.4], std: [0.3] },
  checksum: '0'.repeat(64),
  source: 'made up',
});

function images(count: number, random: Stream): ImageSet {
  const set = {
    count,
    images: new Uint8Array(new SharedArrayBuffer(count * pixels)),
    labels: new Uint8Array(new SharedArrayBuffer(count)),
  };
  for (let i = 0; i < count; i++) {
    const label = random.below(classNames.length);
    set.labels[i] = label;
    for (let p = 0; p < pixels; p++)
      set.images[i * pixels + p] = random.below(120) + (Math.floor(p / 12) === label ? 80 : 0);
  }
  return set;
}
