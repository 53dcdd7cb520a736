/** @file What a checkpoint holds: a run's snapshot, and what the run is. Plain data. */
import { createHash } from 'node:crypto';
import type { RunStart } from '../coordinator/events.ts';
import type { Snapshot } from '../coordinator/snapshot.ts';
import { type Config, type Job, layersAsData, type Plan } from '../shared/config/index.ts';

export interface Checkpoint {
  readonly snapshot: Snapshot;
  readonly origin: Origin;
}

/** All that a run's result depends on. */
export interface Origin {
  /** Every option resolved, `steps` too; `workers` as given: the next machine may have others. */
  readonly config: Config;
  readonly data: { readonly name: string; readonly sha256: string };
  /** The layers of each architecture. */
  readonly layers: Readonly<Record<string, readonly { readonly layer: string }[]>>;
  /** sha256 of the pre-trained networks, where `init` names some. */
  readonly networks?: string | undefined;
  readonly made: Maker;
}

/** Who computes. */
export type Maker = Pick<RunStart, 'versions' | 'machine'>;

/** Cost: one sha256 of the pre-trained networks, where there are some. */
export function originOf({ config, data, architectures, pools }: Job, plan: Plan, made: Maker): Origin {
  return {
    config: { ...config, steps: plan.steps, epochs: undefined },
    data: { name: data.name, sha256: data.checksum },
    layers: Object.fromEntries(
      Object.entries(architectures).map(([name, own]) => [name, layersAsData(own) as { layer: string }[]]),
    ),
    ...(pools && { networks: checksumOf(pools) }),
    made,
  };
}

function checksumOf(pools: NonNullable<Job['pools']>): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(pools).sort()) {
    const { buffer, byteOffset, byteLength } = pools[name]!.weights;
    hash.update(`${name}\0`).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}
