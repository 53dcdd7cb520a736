/** @file The job served last, and what computes for it: a coordinator that comes back has the same job. In: frames of jobs. */
import { createHash } from 'node:crypto';
import type { Job } from '../../../shared/config/index.ts';
import { type Link, namesOf } from '../../../shared/nats/index.ts';
import { jobHere, type OwnData } from './data.ts';
import type { Executor } from './slot.ts';

/** A job that is loaded, and what computes for it. */
export interface Workplace {
  readonly job: Job;
  readonly executor: Executor;
}

export interface WorkplaceOptions extends OwnData {
  readonly threads: number;
  readonly executor: (job: Job, threads: number) => Promise<Executor>;
  readonly tell: (message: string) => void;
}

export class Workplaces {
  private last: { readonly key: string; readonly place: Workplace } | undefined;

  constructor(
    private readonly options: WorkplaceOptions,
    private readonly link: Link,
    private readonly worker: string,
  ) {}

  /** @throws as jobHere. */
  async of(run: string, frame: Uint8Array): Promise<Workplace> {
    const key = createHash('sha256').update(frame).digest('hex');
    if (this.last?.key === key) return this.last.place;
    await this.close();
    const { dataset, dataDir, tell, threads, executor } = this.options;
    const { link, worker } = this;
    const job = await jobHere(frame, { link, names: namesOf(run), worker, tell, dataset, dataDir });
    const place = { job, executor: await executor(job, threads) };
    this.last = { key, place };
    return place;
  }

  /** Waits for the tasks in hand. */
  async close(): Promise<void> {
    await this.last?.place.executor.close();
    this.last = undefined;
  }
}
