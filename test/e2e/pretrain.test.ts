/** @file Networks trained by the command `pretrain`, and a set distilled for them: files, what is said, and that they fit together. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadNetworks } from '../../src/shared/artifacts/index.ts';
import { writeIdxSet } from '../fixtures/idx.ts';
import { type Ended, run } from '../fixtures/program.ts';
import {
  jsonLines,
  mixed,
  onSmall,
  readJson,
  scratch,
  sha256,
  smallSizes,
  tree,
  written,
} from '../fixtures/runs.ts';

const place = scratch();
const data = join(place, 'data');
await writeIdxSet(data, smallSizes);
await writeIdxSet(join(place, 'large'), { ...smallSizes, height: 10, width: 10 });

const trainFlags = (...more: string[]): string[] =>
  ['--data-dir', data, '--validation', '100', ...mixed, '--nets', '6', '--eval-lr', '0.02', ...more].map(
    String,
  );
const pretrain = (...more: string[]): Promise<Ended> => run(['pretrain', ...trainFlags(...more)]);

const file = join(place, 'nets/trained.safetensors');
const first = await pretrain('--workers', '2', '--train-epochs', '8', '--out', file);

describe('pretrain', () => {
  test('says what was trained, and how to use it; progress on stderr', () => {
    expect(first.status).toBe(0);
    expect(first.stderr).toMatch(/^network \d+\/12 {2}(logreg|conv) {2}loss \d\.\d+ {2}\d+s left\n/);
    expect(first.stdout.split('\n')).toEqual([
      expect.stringMatching(
        /^logreg: test accuracy \d+\.\d ± \d+\.\d % over 2 of 6 networks, loss [\d.]+ in the last epoch$/,
      ),
      expect.stringMatching(
        /^conv: test accuracy \d+\.\d ± \d+\.\d % over 2 of 6 networks, loss [\d.]+ in the last epoch$/,
      ),
      'the test images were read once, after all training',
      `wrote ${file}: distill with --models logreg,conv --init pretrained:${file}`,
      '',
    ]);
  });

  test('writes networks that have learned, with all that is needed to use them', async () => {
    const { architectures, ...said } = await loadNetworks(file);
    expect(said).toMatchObject({
      dataset: 'mnist',
      classNames: [...'0123456789'],
      imageShape: [8, 8, 1],
      models: 'logreg:2,conv:2',
      epochs: 8,
      seed: 1,
    });
    expect(Object.keys(architectures)).toEqual(['logreg', 'conv']);
    const { logreg, conv } = architectures;
    expect([logreg!.weights.length, conv!.weights.length]).toEqual([6 * 650, 6 * (30 + 27 * 8 + 8 + 90)]);
    expect(logreg!.accuracy.mean).toBeGreaterThan(0.5);
    expect(logreg!.loss).toBeLessThan(Math.log(10));
    const networks = Array.from({ length: 6 }, (_, r) => logreg!.weights.slice(650 * r, 650 * (r + 1)));
    expect(new Set(networks.map(String)).size).toBe(6);
  });

  test('gives the same bytes with any transport and number of workers, and one JSON line if asked', async () => {
    const out = join(place, 'inline.safetensors');
    const { status, stdout, stderr } = await pretrain(
      ...['--transport', 'inline', '--train-epochs', '8', '--out', out, '--json'],
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(sha256(readFileSync(out))).toBe(sha256(readFileSync(file)));
    const { architectures } = await loadNetworks(out);
    const figures = Object.entries(architectures).map(([name, { count, loss, accuracy }]) => [
      name,
      { count, loss, accuracy },
    ]);
    expect(jsonLines(stdout)).toEqual([{ out, epochs: 8, seed: 1, networks: Object.fromEntries(figures) }]);
  });

  test.each<[string, string[], string]>([
    ['no networks', ['--nets', '0'], 'nets: expected a whole number from 1 to 10000, found 0'],
    [
      'half a network',
      ['--nets', '1.5'],
      "--nets: expected a whole number from 0, found '1.5'; see pretrain --help",
    ],
    ['no epoch', ['--train-epochs', '0'], 'epochs: expected a whole number from 1 to 10000, found 0'],
    ['w_0 that is no draw', ['--init', 'fixed'], 'init: expected a random draw of w_0 for each network'],
    ['w_0 from a file', ['--init', `pretrained:${file}`], 'init: expected a random draw of w_0'],
    ['too much for a file', ['--nets', '10000', '--hidden', '60000'], 'nets: expected at most '],
    [
      'a directory to write to',
      ['--out', place],
      'expected a file that can be written here, found a directory',
    ],
    ['a place under a file', ['--out', join(file, 'x')], 'expected a file that can be written here'],
  ])('%s: one line, exit code 2, nothing written', async (_, flags, message) => {
    const before = tree(place);
    const { status, stdout, stderr } = await pretrain('--out', join(place, 'never.safetensors'), ...flags);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^distill-cluster: [^\n]*\n$/);
    expect(stderr).toContain(message);
    expect(tree(place)).toEqual(before);
  });
});

describe('distilling with --init pretrained:FILE', () => {
  const distill = (out: string, init: string, ...more: string[]): Promise<Ended> =>
    run([...onSmall(data), ...mixed, '--steps', '4', '--init', `pretrained:${init}`, '--out', out, ...more]);

  test('starts from the networks, and tells what they can before the inner steps', async () => {
    const out = join(place, 'run');
    const { status } = await distill(out, file);
    expect(status).toBe(0);
    const { summary, set, config } = await written(out);
    expect(config.init).toBe(`pretrained:${file}`);
    expect(set.init.kind).toBe(`pretrained:${file}`);
    const { architectures, normalisation } = await loadNetworks(file);
    expect(set.normalisation).toEqual(normalisation);
    const { before } = readJson(join(out, 'result.json')) as typeof summary;
    expect(before!.nets).toBe(3); // as many as asked for: of each architecture two are kept for the test
    expect(before!.mean).toBeGreaterThan(0.3);
    expect(Object.keys(architectures)).toEqual(['logreg', 'conv']);
  });

  test('of one architecture, what they can before is what pretrain said', async () => {
    const out = join(place, 'logreg');
    const { status } = await distill(out, file, '--models', 'logreg:2');
    expect(status).toBe(0);
    const { before } = (await written(out)).summary;
    expect(before).toEqual((await loadNetworks(file)).architectures.logreg!.accuracy);
  });

  test.each<[string, string, string[], string]>([
    [
      'no file',
      join(place, 'none'),
      [],
      'none: expected pre-trained networks, found no such file; check the path',
    ],
    ['a distilled set', join(place, 'run/distilled.safetensors'), [], 'expected pre-trained networks'],
    ['other sizes', file, ['--hidden', '9'], 'give the same --kernel, --filters and --hidden as to pretrain'],
    ['larger images', file, ['--data-dir', join(place, 'large')], 'networks for images of 10×10×1'],
  ])('%s: one line, exit code 2', async (_, init, flags, message) => {
    const { status, stderr } = await distill(join(place, 'refused'), init, '--quiet', ...flags);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^distill-cluster: [^\n]*\n$/);
    expect(stderr).toContain(message);
  });

  test('a file with one byte changed is refused', async () => {
    const bytes = Uint8Array.from(readFileSync(file));
    bytes[bytes.length - 1]! ^= 1;
    const path = join(place, 'damaged.safetensors');
    writeFileSync(path, bytes);
    const { status, stderr } = await distill(join(place, 'refused'), path, '--quiet');
    expect(status).toBe(2);
    expect(stderr).toContain(`${path}: expected content with sha256 `);
  });
});
