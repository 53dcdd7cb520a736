/** @file The engines that benchmarks compare. In: `--engine NAME`, or nothing for all; tfjs on another backend is `tfjs:tensorflow`. Out: those that load; of the others it is said that their rows are missing. */
import { messageOf } from '../src/shared/errors.ts';
import type { Engine, EngineName, TfjsBackend } from '../src/worker/engines/engine.ts';
import { loadEngine } from '../src/worker/engines/index.ts';
import { enginesAsked, quick } from './options.ts';

/** All of them, and whether they are slow: those are in the table of gradients alone, which says it. `reference` is not here: it is there to be right, hundreds of times
 *  slower. */
const engines: Readonly<Record<string, { readonly slow: boolean }>> = {
  native: { slow: false },
  onnx: { slow: false },
  tfjs: { slow: true },
};

/** In a quick run the first one only. @throws Error when none loads */
export async function enginesToCompare({ slow = false } = {}): Promise<readonly Engine[]> {
  const loaded: Engine[] = [];
  const usual = Object.keys(engines).filter(name => slow || !engines[name]!.slow);
  for (const name of enginesAsked ?? usual)
    try {
      const [engine, backend] = name.split(':') as [EngineName, TfjsBackend?];
      loaded.push(await loadEngine(engine, backend));
    } catch (error) {
      console.error(`!!! ENGINE ${name} DOES NOT LOAD, ITS ROWS ARE MISSING: ${messageOf(error)} !!!`);
    }
  if (loaded.length === 0) throw new Error('no engine loads: there is nothing to measure');
  return quick ? loaded.slice(0, 1) : loaded;
}

/** Whether an engine is so slow that only the usual sizes are worth their time. */
export const isSlow = ({ name }: Engine): boolean => engines[name]?.slow === true;

/** What computed, for a table's record. */
export const engineVersions = (engines: readonly Engine[]): Record<string, string> =>
  Object.fromEntries(engines.map(({ name, version }) => [`engine ${name}`, version]));
