/** @file Gradient tasks: the meta-gradients of members at one step, each by itself. In: job, engine, broadcast state. Out: loss and gradients.
 *  Everything random is a function of (seed, step, member), so the answer is the same on every worker. */
import { type Job, type Plan, temperatureOf } from '../shared/config/index.ts';
import { batches, type Gather, gatherer, oneHot, split } from '../shared/data/batches.ts';
import { distillationStep } from '../shared/distillation/index.ts';
import type { DistilledState, Gradient, GradientTask } from '../shared/messages/index.ts';
import type { Engine, Numbers } from './engines/engine.ts';
import { type Program, Programs } from './programs.ts';
import { type Start, startOfMember } from './start.ts';

/** All that goes into one gradient, as the engine takes it. Images in the network's space. */
export interface GradientInputs extends DistilledState, Start {
  /** Real images (B, H, W, C) and the one-hot labels (B, K) that they are to get. */
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Gradients as the engine gives them: float64 from the reference engine. */
export interface GradientOutputs {
  readonly loss: Numbers;
  readonly dImages: Numbers;
  readonly dEta: Numbers;
  readonly dLabels: Numbers;
  /** Where the inner steps forget. */
  readonly dDecay?: Numbers;
}

/** Computes gradients; graphs are compiled when first needed, and the batch of a step is gathered once for all its members. */
export class Gradients {
  private readonly programs: Programs;
  private readonly batchAt: (step: number) => Uint32Array;
  private readonly gather: Gather;
  private readonly pixels: Float32Array;
  private batch: { step: number; x: Float32Array; y: Float32Array } | undefined;

  constructor(
    private readonly job: Job,
    private readonly plan: Plan,
    engine: Engine,
  ) {
    const { config, data } = job;
    this.programs = new Programs(engine);
    this.batchAt = batches(
      split(data.train.count, plan.validation, config.seed).training,
      config.batchSize,
      config.seed,
    );
    this.gather = gatherer(data.train, data.normalisation);
    this.pixels = new Float32Array(config.batchSize * (data.train.images.length / data.train.count));
  }

  /** The answer to a gradient task. */
  async gradients({ step, member, count }: GradientTask, state: DistilledState): Promise<Gradient[]> {
    const gradients: Gradient[] = [];
    for (let i = member; i < member + count; i++) gradients.push(await this.gradient(step, i, state));
    return gradients;
  }

  /** The gradient of one member. */
  async gradient(step: number, member: number, state: DistilledState): Promise<Gradient> {
    const { loss, dImages, dEta, dLabels, dDecay } = await this.compute(
      member,
      this.inputs(step, member, state),
    );
    const f32 = (values: Numbers = new Float32Array()): Float32Array =>
      values instanceof Float32Array ? values : Float32Array.from(values);
    return { loss: loss[0]!, images: f32(dImages), eta: f32(dEta), labels: f32(dLabels), decay: f32(dDecay) };
  }

  /** What member `member` sees at `step`. */
  inputs(step: number, member: number, state: DistilledState): GradientInputs {
    return { ...state, ...startOfMember(this.job, this.plan, step, member), ...this.batchOf(step) };
  }

  async compute(member: number, inputs: GradientInputs): Promise<GradientOutputs> {
    const program = await this.program(this.plan.members[member]!);
    const [loss, dImages, dEta, dLabels, dDecay] = await program({ ...inputs });
    return { loss: loss!, dImages: dImages!, dEta: dEta!, dLabels: dLabels!, ...(dDecay && { dDecay }) };
  }

  private program(name: string): Promise<Program> {
    const { nets, schedules } = this.plan;
    const { batchSize } = this.job.config;
    return this.programs.get(name, () =>
      distillationStep(nets[name]!, schedules[name]!, batchSize, temperatureOf(this.job, name)),
    );
  }

  /** The batch of a step; its pixels are overwritten by the next one. */
  private batchOf(step: number): { x: Float32Array; y: Float32Array } {
    const { train } = this.job.data;
    if (this.batch?.step !== step) {
      const indices = this.batchAt(step);
      this.batch = {
        step,
        x: this.gather(indices, this.pixels),
        y: oneHot(train, indices, this.plan.targets),
      };
    }
    return this.batch;
  }
}
