/** @file A reader that goes away, as `| head -1` does, and the other commands interrupted: a quiet end, no abort, nothing half written. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { writeIdxSet } from '../fixtures/idx.ts';
import { built, Program, run, start } from '../fixtures/program.ts';
import { onSmall, scratch, smallSizes, written } from '../fixtures/runs.ts';

const place = scratch();
await writeIdxSet(join(place, 'data'), smallSizes);
const small = [...onSmall(join(place, 'data')), '--models', 'logreg:2'];

test.each([
  ['stdout', '--workers 2 --json', ''],
  ['stdout', '--transport inline --json', ''],
  ['both streams', '--workers 2 --validate-every 20', '2>&1'],
  ['both streams', '--transport inline --engine reference --validate-every 20', '2>&1'],
])('%s closed after the first line, %s', async (_, flags, redirection) => {
  const name = flags.replace(/\W/g, '');
  const [out, status] = [join(place, name), join(place, `${name}.status`)];
  const program = fileURLToPath(built('cli/main.js'));
  const command = `(node ${program} ${small.join(' ')} --steps 1000000 ${flags} --out ${out} ${redirection}; echo $? > ${status}) | head -1`;
  const { stdout, stderr } = await new Program('sh', ['-c', command]).ended;
  expect(stdout.split('\n')).toHaveLength(2);
  expect(stderr).toBe('');
  expect(readFileSync(status, 'utf8')).toBe('0\n');
  expect((await written(out)).summary.accuracy).toBeNull();
});

test('evaluate and reproduce, interrupted, end with 130 and write nothing', async () => {
  const [set, task] = [join(place, 'set'), join(place, 'task.npz')];
  expect((await run([...small, '--steps', '2', '--out', set])).status).toBe(0);
  const evaluate = [
    'evaluate',
    join(set, 'distilled.safetensors'),
    ...small.slice(0, 2),
    '--eval-nets',
    '10000',
  ];
  const reproduce = ['reproduce', '--config', set, '--steps', '1000000', '--step', '999999', '--out', task];
  for (const args of [evaluate, reproduce])
    for (const more of [
      ['--workers', '2'],
      ['--transport', 'inline'],
    ])
      for (const delay of [700, 1100]) {
        const program = start([...args, ...more]);
        const timer = setTimeout(() => program.signal('SIGINT'), delay);
        const { status, stdout, stderr } = await program.ended;
        clearTimeout(timer);
        expect([status, stdout, stderr]).toEqual([130, '', '']);
      }
  expect(existsSync(task)).toBe(false);
});
