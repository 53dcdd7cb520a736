/** @file What a user gets wrong, tried on the real program: each kind ends with exit code 2 and one line that says what was found, and leaves nothing behind. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../fixtures/program.ts';
import { tree } from '../fixtures/runs.ts';
import { dataFiles, otherCommands, outputDirectory } from './badFiles.ts';
import { fullDirectory, place, small } from './badInputGround.ts';
import { configFile, flags } from './badOptions.ts';

const kinds = {
  flags,
  'config file': configFile,
  data: dataFiles,
  'output directory': outputDirectory,
  'other commands': otherCommands,
};

describe.each(Object.entries(kinds))('%s', (kind, cases) => {
  test.concurrent.each(Object.entries(cases))('%s', async (name, { args, says, env }) => {
    const cwd = join(place, 'cwd', kind, name.replace(/\W/g, '-'));
    mkdirSync(cwd, { recursive: true });
    const { status, stdout, stderr } = await run(args, { cwd, ...(env && { env }) });
    expect(stderr).toMatch(/^distill-cluster: [^\n]+\n$/);
    for (const part of says) expect(stderr).toContain(part);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(tree(cwd)).toEqual([]);
  });
});

test('the full directory was not touched, and --force takes it', async () => {
  expect(tree(fullDirectory)).toEqual(['result.json']);
  const args = '--models logreg --steps 1 --force --out'.split(' ');
  const { status } = await run([...small, ...args, fullDirectory]);
  expect(status).toBe(0);
  expect(tree(fullDirectory)).toHaveLength(7 + 2);
});
