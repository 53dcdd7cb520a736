/** @file The command line: its flags, files of options, help, and what it says where. Small runs; the first on MNIST itself. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describe as describeOption, kebab } from '../../src/cli/flags.ts';
import { groups, type OptionName, Options, presets } from '../../src/shared/config/index.ts';
import { models } from '../../src/shared/models/index.ts';
import { writeIdxSet } from '../fixtures/idx.ts';
import { type Ended, run } from '../fixtures/program.ts';
import { jsonLines, onSmall, readJson, scratch, smallSizes, written } from '../fixtures/runs.ts';

const place = scratch();
const data = join(place, 'data');
await writeIdxSet(data, smallSizes);
const small = [...onSmall(data), '--models', 'logreg:2', '--transport', 'inline', '--eval-nets', '1'];
const plain = (text: string): string => text.replace(/\s+/g, ' ');
const colour = '\u001b[';

test('with --workers alone it distils MNIST into runs/ and the time, as the command distill does', async () => {
  const short = [
    '--workers',
    '8',
    '--steps',
    '2',
    '--eval-nets',
    '1',
    '--validate-every',
    '9',
    '--validation-nets',
    '1',
  ];
  const alone = await run(short, { cwd: place });
  expect(alone.status).toBe(0);
  const [name = ''] = readdirSync(join(place, 'runs'));
  expect(name).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d$/);
  const named = await run(['distill', ...short, '--out', 'named'], { cwd: place });
  expect(named.status).toBe(0);
  const [a, b] = [await written(join(place, 'runs', name)), await written(join(place, 'named'))];
  expect(a.config).toEqual(b.config);
  expect(a.config).toMatchObject({ models: 'logreg:8', dataset: 'mnist', workers: 8, batchSize: 256 });
  expect(a.summary.imagesSha256).toBe(b.summary.imagesSha256);
});

describe('what is said', () => {
  const out = (name: string): string[] => ['--steps', '3', '--out', join(place, name)];

  test('progress on stderr, the result on stdout, no colour codes without a terminal', async () => {
    const { status, stdout, stderr } = await run([...small, ...out('loud')]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^logreg ×2 on mnist .*, 3 steps, inline × 1, engine native\nstep 1\/3 {2}loss /);
    expect(stdout).toMatch(
      /^test accuracy \d+\.\d ± \d+\.\d % over 1 fresh networks .*\ndistilled in .*\npictures .*\n$/,
    );
    expect(stdout).toContain(join(place, 'loud/images.png'));
    expect(stdout + stderr).not.toContain(colour);
  });

  test('colour codes when they are forced', async () => {
    const { stderr } = await run([...small, ...out('forced')], { env: { FORCE_COLOR: '1' } });
    expect(stderr).toContain(colour);
  });

  test('with --quiet the result only', async () => {
    const { status, stdout, stderr } = await run([...small, ...out('quiet'), '--quiet']);
    expect(status).toBe(0);
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toHaveLength(4);
  });

  test('with --json JSON lines only', async () => {
    const { status, stdout, stderr } = await run([...small, ...out('json'), '--json']);
    expect(status).toBe(0);
    expect(stderr).toBe('');
    expect(jsonLines(stdout)).toHaveLength(1 + 3 + 1 + 1 + 1);
  });
});

describe('--help', async () => {
  const { status, stdout, stderr } = await run(['--help']);

  test('is on stdout, with two examples', () => {
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('Examples:')[1]?.match(/\$ distill-cluster /g)).toHaveLength(2);
    expect(stdout).not.toContain(colour);
  });

  test('has the groups in order', () => {
    const headings = Object.values(groups).map(heading => stdout.indexOf(`\n${heading}\n`));
    expect(headings).not.toContain(-1);
    expect(headings).toEqual([...headings].sort((a, b) => a - b));
  });

  test.each(Object.keys(Options.shape) as OptionName[])('has %s with its default', name => {
    const { meta, fallback } = describeOption(name);
    const [, after = ''] = stdout.split(`\n  --${kebab(name)} `);
    const own = plain(after.split(/\n {2}-|\n\n/)[0]!);
    expect(own).toContain(plain(meta.description));
    if (fallback !== undefined) expect(own).toContain(`(default: ${fallback})`);
  });

  test('has the default that is no value of the schema', () =>
    expect(plain(stdout)).toContain(
      `--steps <n> outer steps (${models.logreg.steps} for logreg, ${models.conv.steps} with conv`,
    ));

  test.each(['distill', 'evaluate', 'attack', 'adapt', 'pretrain', 'reproduce'])(
    '%s has its own',
    async command => {
      const own = await run([command, '--help']);
      expect([own.status, own.stderr]).toEqual([0, '']);
      expect(own.stdout).toContain('--data-dir');
    },
  );
});

test('--version is the version of package.json', async () => {
  const { version } = readJson('package.json') as { version: string };
  expect(await run(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' } satisfies Ended);
});

describe('options from elsewhere', () => {
  const configOf = async (name: string, args: readonly string[]): Promise<Record<string, unknown>> => {
    const { status, stderr } = await run([...args, '--quiet', '--out', join(place, name)]);
    expect([status, stderr]).toEqual([0, '']);
    return (await written(join(place, name))).config;
  };

  test('--config FILE gives options, flags win', async () => {
    const file = join(place, 'options.json');
    writeFileSync(file, JSON.stringify({ steps: 4, seed: 5, eta: 0.1, learnLabels: false }));
    const config = await configOf('file', [...small, '--config', file, '--seed', '6', '--learn-labels']);
    expect(config).toMatchObject({ steps: 4, seed: 6, eta: 0.1, learnLabels: true });
  });

  test('--config RUN repeats a run to the bit; --epochs takes the place of its steps', async () => {
    const first = await configOf('first', [...small, '--steps', '5', '--seed', '3', '--no-eta-per-step']);
    expect(await configOf('again', ['--config', join(place, 'first')])).toEqual(first);
    const [one, two] = [await written(join(place, 'first')), await written(join(place, 'again'))];
    expect(two.summary.imagesSha256).toBe(one.summary.imagesSha256);
    expect(one.summary.eta).toEqual(expect.any(Number));
    const file = join(place, 'first/config.json');
    const other = await configOf('other', ['--config', file, '--epochs', '1', '--no-learn-labels']);
    expect(other).toEqual({ ...first, steps: 6, learnLabels: false }); // 300 training images by 50
  });

  test('--preset gives options, flags and --config win', async () => {
    const file = join(place, 'preset.json');
    writeFileSync(file, JSON.stringify({ eta: 0.05, etaMax: 3 }));
    const args = [
      ...small.slice(0, -6),
      '--preset',
      'source',
      '--steps',
      '2',
      '--eta',
      '0.03',
      '--config',
      file,
    ];
    expect(await configOf('preset', args)).toMatchObject({ ...presets.source, etaMax: 3, eta: 0.03 });
  });
});
