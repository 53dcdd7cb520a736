/** @file The library's second function: how well fresh networks learn from a distilled set, alone and beside other images. */
import { type AccuracyOver, confusions, shareRight, summary } from './coordinator/judge.ts';
import { withEngine } from './engine.ts';
import {
  type Comparison,
  checkData,
  compared,
  optionsOf,
  type Protocol,
  type Scope,
  sizesOf,
  stateOf,
} from './evaluation/index.ts';
import { type SessionOptions, withSession } from './session.ts';
import type { DistilledSet } from './shared/artifacts/index.ts';
import { type Job, type Options, resolveConfig, unknownChoice } from './shared/config/index.ts';
import { DistillError } from './shared/errors.ts';
import { loadJob } from './shared/job/index.ts';
import { encodeState } from './shared/messages/index.ts';

/** Test accuracy of fresh networks after the set's own inner steps (protocol 'schedule').
 *
 *  @param set      a distilled set, for instance from `loadDistilled`
 *  @param options  what to change: `models` and `init` judge other networks than it was made for, `evalNets`, `seed`, `workers`, …; the rest is the set's
 *  @returns        mean and sample standard deviation, shares in [0, 1], over `evalNets` networks
 *  @throws         DistillError 'usage' when an option is wrong or the data set has other images or classes than the set */
export async function evaluate(
  set: DistilledSet,
  options: Options = {},
  session: SessionOptions = {},
): Promise<AccuracyOver> {
  const job = await jobFor(set, { validation: 0, batchSize: 1, ...options }, session);
  return withSession(job, session.signal, async ({ plan, transport }) => {
    await transport.broadcast(0, encodeState(stateOf(set, plan)));
    const examination = { step: 0, part: 'test', nets: job.config.evalNets, recipe: 'schedule' } as const;
    const matrices = await confusions(transport, plan, examination, session.signal);
    session.signal?.throwIfAborted();
    return summary(matrices!.map(confusion => shareRight(confusion, plan.targets)));
  });
}

/** What `compare` takes beside the options of `evaluate`. */
export interface CompareOptions {
  /** How networks learn; both ways when left out. */
  readonly protocol?: Protocol | 'both';
  /** Whether real images, class means, centres, neighbours and the full data set stand beside the set; yes when left out. */
  readonly baselines?: boolean;
  /** Draws of real images among which the best one is chosen; 10 when left out. */
  readonly randomDraws?: number;
}

export interface CompareSession extends SessionOptions {
  /** Called with what is under way, for people. */
  readonly onProgress?: (text: string) => void;
}

/** A distilled set beside baselines of as many images, for each architecture and protocol. Everything is chosen on held-out training images; the test images are read
 *  once, at the end.
 *
 *  @param set      as for `evaluate`
 *  @param options  as for `evaluate`, and `CompareOptions`
 *  @throws         DistillError as `evaluate`; 'usage' too when nothing is held out to choose on; 'non-finite' when training diverges
 *  @example
 *  const { tables } = await compare(set, { protocol: 'converged', models: 'logreg,conv' });
 *  for (const { architecture, overRandom } of tables) console.log(architecture, overRandom); */
export async function compare(
  set: DistilledSet,
  { protocol = 'both', baselines = true, randomDraws = 10, ...options }: Options & CompareOptions = {},
  session: CompareSession = {},
): Promise<Comparison> {
  const scope = scopeOf(protocol, baselines, randomDraws);
  const job = await jobFor(set, { batchSize: 1, ...options }, session);
  return withSession(job, session.signal, async ({ plan, transport }) => {
    if (baselines && plan.validation === 0)
      throw new DistillError('usage', 'validation', {
        expected: 'held-out training images to choose the baselines on',
        found: '0',
        fix: 'hold some out, or leave the baselines out',
      });
    const desk = { job, plan, transport, signal: session.signal, onProgress: session.onProgress };
    const outcome = await compared(desk, stateOf(set, plan), scope);
    const chosen = outcome.tables.some(({ rows }) => rows.some(({ name }) => name === 'random'));
    return {
      dataset: job.data.name,
      classNames: job.data.classNames,
      images: plan.images,
      innerSteps: set.schedule.inner_steps,
      validation: chosen ? plan.validation : 0,
      test: job.data.test.count,
      randomDraws: chosen ? randomDraws : 0,
      ...(set.attack && { attack: set.attack }),
      ...outcome,
      notes: [...foreign(set, job), ...outcome.notes],
    };
  });
}

/** The set's job: its options, then those given. Its data are brought to its images' shape if they are the very data that it was made from; other data of the same name may be
 *  there by mistake, and are taken as they are. */
async function jobFor(set: DistilledSet, options: Options, session: SessionOptions): Promise<Job> {
  const load = async (sizes: Options): Promise<Job> => {
    const config = await withEngine(resolveConfig({ ...optionsOf(set), ...sizes, ...options }), session);
    return loadJob(config, { ...session, stored: set.architectures });
  };
  const sizes = sizesOf(set, options);
  const brought = await load(sizes);
  const same = brought.data.checksum === set.dataChecksum || Object.keys(sizes).length === 0;
  const job = same ? brought : await load({});
  checkData(set, job.data);
  return job;
}

const foreign = ({ dataChecksum }: DistilledSet, { data }: Job): string[] =>
  dataChecksum === data.checksum ? [] : [`${data.name} has other files here than the set was made from`];

const protocols = {
  schedule: ['schedule'],
  converged: ['converged'],
  both: ['schedule', 'converged'],
} as const;

/** @throws DistillError 'usage' for another protocol, or no draws. */
function scopeOf(protocol: string, baselines: boolean, randomDraws: number): Scope {
  if (!Object.hasOwn(protocols, protocol)) throw unknownChoice('protocol', protocol, Object.keys(protocols));
  if (!Number.isInteger(randomDraws) || randomDraws < 1 || randomDraws > 1000)
    throw new DistillError('usage', 'randomDraws', {
      expected: 'a whole number from 1 to 1000',
      found: String(randomDraws),
      fix: 'leave it out for 10',
    });
  return { protocols: protocols[protocol as keyof typeof protocols], baselines, randomDraws };
}
