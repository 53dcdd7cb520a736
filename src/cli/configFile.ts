/** @file Options from a file: a JSON object of options, or the config.json of a run, or the run's directory. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DistillError, messageOf } from '../shared/errors.ts';

/** Larger than any config; a mistaken path to a data file is not read whole. */
const sizeLimitBytes = 1_000_000;

/** The options in `path`, unchecked. @throws DistillError 'usage' when there is no such file or it holds no JSON object. */
export async function readConfigFile(path: string): Promise<Record<string, unknown>> {
  const refused = (expected: string, found: string): DistillError =>
    new DistillError('usage', path, {
      expected,
      found,
      fix: 'give --config a JSON file of options, or the directory of a run',
    });
  let text: string;
  try {
    const info = await stat(path);
    const file = info.isDirectory() ? join(path, 'config.json') : path;
    const { size } = await stat(file);
    if (size > sizeLimitBytes) throw refused(`at most ${sizeLimitBytes} bytes`, `${size} bytes`);
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof DistillError) throw error;
    throw refused('a config file', messageOf(error));
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refused('JSON', messageOf(error));
  }
  if (!isRecord(value)) throw refused('an object of options', JSON.stringify(value).slice(0, 60));
  return isRecord(value.config) ? value.config : value;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
