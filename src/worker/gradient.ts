/** @file Gradient tasks: the meta-gradients of members at one step. In: job, engine, broadcast state. Out: loss and gradients of each. Members share a call of the engine where
 *  that can be, but no result depends on it: everything random is a function of (seed, step, member), so the answer is the same on every worker. */
import { type Job, type Plan, temperatureOf } from '../shared/config/index.ts';
import { distillationStep, type StepInput } from '../shared/distillation/index.ts';
import type { Graph } from '../shared/graph/index.ts';
import type { DistilledState, Gradient, GradientTask } from '../shared/messages/index.ts';
import type { Engine, Numbers } from './engines/engine.ts';
import { type LanesProgram, Programs, partOf } from './programs.ts';
import { type Start, selectSize, startOfMember } from './start.ts';
import { type StepBatch, StepBatches } from './stepBatches.ts';

/** Members of one architecture at one step: `count` of them, from `member` on. */
export type Members = Omit<GradientTask, 'kind'>;

/** All that goes into the gradients of members, as the engine takes it: `weights` and `select` have one member's after the other's. Images in the network's space. */
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

/** What each member has for itself. */
const ofMember: ReadonlySet<StepInput> = new Set<StepInput>(['weights', 'select']);

/** Where the starts of members are drawn, and where the engine may put their gradients: most of what a worker would else leave to the garbage collector. */
interface Room {
  readonly starts: Required<Start>;
  readonly results: readonly Float32Array[];
}

/** Computes gradients; graphs are compiled when first needed. */
export class Gradients {
  private readonly programs: Programs;
  private readonly batches: StepBatches;
  /** By architecture and number of members. */
  private readonly rooms = new Map<string, Room>();
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
  async gradients(task: GradientTask, state: DistilledState): Promise<Gradient[]> {
    this.computing = true;
    try {
      return (await this.compute(task, this.inputs(task, state))).map(gradientOf);
    } finally {
      this.computing = false;
    }
  }

  /** Does of step `step`, before anyone asks for it, what every task of it needs; nothing while a task is computed. */
  prepare(step: number): void {
    if (!this.computing) this.batches.prepare(step);
  }

  /** What members see, in arrays that the next call may overwrite. */
  inputs(members: Members, state: DistilledState): GradientInputs {
    const { step, member, count } = members;
    const { weights, select } = this.room(members).starts;
    for (let i = 0; i < count; i++)
      startOfMember(this.job, this.plan, step, member + i, {
        weights: partOf(weights, i, count),
        select: partOf(select, i, count),
      });
    return { ...state, weights, ...(select.length > 0 && { select }), ...this.batches.at(step) };
  }

  /** The gradients of members, in arrays that the next call may overwrite. */
  async compute(members: Members, inputs: GradientInputs): Promise<GradientOutputs[]> {
    const program = await this.program(members);
    const results = await program({ ...inputs }, this.room(members).results);
    return results.map(([loss, dImages, dEta, dLabels, dDecay]) => ({
      loss: loss!,
      dImages: dImages!,
      dEta: dEta!,
      dLabels: dLabels!,
      ...(dDecay && { dDecay }),
    }));
  }

  private program({ member, count }: Members): Promise<LanesProgram> {
    const { members, nets, schedules } = this.plan;
    const { batchSize } = this.job.config;
    const name = members[member]!;
    const step = (): Graph =>
      distillationStep(nets[name]!, schedules[name]!, batchSize, temperatureOf(this.job, name));
    return this.programs.ofLanes(name, step, count, ofMember);
  }

  private room({ member, count }: Members): Room {
    const { members, nets, schedules, sizes } = this.plan;
    const name = members[member]!;
    const { images, eta, labels, decay } = sizes;
    const array = (size: number): Float32Array => new Float32Array(count * size);
    const known = this.rooms.get(`${name} × ${count}`) ?? {
      starts: { weights: array(nets[name]!.weightCount), select: array(selectSize(schedules[name]!)) },
      results: [1, images, eta, labels, decay].map(array),
    };
    this.rooms.set(`${name} × ${count}`, known);
    return known;
  }
}

function gradientOf({ loss, dImages, dEta, dLabels, dDecay }: GradientOutputs): Gradient {
  const f32 = (values: Numbers = new Float32Array()): Float32Array =>
    values instanceof Float32Array ? values : Float32Array.from(values);
  return { loss: loss[0]!, images: f32(dImages), eta: f32(dEta), labels: f32(dLabels), decay: f32(dDecay) };
}
