/** @file The examples are programs that run. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Program } from '../fixtures/program.ts';

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

test('examples/embed.mjs answers while it distils', async () => {
  const program = new Program(process.execPath, ['examples/embed.mjs', '300']);
  await program.until(({ stderr }) => stderr.endsWith('\n'));
  const answers = new Set<string>();
  const url = program.stderr.replace('progress at ', '').trim();
  let over = false;
  const ended = program.ended.finally(() => {
    over = true;
  });
  while (!over)
    answers.add(
      await fetch(url)
        .then(response => response.text())
        .catch(() => 'gone'),
    );
  const { status, stdout, stderr } = await ended;
  expect([status, stderr]).toEqual([0, `progress at ${url}\n`]);
  expect(stdout).toMatch(/^300 steps: logreg 0\.[5-9]\d\d, conv 0\.\d{3}\n$/);
  answers.delete('gone');
  expect(answers).toContain('starting\n');
  expect([...answers].filter(answer => /^step \d+, loss \d\.\d{3}\n$/.test(answer)).length).toBeGreaterThan(
    3,
  );
});
