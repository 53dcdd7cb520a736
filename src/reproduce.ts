/** @file One gradient task alone, with all that goes into it and comes out of it, so that anyone can check any gradient in another framework. */

import { initialState, type State } from './coordinator/state.ts';
import { trajectory } from './coordinator/trajectory.ts';
import { withEngine } from './engine.ts';
import { stateBefore } from './keeping.ts';
import { type SessionOptions, withSession } from './session.ts';
import type { StoredTensor } from './shared/artifacts/index.ts';
import {
  initialisationOf,
  type Job,
  type Options,
  type Plan,
  resolveConfig,
  temperatureOf,
} from './shared/config/index.ts';
import { DistillError } from './shared/errors.ts';
import { loadJob } from './shared/job/index.ts';
import type { EngineName, TfjsBackend } from './worker/engines/engine.ts';
import { loadEngine } from './worker/engines/index.ts';
import { type GradientInputs, type GradientOutputs, Gradients } from './worker/gradient.ts';

export interface Question {
  /** Outer step, from 0: the state after that many steps. Earlier steps are computed again, from the newest fitting checkpoint where the session names some. */
  readonly step: number;
  /** Ensemble member, from 0. */
  readonly member: number;
  /** Who computes the task; the run's engine when left out. The steps before it are always the run's. */
  readonly engine?: EngineName;
  /** The same for the backend of the engine tfjs. */
  readonly tfjsBackend?: TfjsBackend;
}

/** A task in full. Images are in the network's space; layouts are those of Keras and tfjs. */
export interface ReproducedTask {
  /** `images` (M,H,W,C), `x` (B,H,W,C), `labels` (M,K), `y` (B,K), `eta` (), (N) or (N,L), `weights` (P), and `loss` (), `d_images`, `d_eta`, `d_labels`; where the
   *  inner steps forget `decay` and `d_decay`, shaped as `eta`; with random order `select` (N, batch, M). */
  readonly arrays: Readonly<Record<string, StoredTensor>>;
  /** The content of task.json: model, sizes, and each weight tensor's name, shape and offset in `weights`. */
  readonly task: object;
}

/** Computes the gradient of one member at one step of the run that `options` describe.
 *  @throws DistillError 'usage' when there is no such step or member. */
export async function reproduce(
  options: Options,
  question: Question,
  session: SessionOptions = {},
): Promise<ReproducedTask> {
  const config = resolveConfig(options);
  const job = await loadJob(await withEngine(config, session), session);
  return withSession(job, session.signal, async ({ plan, transport }) => {
    within('step', question.step, plan.steps);
    within('member', question.member, plan.members.length);
    let state =
      (await stateBefore(session.checkpoints, question.step, job, plan)) ?? initialState(config, plan);
    if (question.step > state.step)
      for await (const advance of trajectory(job, plan, transport, state)) {
        state = advance.state;
        session.signal?.throwIfAborted();
        if (state.step === question.step) break;
      }
    return computed(job, plan, question, state);
  });
}

async function computed(job: Job, plan: Plan, question: Question, state: State): Promise<ReproducedTask> {
  const { step, member } = question;
  const engine = await loadEngine(
    question.engine ?? job.config.engine,
    question.tfjsBackend ?? job.config.tfjsBackend,
  );
  const gradients = new Gradients(job, plan, engine);
  const alone = { step, member, count: 1 };
  const inputs = gradients.inputs(alone, state);
  const [outputs] = await gradients.compute(alone, inputs);
  const model = plan.members[member]!;
  const { kernel, filters, hidden, depth, width, seed, batchSize } = job.config;
  const task = {
    format: 'distill-cluster task',
    formatVersion: 1,
    step,
    member,
    seed,
    engine: engine.version,
    model,
    modelOptions: { kernel, filters, hidden, depth, width },
    layers: job.architectures[model]!.layers,
    ...plan.schedules[model]!,
    temperature: temperatureOf(job, model),
    initialisation: initialisationOf(job.config),
    batchSize,
    imageShape: job.data.imageShape,
    classes: plan.classes,
    data: { name: job.data.name, checksum: job.data.checksum },
    weights: plan.nets[model]!.weights,
  };
  return { arrays: arraysOf(job, plan, inputs, outputs!), task };
}

function arraysOf(
  { config, data }: Job,
  { images: m, classes, paceShape: pace, schedules }: Plan,
  { weights, images, labels, eta, decay, select, x, y }: GradientInputs,
  outputs: GradientOutputs,
): Record<string, StoredTensor> {
  const { innerSteps, order, decay: forgets } = Object.values(schedules)[0]!;
  const shapes = { images: [m, ...data.imageShape], labels: [m, classes] };
  return {
    images: { shape: shapes.images, data: images },
    x: { shape: [config.batchSize, ...data.imageShape], data: x },
    labels: { shape: shapes.labels, data: labels },
    y: { shape: [config.batchSize, classes], data: y },
    eta: { shape: pace, data: eta },
    ...(forgets && { decay: { shape: pace, data: decay } }),
    ...(select &&
      order.kind === 'random' && { select: { shape: [innerSteps, order.batch, m], data: select } }),
    weights: { shape: [weights.length], data: weights },
    loss: { shape: [], data: outputs.loss },
    d_images: { shape: shapes.images, data: outputs.dImages },
    d_eta: { shape: pace, data: outputs.dEta },
    d_labels: { shape: shapes.labels, data: outputs.dLabels },
    ...(outputs.dDecay && { d_decay: { shape: pace, data: outputs.dDecay } }),
  };
}

function within(name: string, value: number, count: number): void {
  if (Number.isInteger(value) && value >= 0 && value < count) return;
  throw new DistillError('usage', name, {
    expected: `a whole number from 0 to ${count - 1}`,
    found: String(value),
    fix: `the run has ${count}`,
  });
}
