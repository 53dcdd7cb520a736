/** @file The library's function for networks that are trained already: pools of them, for `init` 'pretrained:FILE'. */
import { confusions, shareRight, summary } from './coordinator/judge.ts';
import {
  type NetworkTrained,
  type PoolTraining,
  type TrainedPool,
  trainedPools,
} from './coordinator/pretraining.ts';
import { initialState } from './coordinator/state.ts';
import { withEngine } from './engine.ts';
import { type SessionOptions, withSession } from './session.ts';
import { type Networks, type TrainedNetworks, weightBytesLimit } from './shared/artifacts/index.ts';
import {
  type Config,
  initialisationOf,
  type Job,
  layersAsData,
  type Options,
  type Plan,
  poolOf,
  poolParts,
  resolveConfig,
} from './shared/config/index.ts';
import { DistillError } from './shared/errors.ts';
import { loadJob } from './shared/job/index.ts';
import { encodeState } from './shared/messages/index.ts';
import { name, version } from './version.ts';

export interface PretrainSession extends SessionOptions {
  /** Called after each network. */
  readonly onTrained?: (event: NetworkTrained) => void;
}

/** Trains networks on the real training images: SGD with momentum on mini-batches of 256, w_0 drawn as `init` says. The held-out images of the same seed are left out, so a run
 *  with that seed and these networks chooses its checkpoint on images that neither has seen. The test images are read once, at the end.
 *
 *  @param options   as for `distill`; `models`, `init`, `evalLr`, `evalMomentum`, `validation` and `seed` matter. Counts in `models` do not
 *  @param training  `nets`: networks of each architecture, 1 … 10,000; `epochs`: passes over the training images, 1 … 10,000
 *  @returns         the networks, to be written by `saveNetworks`. Their accuracy is over those of them that a run would test with (a third): what it calls `before`
 *  @throws          DistillError 'usage' when an option is wrong, 'non-finite' when training diverges; the signal's reason when it aborts
 *  @example
 *  await saveNetworks('networks.safetensors', await pretrain({ models: 'conv' }, { nets: 30, epochs: 1 }));
 *  const run = distill({ models: 'conv', init: 'pretrained:networks.safetensors' }); */
export async function pretrain(
  options: Options,
  training: PoolTraining,
  session: PretrainSession = {},
): Promise<Networks> {
  const config = await withEngine(resolveConfig(options), session);
  checkTraining(config, training);
  const job = await loadJob(config, session);
  const { signal, onTrained = () => undefined } = session;
  const pools = await withSession(job, session.signal, async ({ plan, transport }) => {
    checkSize(plan, training);
    return trainedPools(transport, plan, training, onTrained, signal);
  });
  signal?.throwIfAborted();
  const accuracies = await tested(job, pools!, training, signal);
  signal?.throwIfAborted();
  return networksOf(job, training, pools!, accuracies!);
}

type Accuracies = Readonly<Record<string, TrainedNetworks['accuracy']>>;

/** Accuracy on the test images of the networks in each pool that are kept for the test. Undefined when `signal` aborts meanwhile. */
async function tested(
  job: Job,
  trained: Readonly<Record<string, TrainedPool>>,
  { nets }: PoolTraining,
  signal?: AbortSignal,
): Promise<Accuracies | undefined> {
  const pools = Object.fromEntries(
    Object.entries(trained).map(([model, { weights }]) => [model, poolOf({ count: nets, weights })]),
  );
  const init = 'pretrained:here'; // the pools are in the job: no such file is read
  return withSession(
    { ...job, config: { ...job.config, init }, pools },
    signal,
    async ({ plan, transport }) => {
      await transport.broadcast(0, encodeState(initialState(job.config, plan))); // networks are judged as they are, but a state there must be
      const itself = [...new Array(plan.classes).keys()];
      const asked = { step: 0, part: 'test', nets: poolParts(nets).test.size, recipe: 'none' } as const;
      const accuracies: [string, TrainedNetworks['accuracy']][] = [];
      for (const [model, architecture] of plan.names.entries()) {
        const matrices = await confusions(transport, plan, { ...asked, models: [model] }, signal);
        if (matrices === undefined) return undefined;
        accuracies.push([architecture, summary(matrices.map(confusion => shareRight(confusion, itself)))]);
      }
      return Object.fromEntries(accuracies);
    },
  );
}

const networksOf = (
  { config, data, architectures }: Job,
  { nets, epochs }: PoolTraining,
  pools: Readonly<Record<string, TrainedPool>>,
  accuracies: Accuracies,
): Networks => ({
  architectures: Object.fromEntries(
    Object.entries(pools).map(([model, pool]) => [
      model,
      { ...pool, layers: layersAsData(architectures[model]!), count: nets, accuracy: accuracies[model]! },
    ]),
  ),
  dataset: data.name,
  dataChecksum: data.checksum,
  classNames: data.classNames,
  imageShape: data.imageShape,
  normalisation: data.normalisation,
  models: config.models,
  epochs,
  seed: config.seed,
  createdBy: `${name} ${version}`,
});

const limits = { nets: 10_000, epochs: 10_000 } as const;

function checkTraining(config: Config, training: PoolTraining): void {
  for (const [what, limit] of Object.entries(limits)) {
    const value = training[what as keyof PoolTraining];
    if (!Number.isInteger(value) || value < 1 || value > limit)
      throw new DistillError('usage', what, {
        expected: `a whole number from 1 to ${limit}`,
        found: String(value),
        fix: 'change it',
      });
  }
  const { fixed, file } = initialisationOf(config);
  if (fixed || file !== undefined)
    throw new DistillError('usage', 'init', {
      expected: 'a random draw of w_0 for each network: normal, truncated-normal, xavier or he',
      found: `'${config.init}'`,
      fix: 'choose one of them',
    });
}

/** What is trained must fit into a file; better said before than after. */
function checkSize({ names, nets }: Plan, { nets: count }: PoolTraining): void {
  const perNetwork = names.reduce((total, model) => total + 4 * nets[model]!.weightCount, 0);
  if (count * perNetwork <= weightBytesLimit) return;
  throw new DistillError('usage', 'nets', {
    expected: `at most ${Math.floor(weightBytesLimit / perNetwork)} networks of ${names.join(', ')}: a file holds ${weightBytesLimit} bytes of weights`,
    found: String(count),
    fix: 'train fewer',
  });
}
