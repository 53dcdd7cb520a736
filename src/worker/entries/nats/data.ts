/** @file A run's job on this machine: its data set from here where it is here, else out of the object store; pre-trained weights out of the store. In: the frame of a job. Out: a job,
 *  its bytes checked against the coordinator's. No path that a message names is opened: only named data sets, and what this worker's own user named. */
import { createHash } from 'node:crypto';
import type { Job } from '../../../shared/config/index.ts';
import { dataSetNames, loadDataSet } from '../../../shared/data/index.ts';
import { DistillError, messageOf } from '../../../shared/errors.ts';
import { type Decoded, dataBlob, decodeDescription, jobFrom } from '../../../shared/job/index.ts';
import { encodeNote, getObject, type Link, type Names } from '../../../shared/nats/index.ts';

export interface OwnData {
  /** A name or path of this machine; the run's own name when it is one that everybody knows. */
  readonly dataset?: string | undefined;
  readonly dataDir?: string | undefined;
}

export interface Supply extends OwnData {
  readonly link: Link;
  readonly names: Names;
  readonly worker: string;
  readonly tell: (message: string) => void;
}

/** Larger than any data set that `loadDataSet` reads. */
const blobLimitBytes = 2 ** 31;
/** A large data set takes its time to be uploaded. */
const uploadMs = 300_000;
/** A server that is restarted loses what was uploaded, perhaps before we have read it. */
const uploads = 4;

/** @throws DistillError 'bad-data' when the data that this worker was told to use are others than the run's. */
export async function jobHere(frame: Uint8Array, supply: Supply): Promise<Job> {
  const decoded = decodeDescription(frame);
  const own = await ownBlob(decoded, supply);
  return jobFrom(decoded, async sha256 =>
    own !== undefined && sha256 === decoded.data.sha256 ? own : fromStore(sha256, decoded, supply),
  );
}

/** The data set's bytes from this machine; undefined when it is not here. */
async function ownBlob({ job, data }: Decoded, supply: Supply): Promise<Uint8Array | undefined> {
  const { labelColumn, pixelMax, testShare, imageSize, channels } = job.config; // and not testData: that is a path
  const known = (dataSetNames as readonly string[]).includes(job.config.dataset);
  const name = supply.dataset ?? (known ? job.config.dataset : undefined);
  if (name === undefined) return undefined;
  const reading = { labelColumn, pixelMax, testShare, imageSize, channels };
  try {
    const loaded = await loadDataSet({ name, ...reading, dataDir: supply.dataDir });
    const bytes = dataBlob(loaded);
    if (createHash('sha256').update(bytes).digest('hex') === data.sha256) return bytes;
    throw new DistillError('bad-data', name, {
      expected: `the run's ${data.name}, checksum ${data.checksum.slice(0, 12)}…`,
      found: `other data, checksum ${loaded.checksum.slice(0, 12)}…`,
      fix: 'give this worker the same data, or leave --dataset and --data-dir out: they then come over NATS',
    });
  } catch (error) {
    if (supply.dataset !== undefined || supply.dataDir !== undefined) throw error;
    supply.tell(`${name} is not read here (${messageOf(error)}): it comes over NATS`);
    return undefined;
  }
}

async function fromStore(sha256: string, { data }: Decoded, supply: Supply): Promise<Uint8Array> {
  const { link, names, worker } = supply;
  const want = encodeNote({ type: 'want', worker, sha256 });
  for (let asked = 0; asked < uploads; asked++) {
    await link.connection.request(names.want, want, { timeout: uploadMs });
    const bytes = await getObject(link, names.bucket, sha256, blobLimitBytes);
    if (bytes !== undefined) return bytes;
  }
  throw new DistillError('bad-data', data.name, {
    expected: 'its bytes in the object store',
    found: 'none',
    fix: 'give this worker its own copy with --dataset',
  });
}
