/** @file One evaluation task: a fresh network, the inner steps on the distilled set, and how many real images it then classifies rightly. */
import { initialisationOf, type Job, type Plan } from '../shared/config/index.ts';
import { gatherer, split } from '../shared/data/batches.ts';
import { prediction, trainingSteps } from '../shared/distillation/index.ts';
import type { Accuracy, DistilledState } from '../shared/messages/index.ts';
import { drawWeights, type ModelName, type Net } from '../shared/models/index.ts';
import { stream } from '../shared/random/index.ts';
import type { Compiled, Engine, Numbers } from './engines/engine.ts';

/** Images classified per call: large enough to be fast, small enough for the activations of a conv net. */
const chunk = 500;

export type Part = 'validation' | 'test';

/** Trains and judges fresh networks. Their w_0 come from streams of their own, so no network that was distilled with is judged. */
export class Accuracies {
  private readonly compiled = new Map<string, Promise<{ train: Compiled; predict: Compiled }>>();
  private readonly validation: Uint32Array;

  constructor(
    private readonly job: Job,
    private readonly plan: Plan,
    private readonly engine: Engine,
  ) {
    const { config, data } = job;
    this.validation = split(data.train.count, config.validation, config.seed).validation;
  }

  /** Rightly classified images of `part` by fresh network number `number` of architecture number `model`. */
  async accuracy(part: Part, model: number, number: number, state: DistilledState): Promise<Accuracy> {
    const name = this.plan.architectures[model]!;
    const { train, predict } = await this.compile(name);
    const w0 = this.freshWeights(name, part, number);
    const [weights] = await train.run([w0, state.images, state.labels, state.eta]);
    const { data } = this.job;
    const set = part === 'test' ? data.test : data.train;
    const indices = part === 'test' ? Uint32Array.from({ length: set.count }, (_, i) => i) : this.validation;
    const gather = gatherer(set, data.normalisation);
    const pixels = new Float32Array(chunk * (set.images.length / set.count));
    let correct = 0;
    for (let first = 0; first < indices.length; first += chunk) {
      const some = indices.subarray(first, first + chunk);
      const full = Uint32Array.from({ length: chunk }, (_, i) => some[i] ?? some[0]!); // the graph's batch size is fixed
      const [logits] = await predict.run([weights!, gather(full, pixels)]);
      some.forEach((index, i) => {
        if (argmax(logits!, i * this.plan.classes, this.plan.classes) === set.labels[index]) correct++;
      });
    }
    return { correct, total: indices.length };
  }

  /** With fixed weights the networks are the members themselves: what was distilled for them holds for no other. */
  private freshWeights(name: ModelName, part: Part, number: number): Float32Array {
    const { config } = this.job;
    const { fixed, ...initialisation } = initialisationOf(config);
    const own = this.plan.members.flatMap((member, j) => (member === name ? [j] : []));
    const random = fixed
      ? stream(config.seed, 'weights', 0, own[number % own.length]!)
      : stream(config.seed, part === 'test' ? 'testWeights' : 'validationWeights', 0, number);
    return drawWeights(this.net(name), initialisation, random);
  }

  private compile(name: ModelName): Promise<{ train: Compiled; predict: Compiled }> {
    const known = this.compiled.get(name);
    if (known !== undefined) return known;
    const compiled = Promise.all([
      this.engine.compile(trainingSteps(this.net(name), this.plan.schedule)),
      this.engine.compile(prediction(this.net(name), chunk)),
    ]).then(([train, predict]) => ({ train, predict }));
    this.compiled.set(name, compiled);
    return compiled;
  }

  private net(name: ModelName): Net {
    return this.plan.nets[name]!;
  }
}

function argmax(values: Numbers, first: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (values[first + i]! > values[first + best]!) best = i;
  return best;
}
