/** @file One gradient task: the meta-gradient of one member at one step. In: job, engine, broadcast state. Out: loss and gradients.
 *  Everything random is a function of (seed, step, member), so the answer is the same on every worker. */
import { initialisationOf, type Job, type Plan, temperatureOf } from '../shared/config/index.ts';
import { batches, type Gather, gatherer, oneHot, split } from '../shared/data/batches.ts';
import { distillationStep } from '../shared/distillation/index.ts';
import type { DistilledState, Gradient } from '../shared/messages/index.ts';
import { drawWeights, type ModelName, type Net } from '../shared/models/index.ts';
import { stream } from '../shared/random/index.ts';
import type { Compiled, Engine, Numbers } from './engines/engine.ts';

/** All that goes into one gradient, as the engine takes it. Images in the network's space. */
export interface GradientInputs extends DistilledState {
  /** w_0, flat (P). */
  readonly weights: Float32Array;
  /** Real images (B, H, W, C) and their one-hot labels (B, K). */
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Gradients as the engine gives them: float64 from the reference engine. */
export interface GradientOutputs {
  readonly loss: Numbers;
  readonly dImages: Numbers;
  readonly dEta: Numbers;
  readonly dLabels: Numbers;
}

/** Computes gradients; graphs are compiled when first needed, and the batch of a step is gathered once for all its members. */
export class Gradients {
  private readonly compiled = new Map<ModelName, Promise<Compiled>>();
  private readonly batchAt: (step: number) => Uint32Array;
  private readonly gather: Gather;
  private readonly pixels: Float32Array;
  private batch: { step: number; x: Float32Array; y: Float32Array } | undefined;

  constructor(
    private readonly job: Job,
    private readonly plan: Plan,
    private readonly engine: Engine,
  ) {
    const { config, data } = job;
    this.batchAt = batches(
      split(data.train.count, config.validation, config.seed).training,
      config.batchSize,
      config.seed,
    );
    this.gather = gatherer(data.train, data.normalisation);
    this.pixels = new Float32Array(config.batchSize * (data.train.images.length / data.train.count));
  }

  /** The answer to a gradient task. */
  async gradient(step: number, member: number, state: DistilledState): Promise<Gradient> {
    const { loss, dImages, dEta, dLabels } = await this.compute(member, this.inputs(step, member, state));
    const f32 = (values: Numbers): Float32Array =>
      values instanceof Float32Array ? values : Float32Array.from(values);
    return { loss: loss[0]!, images: f32(dImages), eta: f32(dEta), labels: f32(dLabels) };
  }

  /** What member `member` sees at `step`. */
  inputs(step: number, member: number, state: DistilledState): GradientInputs {
    const { config } = this.job;
    const { fixed, ...initialisation } = initialisationOf(config);
    const random = stream(config.seed, 'weights', fixed ? 0 : step, member);
    return {
      ...state,
      weights: drawWeights(this.net(member), initialisation, random),
      ...this.batchOf(step),
    };
  }

  async compute(
    member: number,
    { weights, images, labels, eta, x, y }: GradientInputs,
  ): Promise<GradientOutputs> {
    const step = await this.compile(this.plan.members[member]!);
    const [loss, dImages, dEta, dLabels] = await step.run([weights, images, labels, eta, x, y]);
    return { loss: loss!, dImages: dImages!, dEta: dEta!, dLabels: dLabels! };
  }

  private compile(model: ModelName): Promise<Compiled> {
    const known = this.compiled.get(model);
    if (known !== undefined) return known;
    const { config } = this.job;
    const graph = distillationStep(
      this.plan.nets[model]!,
      this.plan.schedule,
      config.batchSize,
      temperatureOf(config, model),
    );
    const compiled = this.engine.compile(graph);
    this.compiled.set(model, compiled);
    return compiled;
  }

  private net(member: number): Net {
    return this.plan.nets[this.plan.members[member]!]!;
  }

  /** The batch of a step; its pixels are overwritten by the next one. */
  private batchOf(step: number): { x: Float32Array; y: Float32Array } {
    const { train, classNames } = this.job.data;
    if (this.batch?.step !== step) {
      const indices = this.batchAt(step);
      this.batch = {
        step,
        x: this.gather(indices, this.pixels),
        y: oneHot(train, indices, classNames.length),
      };
    }
    return this.batch;
  }
}
