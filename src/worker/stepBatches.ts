/** @file The real images of each step. In: job. Out: the mini-batch of a step, gathered once for all members that a worker computes, and ahead of its step where nobody waits for it. */
import type { Job, Plan } from '../shared/config/index.ts';
import { batches, type Gather, gatherer, oneHot, split } from '../shared/data/batches.ts';

/** Real images (B, H, W, C) in the network's space and the one-hot labels (B, K) that they are to get. */
export interface StepBatch {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** A batch of up to so many pixels (16 MB) is prepared: beside it the one before is kept. */
const preparedPixels = 2 ** 22;

export class StepBatches {
  private readonly indicesAt: (step: number) => Uint32Array;
  private readonly gather: Gather;
  /** Even and odd steps, or all of them in one. */
  private readonly places: { step: number; batch: StepBatch }[];

  constructor(
    private readonly job: Job,
    private readonly plan: Plan,
  ) {
    const { config, data } = job;
    this.indicesAt = batches(
      split(data.train.count, plan.validation, config.seed).training,
      config.batchSize,
      config.seed,
    );
    this.gather = gatherer(data.train, data.normalisation);
    const pixels = config.batchSize * (data.train.images.length / data.train.count);
    this.places = Array.from({ length: pixels <= preparedPixels ? 2 : 1 }, () => ({
      step: -1,
      batch: { x: new Float32Array(pixels), y: new Float32Array() },
    }));
  }

  /** The batch of a step. Its pixels are overwritten by the next step's, or where batches are prepared by the next but one's. */
  at(step: number): StepBatch {
    const place = this.places[step % this.places.length]!;
    if (place.step !== step) {
      const indices = this.indicesAt(step);
      const x = this.gather(indices, place.batch.x);
      place.batch = { x, y: oneHot(this.job.data.train, indices, this.plan.targets) };
      place.step = step;
    }
    return place.batch;
  }

  /** Gathers the batch of a step that is to come, if there is such a step and room for its batch. */
  prepare(step: number): void {
    if (this.places.length > 1 && step < this.plan.steps) this.at(step);
  }
}
