import { expect, test } from 'vitest';
import { countedIn, isUnfinished, straysIn } from '../../src/report/runFiles.ts';

const uuid = '01234567-89ab-cdef-0123-456789abcdef';
const strays = [
  '.writable-aB3xYz',
  `config.json.${uuid}.tmp`,
  `result.json.${uuid}.tmp`,
  `.lock.owner.${uuid}`,
];
const others = ['notes.txt', `thesis.tex.${uuid}.tmp`, '.writable', 'config.json.tmp', 'result.json', '.git'];

test('what killed runs leave is known from what is anybody’s', () => {
  expect(straysIn([...others, ...strays])).toEqual(strays);
  expect(countedIn(['.lock', '.lock.owner', ...others, ...strays])).toEqual(others);
});

test('a run without a result is unfinished; a directory with anything else in it is not', () => {
  for (const names of [
    [],
    ['.lock'],
    ['checkpoints'],
    ['config.json', 'metrics.jsonl', 'checkpoints', ...strays],
  ])
    expect(isUnfinished(names)).toBe(true);
  for (const other of others) expect(isUnfinished(['config.json', other])).toBe(false);
});
