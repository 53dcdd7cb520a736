/** @file The result of a run: the distilled set as others can use it, and the figures of result.json. */
import { createHash } from 'node:crypto';
import type { Outcome } from './coordinator/run.ts';
import type { Session } from './session.ts';
import type { DistilledSet } from './shared/artifacts/index.ts';
import { initialisationOf, type Job, type Plan, temperatureOf } from './shared/config/index.ts';
import { toPixelUnits } from './shared/data/space.ts';
import { name, version } from './version.ts';

/** What a run gives. */
export interface Result {
  readonly set: DistilledSet;
  readonly summary: Summary;
  /** Whether the run was ended by its signal. */
  readonly interrupted: boolean;
}

/** The content of result.json. */
export interface Summary {
  /** Outer steps done, and the step whose set was chosen by validation. */
  readonly steps: number;
  readonly checkpoint: number;
  /** Of the distillation alone, without loading and the final evaluation. */
  readonly wallSeconds: number;
  readonly stepsPerSecond: number;
  /** Mean loss of the last step, in nats. */
  readonly finalLoss: number;
  /** η̃: a number, or one per inner step. */
  readonly eta: number | readonly number[];
  readonly engine: string;
  readonly transport: string;
  readonly workers: number;
  /** Shares in [0, 1] over fresh networks on the test images; null when the run was interrupted. */
  readonly accuracy: {
    readonly mean: number;
    readonly std: number;
    readonly nets: number;
    readonly protocol: string;
  } | null;
  /** sha256 (hex) of the bytes of x̃ (float32, little endian, pixel units). */
  readonly imagesSha256: string;
}

/** N inner steps with the set's own η̃ on fresh weights. */
export const protocol = 'schedule';

export function resultOf({ job, plan, workers }: Session, outcome: Outcome): Result {
  const { config } = job;
  const accuracy = outcome.accuracy && { ...outcome.accuracy, protocol };
  const set = distilledSet(job, plan, outcome, accuracy);
  const summary: Summary = {
    steps: outcome.steps,
    checkpoint: outcome.state.step,
    wallSeconds: outcome.wallSeconds,
    stepsPerSecond: outcome.steps / outcome.wallSeconds,
    finalLoss: outcome.finalLoss,
    eta: config.etaPerStep ? [...set.eta] : set.eta[0]!,
    engine: config.engine,
    transport: config.transport,
    workers,
    accuracy: accuracy ?? null,
    imagesSha256: createHash('sha256')
      .update(new Uint8Array(set.images.buffer, set.images.byteOffset, set.images.byteLength))
      .digest('hex'),
  };
  return { set, summary, interrupted: outcome.interrupted };
}

function distilledSet(
  { config, data }: Job,
  plan: Plan,
  { state }: Outcome,
  accuracy: DistilledSet['accuracy'],
): DistilledSet {
  const { kernel, filters, hidden } = config;
  const { mu, sigma } = initialisationOf(config);
  return {
    images: toPixelUnits(state.images, data.normalisation),
    imageShape: data.imageShape,
    labels: state.labels,
    eta: state.eta,
    etaPerStep: config.etaPerStep,
    innerSteps: config.innerSteps,
    classNames: data.classNames,
    normalisation: data.normalisation,
    dataset: data.name,
    dataChecksum: data.checksum,
    models: config.models,
    modelOptions: { kernel, filters, hidden },
    init: { kind: config.init, mu, sigma },
    temperature: Object.fromEntries(plan.architectures.map(model => [model, temperatureOf(config, model)])),
    seed: config.seed,
    ...(accuracy && { accuracy }),
    createdBy: `${name} ${version}`,
  };
}
