/** @file What a user gets wrong, tried on the real program: each kind ends with exit code 2 and one line that says what was found, and leaves nothing behind. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { encodeIdx, idxSet, writeIdxSet } from '../fixtures/idx.ts';
import { run } from '../fixtures/program.ts';
import { onSmall, scratch, smallSizes, tree } from '../fixtures/runs.ts';
import { shutServer } from '../shared/data/scratch.ts';

const place = scratch();
const data = join(place, 'data');
const whole = await writeIdxSet(data, smallSizes);
const small = onSmall(data);
const put = (path: string, content: string | Uint8Array): string => {
  mkdirSync(join(place, path, '..'), { recursive: true });
  writeFileSync(join(place, path), content);
  return join(place, path);
};

/** A copy of the data set in which one file, or two, are others; undefined: not there. */
function damaged(name: string, changed: Readonly<Record<string, Uint8Array | undefined>>): string[] {
  for (const [file, bytes] of Object.entries({ ...whole, ...changed }))
    if (bytes !== undefined) put(join(name, file), bytes);
  return ['--data-dir', join(place, name)];
}

const [trainImages, trainLabels, testImages] = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
];
const gzipped = gzipSync(whole[trainImages]!);
const nobody = await shutServer();
const fullDirectory = join(place, 'full');
put('full/result.json', '{}');
const aFile = put('a-file', 'text');
const setFile = join(place, 'set/distilled.safetensors');
const made = await run([...small, '--steps', '1', '--models', 'logreg', '--out', join(place, 'set')]);
expect(made.status).toBe(0);
const set = readFileSync(setFile);
const flipped = Uint8Array.from(set, (byte, i) => (i === set.length - 9 ? byte ^ 1 : byte));

interface Case {
  readonly args: readonly string[];
  /** All of these stand in the one line: what is wrong, what was found there, and where it is known the nearest valid choice. */
  readonly says: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const kinds: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  flags: {
    'an unknown flag': { args: ['--worker', '2'], says: ["'--worker'", 'Did you mean --workers?'] },
    'a flag without its value': { args: ['--steps'], says: ["'--steps <n>'", 'argument missing'] },
    'a mistyped command': { args: ['distil'], says: ["'distil'", 'did you mean distill?'] },
    'an argument too many': { args: ['distill', 'mnist'], says: ['too many arguments'] },
    'an unknown choice': { args: ['--init', 'xaver'], says: ['--init', "'xaver'", 'did you mean xavier?'] },
    'a word for a number': { args: ['--steps', 'many'], says: ['--steps', 'a number', '"many"'] },
    'a fraction': { args: ['--inner-steps', '2.5'], says: ['--inner-steps', 'whole number', '2.5'] },
    'a number out of range': { args: ['--workers', '0'], says: ['--workers', 'at least 1', 'found 0'] },
    'an infinite number': { args: ['--lr', 'Infinity'], says: ['--lr', 'found Infinity'] },
    'an unknown architecture': { args: ['--models', 'logrg:2'], says: ["'logrg'", 'did you mean logreg?'] },
    'an impossible ensemble': { args: ['--models', 'logreg:0'], says: ['--models', "'logreg:0'"] },
    'an unknown preset': { args: ['--preset', 'sauce'], says: ["'sauce'", 'did you mean source?'] },
    'steps and epochs': { args: ['--steps', '3', '--epochs', '1'], says: ['--epochs', 'found both'] },
    'a start outside the clamp': { args: ['--eta', '5'], says: ['--eta', '[0.00001, 1]', 'found 5'] },
    'a clamp upside down': {
      args: ['--eta-min', '0.5', '--eta-max', '0.1'],
      says: ['--eta-min', 'found 0.5'],
    },
    'a batch larger than the data': { args: [...small, '--batch-size', '301'], says: ['400', '301 + 100'] },
    'a kernel larger than the images': {
      args: [...small, '--models', 'conv', '--kernel', '9'],
      says: ['9×9', '8×8'],
    },
  },
  'config file': {
    'no such file': { args: ['--config', 'no.json'], says: ['no.json', 'no such file'] },
    'a directory that is no run': { args: ['--config', data], says: [data, 'config.json'] },
    'no JSON': { args: ['--config', put('a.json', '{"steps": 3')], says: ['a.json', 'expected JSON'] },
    'no object': {
      args: ['--config', put('b.json', '[1, 2]')],
      says: ['b.json', 'an object of options', '[1,2]'],
    },
    'an unknown option': {
      args: ['--config', put('c.json', '{"step": 3}')],
      says: ['c.json: step', 'did you mean steps?'],
    },
    'a wrong type': { args: ['--config', put('d.json', '{"steps": "3"}')], says: ['d.json: steps', '"3"'] },
    'too large a file': {
      args: ['--config', join(place, 'd.json'), '--config', put('e.json', ' '.repeat(1_000_001))],
      says: ['1000001 bytes'],
    },
  },
  data: {
    'no such directory': { args: ['--data-dir', 'nowhere'], says: ['nowhere', 'no such directory'] },
    'no such files': { args: ['--data-dir', fullDirectory], says: ['full', 'none of them'] },
    'one file missing': {
      args: damaged('missing', { [trainLabels]: undefined }),
      says: [`no ${trainLabels}`],
    },
    'a wrong magic number': {
      args: damaged('magic', { [trainImages]: whole[trainLabels] }),
      says: [trainImages, '0x00000801', 'labels'],
    },
    'a truncated file': {
      args: damaged('short', { [trainImages]: whole[trainImages]!.subarray(0, 5000) }),
      says: [trainImages, '25616', '5000 bytes'],
    },
    'a file with something behind it': {
      args: damaged('long', { [trainLabels]: Buffer.concat([whole[trainLabels]!, Buffer.alloc(3)]) }),
      says: [trainLabels, '411 bytes'],
    },
    'an empty file': {
      args: damaged('empty', { [trainLabels]: new Uint8Array() }),
      says: [trainLabels, '0 bytes'],
    },
    'a label out of range': {
      args: damaged('label', { [trainLabels]: encodeIdx([400], new Array(400).fill(11)) }),
      says: [trainLabels, '11 at index 0'],
    },
    'more images than labels': {
      args: damaged('count', { [trainLabels]: encodeIdx([399], new Array(399).fill(1)) }),
      says: [trainLabels, '400 labels', 'found 399'],
    },
    'other images for the test': {
      args: damaged('other', { [testImages]: idxSet({ ...smallSizes, width: 9 })[testImages] }),
      says: [testImages, '8×8', '8×9'],
    },
    'a damaged gzip file': {
      args: damaged('gzip', { [trainImages]: gzipped.subarray(0, gzipped.length - 400) }),
      says: [trainImages, 'gzip', 'unexpected end of file'],
    },
    'an unreachable download': {
      args: ['--dataset', 'fashion-mnist'],
      says: [nobody.url, 'ECONNREFUSED', '--data-dir'],
      env: { DISTILL_CLUSTER_MIRROR: nobody.url, DISTILL_CLUSTER_CACHE: join(place, 'cache') },
    },
    'a mirror that is no URL': {
      args: ['--dataset', 'fashion-mnist'],
      says: ['DISTILL_CLUSTER_MIRROR', "'ftp:here'"],
      env: { DISTILL_CLUSTER_MIRROR: 'ftp:here', DISTILL_CLUSTER_CACHE: join(place, 'cache') },
    },
  },
  'output directory': {
    'files in it': {
      args: [...small, '--out', fullDirectory],
      says: [fullDirectory, '1 files in it', '--force'],
    },
    'a file': { args: [...small, '--out', aFile], says: [aFile, 'a file'] },
    'below a file': { args: [...small, '--out', join(aFile, 'out')], says: [aFile, 'ENOTDIR'] },
  },
  'other commands': {
    'evaluate: no set named': { args: ['evaluate'], says: ["argument 'SET'"] },
    'evaluate: no such file': { args: ['evaluate', 'no.safetensors'], says: ['no.safetensors'] },
    'evaluate: no set': { args: ['evaluate', aFile], says: [aFile] },
    'evaluate: half a set': {
      args: ['evaluate', put('half.safetensors', set.subarray(0, 2000))],
      says: ['half.safetensors'],
    },
    'evaluate: a set with a flipped bit': {
      args: ['evaluate', put('bit.safetensors', flipped)],
      says: ['bit.safetensors', 'sha256'],
    },
    'evaluate: a set of other images': { args: ['evaluate', setFile], says: ['8×8×1', '28×28×1'] },
    'reproduce: a step beyond the last': {
      args: ['reproduce', ...small, '--steps', '4', '--step', '4'],
      says: ['step', '0 to 3', 'found 4'],
    },
    'reproduce: a step that is none': {
      args: ['reproduce', ...small, '--step', 'last'],
      says: ['--step', "'last'"],
    },
    'reproduce: a step before the first': {
      args: ['reproduce', ...small, '--step', '-1'],
      says: ['--step', "'-1'"],
    },
    'reproduce: no such member': {
      args: ['reproduce', ...small, '--models', 'logreg:2', '--member', '2'],
      says: ['member', '0 to 1', 'found 2'],
    },
    'reproduce: an unknown engine': {
      args: ['reproduce', ...small, '--engine', 'onx'],
      says: ["'onx'", 'did you mean onnx?'],
    },
    'reproduce: nowhere to write': {
      args: ['reproduce', ...small, '--out', join(aFile, 'task.npz')],
      says: [aFile],
    },
  },
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
  const { status } = await run([
    ...small,
    '--models',
    'logreg',
    '--steps',
    '1',
    '--out',
    fullDirectory,
    '--force',
  ]);
  expect(status).toBe(0);
  expect(tree(fullDirectory)).toHaveLength(7);
});
