/** @file A config brought to life: its data, its models and its pre-trained networks read from their files. In: a config. Out: a job. */
import { type DistilledSet, loadNetworks } from '../artifacts/index.ts';
import { type Config, initialisationOf, type Job, withNetworks } from '../config/index.ts';
import { loadDataSet, type Progress } from '../data/index.ts';
import { architecturesOf } from './architectures.ts';

export interface LoadJobOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called while a data file is being downloaded. */
  readonly onDownload?: ((progress: Progress) => void) | undefined;
  /** Called with what a user should know before the work begins. */
  readonly onNotice?: ((message: string) => void) | undefined;
  /** Layers of models that need not be read, as a distilled set has them. */
  readonly stored?: DistilledSet['architectures'];
}

/** Loads the data of `config`, and the models and pre-trained networks that are files.
 *  @throws DistillError 'no-data', 'bad-data', 'bad-file', 'usage'; the signal's reason when it aborts. */
export async function loadJob(
  config: Config,
  { signal, onDownload, onNotice, stored }: LoadJobOptions = {},
): Promise<Job> {
  const { dataset: name, dataDir, labelColumn, pixelMax, testShare, testData, imageSize, channels } = config;
  const reading = { labelColumn, pixelMax, testShare, testData, imageSize, channels };
  const data = await loadDataSet({ name, dataDir, ...reading, signal, onProgress: onDownload });
  signal?.throwIfAborted();
  const job = { config, data, architectures: await architecturesOf(config, data, stored, onNotice) };
  const { file } = initialisationOf(config);
  return file === undefined ? job : withNetworks(job, await loadNetworks(file), file);
}
