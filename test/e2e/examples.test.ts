/** @file The examples are programs that run. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('examples/batch.mjs distils two sets, keeps them as files and judges them', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'batch-'));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['examples/batch.mjs', '60', directory]);
    const lines = stdout.trim().split('\n');
    expect(lines.map(line => line.split(':')[0])).toEqual(['fixed-labels', 'learned-labels']);
    for (const line of lines) expect(Number(/: ([\d.]+) ±/.exec(line)?.[1])).toBeGreaterThan(40); // chance is 10
    expect((await readdir(directory)).sort()).toEqual([
      'fixed-labels.safetensors',
      'learned-labels.safetensors',
    ]);
  } finally {
    await rm(directory, { recursive: true });
  }
});
