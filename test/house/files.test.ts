import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from './importRules.ts';

/** A file is read in one sitting. */
const lineLimit = 300;

const sources = (await readdir(join(root, 'src'), { recursive: true }))
  .filter(path => path.endsWith('.ts'))
  .sort();

test('there are files to judge', () => {
  expect(sources.length).toBeGreaterThan(80);
});

describe.each(sources)('src/%s', path => {
  test(`opens with what it is for, and has at most ${lineLimit} lines`, async () => {
    const text = await readFile(join(root, 'src', path), 'utf8');
    expect(text.replace(/^#!.*\n/, '').slice(0, 10)).toBe('/** @file ');
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(lineLimit);
  });
});
