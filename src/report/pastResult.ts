/** @file The result of a run that is over, as its directory has it. In: a directory. Out: the result, or nothing. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Result, Summary } from '../result.ts';
import { loadDistilled } from '../shared/artifacts/index.ts';

const over = z.looseObject({ mean: z.number(), std: z.number(), nets: z.int() });
const poisoning = z.looseObject({ from: over, rest: over, taken: over });
/** What is shown of a result.json; the rest of it is as it is. */
const Shown = z.looseObject({
  steps: z.int().min(1),
  wallSeconds: z.number(),
  stepsPerSecond: z.number(),
  finalLoss: z.number(),
  accuracy: over,
  before: over.optional(),
  attack: z.looseObject({ before: poisoning, after: poisoning }).optional(),
});

/** The result in `directory`; undefined when there is none, or one that was not tested, or its files cannot be read. */
export async function pastResult(directory: string): Promise<Result | undefined> {
  try {
    const text = await readFile(join(directory, 'result.json'), 'utf8');
    const summary = Shown.parse(JSON.parse(text)) as unknown as Summary; // what is not checked is not shown
    const set = await loadDistilled(join(directory, 'distilled.safetensors'));
    return { set, summary, interrupted: false };
  } catch {
    return undefined;
  }
}
