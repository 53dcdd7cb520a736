/** @file The result of a run: the distilled set as others can use it, and the figures of result.json. */
import { createHash } from 'node:crypto';
import type { AccuracyOver } from './coordinator/judge.ts';
import type { Outcome } from './coordinator/run.ts';
import type { Verdict } from './coordinator/verdict.ts';
import type { Session } from './session.ts';
import type { DistilledSet } from './shared/artifacts/index.ts';
import {
  columnNames,
  initialisationOf,
  type Job,
  layersAsData,
  type Plan,
  showEngine,
  temperatureOf,
} from './shared/config/index.ts';
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
  /** η̃: a number, or one per inner step (and layer, row by row). */
  readonly eta: number | readonly number[];
  /** λ, as many, where it is learned. */
  readonly decay?: readonly number[];
  /** With its backend where it has several: 'onnx', 'tfjs wasm'. */
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
  /** The same of trained networks before the inner steps, where they start from a file. */
  readonly before?: AccuracyOver;
  /** With an attack: what becomes of class A and of the rest. */
  readonly attack?: Verdict['attack'];
  /** sha256 (hex) of the bytes of x̃ (float32, little endian, pixel units). */
  readonly imagesSha256: string;
}

/** N inner steps with the set's own η̃ on fresh weights. */
export const protocol = 'schedule';

export function resultOf({ job, plan, workers }: Session, outcome: Outcome): Result {
  const { config } = job;
  const { accuracy: reached, before, attack } = outcome.verdict ?? {};
  const accuracy = reached && { ...reached, protocol };
  const set = distilledSet(job, plan, outcome, accuracy);
  const summary: Summary = {
    steps: outcome.steps,
    checkpoint: outcome.state.step,
    wallSeconds: outcome.wallSeconds,
    stepsPerSecond: outcome.steps / outcome.wallSeconds,
    finalLoss: outcome.finalLoss,
    eta: plan.paceShape.length > 0 ? [...set.eta] : set.eta[0]!,
    ...(set.decay && { decay: [...set.decay] }),
    engine: showEngine(config),
    transport: config.transport,
    workers,
    accuracy: accuracy ?? null,
    ...(before && { before }),
    ...(attack && { attack }),
    imagesSha256: createHash('sha256')
      .update(new Uint8Array(set.images.buffer, set.images.byteOffset, set.images.byteLength))
      .digest('hex'),
  };
  return { set, summary, interrupted: outcome.interrupted };
}

function distilledSet(
  job: Job,
  plan: Plan,
  { state }: Outcome,
  accuracy: DistilledSet['accuracy'],
): DistilledSet {
  const { config, data } = job;
  const {
    kernel,
    filters,
    hidden,
    depth,
    width,
    innerSteps,
    innerEpochs,
    attackFrom: from,
    attackTo: to,
  } = config;
  const { mu, sigma } = initialisationOf(config);
  const { order, decay } = Object.values(plan.schedules)[0]!;
  return {
    images: toPixelUnits(state.images, data.normalisation),
    imageShape: data.imageShape,
    labels: state.labels,
    eta: state.eta,
    ...(decay && { decay: state.decay }),
    paceShape: plan.paceShape,
    ...(config.etaPerLayer && { columns: columnNames(plan.nets) }),
    schedule: {
      inner_steps: innerSteps * innerEpochs,
      epochs: innerEpochs,
      order: order.kind,
      ...(order.kind === 'random' && { batch: order.batch }),
    },
    classNames: data.classNames,
    normalisation: data.normalisation,
    dataset: data.name,
    dataChecksum: data.checksum,
    models: config.models,
    modelOptions: { kernel, filters, hidden, depth, width },
    architectures: layersOf(job),
    ...(from !== undefined && to !== undefined && { attack: { from, to } }),
    init: { kind: config.init, mu, sigma },
    temperature: Object.fromEntries(plan.names.map(name => [name, temperatureOf(job, name)])),
    ...(config.loss !== 'cross-entropy' && { loss: config.loss }),
    seed: config.seed,
    ...(accuracy && { accuracy }),
    createdBy: `${name} ${version}`,
  };
}

const layersOf = ({ architectures }: Job): NonNullable<DistilledSet['architectures']> =>
  Object.fromEntries(Object.entries(architectures).map(([name, own]) => [name, layersAsData(own)]));
