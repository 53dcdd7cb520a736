/** @file A directory of checkpoints, one file each, named by step. The newest two are kept: should one be damaged, there is the other. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { badFile, readWhole, writeFileWhole } from '../shared/artifacts/index.ts';
import { safetensorsLimits } from '../shared/artifacts/safetensors.ts';
import { DistillError, messageOf } from '../shared/errors.ts';
import type { Checkpoint } from './checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from './file.ts';

const pattern = /^step-(\d{8,12})\.safetensors$/;
const stray = /^step-\d{8,12}\.safetensors\.[\da-f-]+\.tmp$/; // of a write that was killed
const nameOf = (step: number): string => `step-${String(step).padStart(8, '0')}.safetensors`;

/** The steps of which there are checkpoints, the newest first; none where there is no directory. */
export async function stepsIn(directory: string): Promise<number[]> {
  const names = await readdir(directory).catch(() => []);
  return names.flatMap(name => Number(pattern.exec(name)?.[1] ?? Number.NaN) || []).sort((a, b) => b - a);
}

/** A checkpoint that was read, and those newer ones that could not be: a line each. */
export interface Found {
  readonly checkpoint: Checkpoint;
  readonly damaged: readonly string[];
}

/** The newest good checkpoint, of at most `atMost` steps; undefined when there is none at all. @throws DistillError 'bad-file' when there are some, all damaged. */
export async function newestIn(
  directory: string,
  atMost = Number.POSITIVE_INFINITY,
): Promise<Found | undefined> {
  const damaged: string[] = [];
  for (const step of (await stepsIn(directory)).filter(step => step <= atMost)) {
    const path = join(directory, nameOf(step));
    try {
      const bytes = await readWhole(path, 'a checkpoint', safetensorsLimits.fileBytes);
      const checkpoint = decodeCheckpoint(bytes, path);
      if (checkpoint.snapshot.state.step !== step)
        throw badFile(path, `the state after ${step} steps`, `${checkpoint.snapshot.state.step}`);
      return { checkpoint, damaged };
    } catch (error) {
      if (!(error instanceof DistillError)) throw error;
      damaged.push(messageOf(error));
    }
  }
  if (damaged.length === 0) return undefined;
  throw badFile(directory, 'a checkpoint that is whole', `${damaged.length} damaged: ${damaged[0]}`, {
    fix: 'start a new run',
  });
}

/** Writes a checkpoint, whole or not at all, and removes all others but the newest one before it: older ones, and any of later steps, which are damaged or of another
 *  run. @throws DistillError 'output'; what was there is then untouched. */
export async function writeTo(directory: string, checkpoint: Checkpoint): Promise<void> {
  const { step } = checkpoint.snapshot.state;
  await writeFileWhole(join(directory, nameOf(step)), encodeCheckpoint(checkpoint));
  const before = (await stepsIn(directory)).find(other => other < step);
  await removeFrom(directory, other => other !== step && other !== before);
}

/** Removes the checkpoints of some steps, and what killed writes left. One that cannot be removed is in nobody's way. */
export async function removeFrom(directory: string, which: (step: number) => boolean): Promise<void> {
  const steps = (await stepsIn(directory)).filter(which).map(nameOf);
  const strays = (await readdir(directory).catch(() => [])).filter(name => stray.test(name));
  for (const name of [...steps, ...strays])
    await rm(join(directory, name), { force: true }).catch(() => undefined);
}
