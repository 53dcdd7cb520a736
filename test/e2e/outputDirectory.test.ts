/** @file What a run leaves in its directory, and that its parts agree: one run, looked at from all sides. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode as decodePng } from 'fast-png';
import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/index.ts';
import { decodeNpz } from '../../src/shared/artifacts/index.ts';
import { Options, withoutConnection } from '../../src/shared/config/index.ts';
import { kernelsVersion } from '../../src/worker/engines/native/version.ts';
import { writeIdxSet } from '../fixtures/idx.ts';
import { run } from '../fixtures/program.ts';
import {
  jsonLines,
  onSmall,
  readJson,
  scratch,
  sha256,
  smallSizes,
  tree,
  written,
} from '../fixtures/runs.ts';

const place = scratch();
const files = await writeIdxSet(join(place, 'data'), smallSizes);
const out = join(place, 'runs/one'); // with a directory above it to make
const flags = [...onSmall(join(place, 'data')), '--models', 'logreg:2', '--validate-every', '5'];
const ended = await run([...flags, '--steps', '12', '--workers', '2', '--seed', '7', '--json', '--out', out]);
const { summary, set, metrics, config } = await written(out);
const events = jsonLines(ended.stdout) as { type: string; [field: string]: unknown }[];
const of = (type: string): object[] =>
  events.filter(event => event.type === type).map(({ type: _, ...rest }) => rest);

test('it ends well, and with --json nothing but the JSON lines is said', () => {
  expect(ended.status).toBe(0);
  expect(ended.stderr).toBe('');
  expect(tree(place).filter(path => path.startsWith('runs')).length).toBe(2 + 7 + 2); // nothing beside the seven files and the checkpoint of the end
});

describe('config.json', () => {
  const record = readJson(join(out, 'config.json')) as Record<string, Record<string, unknown>>;
  const { version } = readJson('package.json') as { version: string };

  test('has every option, as given or as the schema has it', () => {
    const given = {
      dataDir: join(place, 'data'),
      validation: 100,
      batchSize: 50,
      evalNets: 3,
      validateEvery: 5,
    };
    const run = { models: 'logreg:2', steps: 12, workers: 2, seed: 7 };
    const { epochs: _, ...defaults } = Options.parse({});
    expect(config).toEqual({ ...withoutConnection(defaults), engine: 'native', ...given, ...run });
  });

  test('has the versions, the machine and the checksum of the data', () => {
    const own = { 'distill-cluster': version, kernels: `${kernelsVersion}` };
    expect(record.versions).toEqual({ ...own, node: process.versions.node });
    expect(record.machine).toMatchObject({ platform: process.platform, arch: process.arch });
    const names = ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'];
    const checksum = sha256(...names.map(name => files[`${name}-ubyte`]!));
    expect(record.data).toMatchObject({ name: 'mnist', checksum, ...smallSizes });
    expect(set.dataChecksum).toBe(checksum);
  });
});

test('result.json has its fields in their units, and agrees with the other files', () => {
  const { accuracy, eta, wallSeconds, stepsPerSecond, imagesSha256, ...rest } = summary;
  expect(rest).toEqual({
    steps: 12,
    checkpoint: rest.checkpoint,
    finalLoss: metrics[11]!.loss,
    engine: 'native',
    transport: 'threads',
    workers: 2,
  });
  expect(accuracy).toEqual({
    mean: expect.any(Number),
    std: expect.any(Number),
    nets: 3,
    protocol: 'schedule',
  });
  expect(accuracy!.mean).toBeGreaterThanOrEqual(0);
  expect(accuracy!.mean).toBeLessThanOrEqual(1);
  expect(eta).toEqual(metrics[summary.checkpoint - 1]!.eta);
  expect(eta).toHaveLength(10);
  expect(stepsPerSecond).toBeCloseTo(12 / wallSeconds, 6);
  expect(1000 * wallSeconds).toBeGreaterThan(metrics.reduce((total, { ms }) => total + ms, 0));
  expect(imagesSha256).toMatch(/^[0-9a-f]{64}$/);
});

test('metrics.jsonl has a line per step with finite figures', () => {
  for (const line of metrics) {
    expect(Object.keys(line)).toEqual(['step', 'loss', 'eta', 'norms', 'ms']);
    expect(Object.keys(line.norms)).toEqual(['images', 'labels', 'eta']);
    const figures = [line.loss, line.ms, ...[line.eta].flat(), ...Object.values(line.norms)];
    expect(figures.every(figure => Number.isFinite(figure) && figure > 0)).toBe(true);
  }
});

test('the events of --json tell the same as the files', () => {
  const types = events.map(({ type }) => type);
  const steps = (count: number): string[] => new Array<string>(count).fill('step');
  const step5 = [...steps(5), 'validation'];
  expect(types).toEqual(['start', ...step5, ...step5, ...steps(2), 'validation', 'testing', 'result']);
  expect(of('start')).toMatchObject([{ config, steps: 12, members: ['logreg', 'logreg'], workers: 2 }]);
  expect(of('step')).toEqual(metrics);
  expect(of('testing')).toEqual([{ nets: 3, checkpoint: summary.checkpoint }]);
  expect(of('validation').at(-1)).toMatchObject({ step: 12, chosen: summary.checkpoint });
  expect(of('result')).toEqual([{ out, ...summary }]);
});

test('distilled.npz holds the arrays of distilled.safetensors', () => {
  const arrays = decodeNpz(readFileSync(join(out, 'distilled.npz')), 'npz');
  expect(arrays.images).toEqual({ shape: [10, 8, 8, 1], data: set.images });
  expect(arrays.labels).toEqual({ shape: [10, 10], data: set.labels });
  expect(arrays.eta).toEqual({ shape: [10], data: set.eta });
  expect(arrays.inner_steps?.data[0]).toBe(10);
  expect(arrays.mean?.data).toEqual(Float32Array.from(set.normalisation.mean));
});

test('images.png is a picture of ten images side by side, loss.svg a chart with its axes named', () => {
  const { width, height } = decodePng(readFileSync(join(out, 'images.png')));
  expect(Math.max(width, height)).toBeGreaterThan(10 * 8);
  const svg = readFileSync(join(out, 'loss.svg'), 'utf8');
  expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  for (const word of ['loss', 'nats', 'η̃', 'step', 'accuracy', '</svg>']) expect(svg).toContain(word);
});

test('evaluate finds the accuracy of result.json again, and another seed other networks', async () => {
  const evaluate = async (...more: string[]): Promise<{ accuracy: unknown; stderr: string }> => {
    const args = ['evaluate', out, ...flags.slice(0, 2), '--eval-nets', '3', ...alone, '--json', ...more];
    const { stdout, stderr } = await run(args);
    const [comparison] = jsonLines(stdout) as Comparison[];
    const { protocol, rows } = comparison!.tables[0]!;
    return { accuracy: { ...rows[0]!.accuracy, protocol }, stderr };
  };
  const alone = ['--protocol', 'schedule', '--no-baselines'];
  const [same, other] = await Promise.all([evaluate(), evaluate('--seed', '8')]);
  expect(same.accuracy).toEqual(summary.accuracy);
  expect(other.accuracy).not.toEqual(summary.accuracy);
  expect(same.stderr).toBe('');
});
