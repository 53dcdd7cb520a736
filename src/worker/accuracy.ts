/** @file One evaluation task: a fresh network learns, and what it then takes each real image for. */
import type { Job, Plan } from '../shared/config/index.ts';
import { gatherer, split } from '../shared/data/batches.ts';
import { prediction, trainingSteps } from '../shared/distillation/index.ts';
import type { Accuracy, DistilledState, Recipe } from '../shared/messages/index.ts';
import type { Engine, Numbers } from './engines/engine.ts';
import { Programs } from './programs.ts';
import { type Part, type Start, startOfJudged } from './start.ts';
import type { Training } from './training.ts';

/** Images classified per call: large enough to be fast, small enough for the activations of a conv net. */
const chunk = 500;

/** Trains and judges fresh networks. */
export class Accuracies {
  private readonly programs: Programs;
  private readonly validation: Uint32Array;

  constructor(
    private readonly job: Job,
    private readonly plan: Plan,
    private readonly training: Training,
    engine: Engine,
  ) {
    const { config, data } = job;
    this.programs = new Programs(engine);
    this.validation = split(data.train.count, plan.validation, config.seed).validation;
  }

  /** What fresh network number `net` of architecture number `model` takes the images of `part` for, after `recipe`. */
  async accuracy(
    { part, model, net, recipe }: { part: Part; model: number; net: number; recipe: Recipe },
    state: DistilledState,
  ): Promise<Accuracy> {
    const name = this.plan.names[model]!;
    const start = startOfJudged(this.job, this.plan, name, part, net);
    const pupil = { name, weights: start.weights, number: net };
    const weights = await {
      none: async () => start.weights,
      schedule: () => this.distilled(name, start, state),
      converged: () => this.training.converged(pupil, part, state),
      full: () => this.training.full(pupil, part),
    }[recipe]();
    return { confusion: await this.confusion(name, weights, part) };
  }

  /** After the inner steps. */
  private async distilled(name: string, start: Start, state: DistilledState): Promise<Float32Array> {
    const { nets, schedules } = this.plan;
    const train = await this.programs.get(`train ${name}`, () =>
      trainingSteps(nets[name]!, schedules[name]!),
    );
    const [weights] = await train({ ...start, ...state });
    return Float32Array.from(weights!);
  }

  private async confusion(name: string, weights: Float32Array, part: Part): Promise<Uint32Array> {
    const predict = await this.programs.get(`predict ${name}`, () =>
      prediction(this.plan.nets[name]!, chunk),
    );
    const { data } = this.job;
    const { classes } = this.plan;
    const set = part === 'test' ? data.test : data.train;
    const indices = part === 'test' ? Uint32Array.from({ length: set.count }, (_, i) => i) : this.validation;
    const gather = gatherer(set, data.normalisation);
    const x = new Float32Array(chunk * (set.images.length / set.count));
    const confusion = new Uint32Array(classes ** 2);
    for (let first = 0; first < indices.length; first += chunk) {
      const some = indices.subarray(first, first + chunk);
      const full = Uint32Array.from({ length: chunk }, (_, i) => some[i] ?? some[0]!); // the graph's batch size is fixed
      const [logits] = await predict({ weights, x: gather(full, x) });
      some.forEach((index, i) => {
        confusion[set.labels[index]! * classes + argmax(logits!, i * classes, classes)]!++;
      });
    }
    return confusion;
  }
}

function argmax(values: Numbers, first: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[first + i]! > values[first + best]!) best = i;
  return best;
}
