/** @file Gradient tasks: the meta-gradients of members at one step, each by itself. In: job, engine, broadcast state. Out: loss and gradients.
 *  Everything random is a function of (seed, step, member), so the answer is the same on every worker. */
import { type Job, type Plan, temperatureOf } from '../shared/config/index.ts';
import { distillationStep } from '../shared/distillation/index.ts';
import type { DistilledState, Gradient, GradientTask } from '../shared/messages/index.ts';
import type { Engine, Numbers } from './engines/engine.ts';
import { type Program, Programs } from './programs.ts';
import { type Start, startOfMember } from './start.ts';
import { type StepBatch, StepBatches } from './stepBatches.ts';

/** All that goes into one gradient, as the engine takes it. Images in the network's space. */
export interface GradientInputs extends DistilledState, Start, StepBatch {}

/** Gradients as the engine gives them: float64 from the reference engine. */
export interface GradientOutputs {
  readonly loss: Numbers;
  readonly dImages: Numbers;
  readonly dEta: Numbers;
  readonly dLabels: Numbers;
  /** Where the inner steps forget. */
  readonly dDecay?: Numbers;
}

/** Computes gradients; graphs are compiled when first needed. */
export class Gradients {
  private readonly programs: Programs;
  private readonly batches: StepBatches;
  /** Where the engine may put the gradients of a task's first member, second member, … */
  private readonly rooms: Float32Array[][] = [];
  /** Where each architecture's w_0 is drawn: most of what a worker would else leave to the garbage collector. */
  private readonly weights: Record<string, Float32Array> = {};
  private computing = false;

  constructor(
    private readonly job: Job,
    private readonly plan: Plan,
    engine: Engine,
  ) {
    this.programs = new Programs(engine);
    this.batches = new StepBatches(job, plan);
  }

  /** The answer to a gradient task, in arrays that the next task's may overwrite. */
  async gradients({ step, member, count }: GradientTask, state: DistilledState): Promise<Gradient[]> {
    const gradients: Gradient[] = [];
    this.computing = true;
    try {
      for (let i = 0; i < count; i++) {
        const inputs = this.inputs(step, member + i, state);
        gradients.push(gradientOf(await this.compute(member + i, inputs, this.room(i))));
      }
    } finally {
      this.computing = false;
    }
    return gradients;
  }

  /** Does of step `step`, before anyone asks for it, what every task of it needs; nothing while a task is computed. */
  prepare(step: number): void {
    if (!this.computing) this.batches.prepare(step);
  }

  /** What member `member` sees at `step`, in arrays that the next call may overwrite. */
  inputs(step: number, member: number, state: DistilledState): GradientInputs {
    const name = this.plan.members[member]!;
    this.weights[name] ??= new Float32Array(this.plan.nets[name]!.weightCount);
    const start = startOfMember(this.job, this.plan, step, member, this.weights[name]);
    return { ...state, ...start, ...this.batches.at(step) };
  }

  /** The gradient of member `member`; `room` as of `Compiled.run`. */
  async compute(
    member: number,
    inputs: GradientInputs,
    room?: readonly Float32Array[],
  ): Promise<GradientOutputs> {
    const program = await this.program(this.plan.members[member]!);
    const [loss, dImages, dEta, dLabels, dDecay] = await program({ ...inputs }, room);
    return { loss: loss!, dImages: dImages!, dEta: dEta!, dLabels: dLabels!, ...(dDecay && { dDecay }) };
  }

  private program(name: string): Promise<Program> {
    const { nets, schedules } = this.plan;
    const { batchSize } = this.job.config;
    return this.programs.get(name, () =>
      distillationStep(nets[name]!, schedules[name]!, batchSize, temperatureOf(this.job, name)),
    );
  }

  private room(i: number): Float32Array[] {
    const { images, eta, labels, decay } = this.plan.sizes;
    this.rooms[i] ??= [1, images, eta, labels, decay].map(size => new Float32Array(size));
    return this.rooms[i];
  }
}

function gradientOf({ loss, dImages, dEta, dLabels, dDecay }: GradientOutputs): Gradient {
  const f32 = (values: Numbers = new Float32Array()): Float32Array =>
    values instanceof Float32Array ? values : Float32Array.from(values);
  return { loss: loss[0]!, images: f32(dImages), eta: f32(dEta), labels: f32(dLabels), decay: f32(dDecay) };
}
