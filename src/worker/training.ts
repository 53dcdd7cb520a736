/** @file Ordinary training of one network: SGD with momentum on real images, or on the broadcast set. In: w_0 and what to learn from. Out: weights and a loss.
 *  The order of the mini-batches is a function of (seed, network, epoch), so the weights are the same on every worker. */
import type { Job, Plan } from '../shared/config/index.ts';
import { split } from '../shared/data/batches.ts';
import { momentumSteps } from '../shared/distillation/index.ts';
import { DistillError } from '../shared/errors.ts';
import { sizeOf } from '../shared/graph/index.ts';
import type { DistilledState, Trained } from '../shared/messages/index.ts';
import { type Purpose, type Stream, stream } from '../shared/random/index.ts';
import type { Engine } from './engines/engine.ts';
import { distilledLesson, feeder, type Lesson, realLesson } from './lessons.ts';
import { Programs } from './programs.ts';
import { hasSettled } from './settled.ts';
import type { Part } from './start.ts';

/** Images per step, or all of them where there are fewer. */
const largestBatch = 256;
/** Both recipes average their loss over windows of so many steps, `full` over whole epochs of at least as many: fewer would stop by chance. */
const windowSteps = 100;
/** Steps of a recipe at most, and epochs of `full` where those are more. */
const [stepLimit, epochLimit] = [5000, 20];
/** A call of the engine takes several steps, with at most so many pixel values (4 MB). */
const callValues = 2 ** 20;

/** A network in training: its architecture, its w_0 (P), its number. */
export interface Pupil {
  readonly name: string;
  readonly weights: Float32Array;
  readonly number: number;
}

/** How training goes on: the loss is averaged over windows of so many steps; `over` says after each whether it ends. */
interface Course {
  readonly window: number;
  random(epoch: number): Stream;
  over(losses: readonly number[]): boolean;
}

/** Trains networks; graphs are compiled when first needed. */
export class Training {
  private readonly programs: Programs;
  private lesson: Lesson | undefined;

  constructor(
    private readonly job: Job,
    private readonly plan: Plan,
    engine: Engine,
  ) {
    this.programs = new Programs(engine);
  }

  /** The real training images, in order only when they are first asked for: most workers never train. */
  private get real(): Lesson {
    const { config, data } = this.job;
    this.lesson ??= realLesson(
      data.train,
      data.normalisation,
      split(data.train.count, this.plan.validation, config.seed).training,
      this.plan.classes,
    );
    return this.lesson;
  }

  /** The recipe `converged`: on the broadcast set, its labels as they are, until the loss has settled (settled.ts); at most 5,000 steps, because the loss of learned
   *  labels may have no least value. */
  async converged(pupil: Pupil, part: Part, state: DistilledState): Promise<Float32Array> {
    const lesson = distilledLesson(state, this.plan.images);
    const { weights } = await this.train(pupil, lesson, {
      window: windowSteps,
      random: this.order('recipeBatch', pupil, part),
      over: settledOrAfter(stepLimit / windowSteps),
    });
    return weights;
  }

  /** The recipe `full`: on all real training images but those held out, until the loss has settled; at most 20 epochs, or 5,000 steps where those are more. */
  async full(pupil: Pupil, part: Part): Promise<Float32Array> {
    const epoch = epochOf(this.real);
    const window = epoch * Math.ceil(windowSteps / epoch);
    const { weights } = await this.train(pupil, this.real, {
      window,
      random: this.order('fullBatch', pupil, part),
      over: settledOrAfter(Math.ceil(Math.max(epochLimit * epoch, stepLimit) / window)),
    });
    return weights;
  }

  /** The task `pretrain`: `epochs` passes over the same images. */
  pretrained(pupil: Pupil, epochs: number): Promise<Trained> {
    return this.train(pupil, this.real, {
      window: epochOf(this.real),
      random: this.order('pretrainBatch', pupil),
      over: losses => losses.length === epochs,
    });
  }

  /** Networks that are judged on either part have the same numbers, and orders of their own. */
  private order(purpose: Purpose, { number }: Pupil, part: Part = 'test'): Course['random'] {
    const { seed } = this.job.config;
    return epoch => stream(seed, purpose, epoch, number + (part === 'test' ? 0 : 2 ** 31));
  }

  /** @returns weights, and the mean over the last window of the loss before each step. @throws DistillError 'non-finite'. */
  private async train(pupil: Pupil, lesson: Lesson, { window, random, over }: Course): Promise<Trained> {
    const { evalLr, evalMomentum: momentum, loss } = this.job.config;
    const net = this.plan.nets[pupil.name]!;
    const batch = batchOf(lesson);
    const pixels = sizeOf(net.imageShape);
    const steps = stepsPerCall(window, batch * pixels);
    const run = await this.programs.get(`${pupil.name} ${steps} ${batch}`, () =>
      momentumSteps(net, { steps, batch, momentum, loss }),
    );
    const feed = feeder(lesson, { steps, batch, pixels, classes: this.plan.classes }, random);
    const rate = Float32Array.of(evalLr);
    let [weights, velocity] = [pupil.weights, new Float32Array(net.weightCount)];
    const losses: number[] = [];
    do {
      let total = 0;
      for (let done = 0; done < window; done += steps) {
        const [w, v, mean] = await run({ weights, velocity, rate, ...feed() });
        [weights, velocity] = [Float32Array.from(w!), Float32Array.from(v!)];
        total += mean![0]! * steps;
      }
      if (!Number.isFinite(total)) throw diverged(pupil, losses.length * window);
      losses.push(total / window);
    } while (!over(losses));
    return { weights, loss: losses.at(-1)! };
  }
}

const batchOf = ({ count }: Lesson): number => Math.min(count, largestBatch);

/** Steps of an epoch; what is left of its images is dropped. */
const epochOf = (lesson: Lesson): number => Math.floor(lesson.count / batchOf(lesson));

const settledOrAfter =
  (windows: number): Course['over'] =>
  losses =>
    losses.length >= windows || hasSettled(losses);

/** The largest divisor of a window that keeps a call small. */
function stepsPerCall(window: number, valuesPerStep: number): number {
  let steps = Math.max(1, Math.min(window, Math.floor(callValues / valuesPerStep)));
  while (window % steps !== 0) steps--;
  return steps;
}

const diverged = ({ name, number }: Pupil, steps: number): DistillError =>
  new DistillError('non-finite', `network ${number} of ${name}, in training`, {
    expected: 'a finite loss',
    found: `none after ${steps} steps`,
    fix: 'lower --eval-lr',
  });
