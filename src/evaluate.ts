/** @file The library's second function: how well fresh networks learn from a distilled set. */
import { type AccuracyOver, judge } from './coordinator/judge.ts';
import { loadJob, type SessionOptions, withSession } from './session.ts';
import type { DistilledSet } from './shared/artifacts/index.ts';
import { type Options, resolveConfig } from './shared/config/index.ts';
import { toNetworkSpace } from './shared/data/space.ts';
import { DistillError } from './shared/errors.ts';
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
  const config = resolveConfig({ ...optionsOf(set), validation: 0, ...options });
  const job = await loadJob(config, session);
  const { imageShape, classNames, name } = job.data;
  if (`${imageShape}` !== `${set.imageShape}` || classNames.length !== set.classNames.length)
    throw new DistillError('usage', 'dataset', {
      expected: `images of ${set.imageShape.join('×')} in ${set.classNames.length} classes, as in the distilled set`,
      found: `${imageShape.join('×')} in ${classNames.length} classes in ${name}`,
      fix: 'name the data set that the set was made from',
    });
  return withSession(job, async ({ plan, transport }) => {
    const { labels, eta } = set;
    await transport.broadcast(
      0,
      encodeState({ images: toNetworkSpace(set.images, set.normalisation), labels, eta }),
    );
    const accuracy = await judge(
      transport,
      plan,
      { step: 0, part: 'test', nets: config.evalNets },
      session.signal,
    );
    session.signal?.throwIfAborted();
    return accuracy!;
  });
}

/** The options under which a set was made, as far as they matter for its use. */
function optionsOf(set: DistilledSet): Options {
  const { modelOptions, init, innerSteps, etaPerStep, models, seed, dataset } = set;
  const pixels = set.imageShape.reduce((a, b) => a * b, 1);
  const imagesPerClass = set.images.length / pixels / set.classNames.length;
  const known = {
    dataset,
    models,
    ...modelOptions,
    init: init.kind,
    mu: init.mu,
    sigma: init.sigma,
    innerSteps,
    etaPerStep,
    seed,
    imagesPerClass,
  };
  return known as Options; // from a checked file, and checked again by resolveConfig
}
